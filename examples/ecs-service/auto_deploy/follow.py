"""Makes an ECS service run what the parameter names, and records what became of it in the parameter of the ledger."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import ledger
from decision import decide
from failures import Explanation, as_far_as_readable, ended, last_failed, printable
from gathering import Place, gathered
from ledger import Record

LONGEST_REASON = 300

client = cache(boto3.client)


def handler(event: dict[str, Any], _context: object) -> None:
    """Looks once for all messages of the batch. If that fails, SQS delivers them again."""
    names = (os.environ[name] for name in ("CLUSTER", "SERVICE", "CONTAINER", "PARAMETER", "LEDGER"))
    print(json.dumps({"message": "Looks", "messages": len(event["Records"])}))
    follow(client, Place(*names), datetime.now(UTC))


def follow(client: Any, place: Place, now: datetime) -> None:
    """Looks at everything, decides, and acts.

    Args:
        client: returns a client for the name of an AWS service, like `boto3.client`.
        place: what to look at.
        now: the time.

    Raises:
        ClientError: AWS refuses a request.
        BotoCoreError: AWS doesn't answer.
        LookupError: the service's task definition has no container of that name.
    """
    facts = gathered(client, place, now)
    decided = decide(facts)
    print(json.dumps({"message": "Decided", "service": place.service, "action": decided.action, "why": decided.why}))
    record = decided.record
    if decided.action == "deploy" and record and facts.service:
        record = deploy(client("ecs"), place, record, facts.service.primary.definition)
    if decided.action == "explain" and record:
        record = explained(client, place, record)
    if record and record != facts.last:
        # assumes: parameter-value-braces
        client("ssm").put_parameter(Name=place.ledger, Value=ledger.written(record), Type="String", Overwrite=True)
        print(json.dumps({"message": "Recorded", "state": record.state, "imageUri": record.image}))


def deploy(ecs: Any, place: Place, record: Record, current: str) -> Record:
    """Deploys the record's image with the service's task definition. Returns the record with the deployment's id."""
    definition = described(ecs, current)
    container_of(definition, place.container)["image"] = record.image
    # DescribeTaskDefinition returns members that RegisterTaskDefinition doesn't accept.
    taken = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    wanted = {name: value for name, value in definition.items() if name in taken}
    arn = ecs.register_task_definition(**wanted)["taskDefinition"]["taskDefinitionArn"]
    updated = ecs.update_service(cluster=place.cluster, service=place.service, taskDefinition=arn)["service"]
    print(json.dumps({"message": "Deploys", "taskDefinition": arn, "imageUri": record.image}))
    return replace(
        record, deployment=next(each["id"] for each in updated["deployments"] if each["status"] == "PRIMARY")
    )


def described(ecs: Any, task_definition: str) -> dict[str, Any]:
    """A task definition with its tags."""
    answer = ecs.describe_task_definition(taskDefinition=task_definition, include=["TAGS"])
    # Only AWS may set these tags.
    tags = [each for each in answer.get("tags", []) if not each["key"].startswith("aws:")]
    return answer["taskDefinition"] | ({"tags": tags} if tags else {})


def container_of(definition: dict[str, Any], name: str) -> dict[str, Any]:
    """The container in a task definition that gets the image."""
    containers = {each["name"]: each for each in definition["containerDefinitions"]}
    if name not in containers:
        raise LookupError(f"{definition['family']} has no container {name}, but {', '.join(containers)}.")
    found: dict[str, Any] = containers[name]
    return found


def explained(client: Any, place: Place, record: Record) -> Record:
    """The record with how the deployment's last task failed, as far as that can be read and is news."""
    why = Explanation({})
    with as_far_as_readable():
        if task := last_failed(stopped_tasks(client("ecs"), place, record)):
            why = ended(client, task, place.container)
    exit_code, reason = why.facts.get("exitCode"), record.reason or ""
    is_first = not (record.exit_code or record.log or record.lines)
    if not (is_first or (exit_code and not record.exit_code) or (why.lines and not record.lines)):
        return record
    check = why.facts.get("healthCheck")
    for text in (why.facts.get("task"), why.facts.get("container"), check and f"The health check: {check}"):
        if text and text not in reason and not reason.endswith("…"):
            reason = f"{sentence(reason)} {sentence(text)}"
    log = why.facts.get("log") or record.log
    return replace(
        record,
        reason=shortened(printable(sentence(reason))),
        exit_code=exit_code or record.exit_code,
        log=log,
        lines=why.lines or record.lines,
    )


def sentence(text: str) -> str:
    """The text with a full stop."""
    return text if text.endswith((".", "…")) else f"{text}."


def shortened(text: str) -> str:
    """The text, cut where it gets too long for the record."""
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def stopped_tasks(ecs: Any, place: Place, record: Record) -> list[dict[str, Any]]:
    """The deployment's stopped tasks, which ECS lists for an hour. Without a deployment's id, those with its image."""
    # assumes: stopped-tasks-listed
    arns = ecs.list_tasks(cluster=place.cluster, serviceName=place.service, desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(cluster=place.cluster, tasks=arns)["tasks"] if arns else []
    if record.deployment:
        return [each for each in tasks if each.get("startedBy") == record.deployment]
    return [each for each in tasks if any(one.get("image") == record.image for one in each["containers"])]
