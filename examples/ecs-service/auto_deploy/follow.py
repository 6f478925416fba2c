"""Makes an ECS service run what the parameter names, and publishes why a deployment failed."""

import json
import os
from typing import Any

import boto3
from failures import Explanation, explained, last_failed

ecs, sns, ssm = boto3.client("ecs"), boto3.client("sns"), boto3.client("ssm")

CLUSTER, SERVICE, CONTAINER = os.environ["CLUSTER"], os.environ["SERVICE"], os.environ["CONTAINER"]
# DescribeTaskDefinition returns members that RegisterTaskDefinition doesn't accept.
TAKEN = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
WHAT_TO_DO = "The service still runs the previous image. Upload a fixed source, or put an older URI into the parameter."


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handles each message on its own. Returns the ones that failed: SQS delivers only these again."""
    return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in event["Records"] if not done(each)]}


def done(record: dict[str, Any]) -> bool:
    """Handles a message. Returns whether that succeeded, and logs the error if it didn't."""
    try:
        handle(json.loads(record["body"]), int(record["attributes"]["ApproximateReceiveCount"]))
    except Exception as error:  # one message's error must not fail the others
        print(json.dumps({"message": "A message couldn't be handled", "service": SERVICE, "error": repr(error)}))
        return False
    return True


def handle(happened: dict[str, Any], times: int) -> None:
    """Publishes a failed deployment, or follows the parameter. `times` counts the message's deliveries."""
    if happened["source"] == "aws.ecs":
        publish(happened["detail"])
    else:
        # The stack may publish a recorded upload again, long after ECS gave its image up: don't try that image again.
        # After a change by hand, or if this message couldn't be handled before, do try it again.
        follow(only_new=happened["source"] == "source-to-ecr" and times == 1)


def follow(*, only_new: bool) -> None:
    """Deploys the recorded image, unless the service runs it. With `only_new`, unless it was registered last."""
    definition = described(service()["taskDefinition"])
    uri = ssm.get_parameter(Name=os.environ["PARAMETER"])["Parameter"]["Value"]
    if container_of(definition)["image"] == uri:
        return
    if only_new and container_of(described(definition["family"]))["image"] == uri:
        print(json.dumps({"message": "This image was tried before", "imageUri": uri}))
        return
    container_of(definition)["image"] = uri
    wanted = {name: value for name, value in definition.items() if name in TAKEN}
    arn = ecs.register_task_definition(**wanted)["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=arn)
    print(json.dumps({"message": "Deploys", "taskDefinition": arn, "imageUri": uri}))


def service() -> dict[str, Any]:
    """The service as ECS describes it.

    Raises:
        LookupError: the service or its cluster was deleted.
    """
    try:
        found = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    except ecs.exceptions.ClusterNotFoundException:
        found = []
    for each in found:
        if each["status"] == "ACTIVE":  # ECS describes a deleted service for a while
            return dict(each)
    raise LookupError(f"The cluster {CLUSTER} has no service {SERVICE}. Delete the auto-deploy stack.")


def described(task_definition: str) -> dict[str, Any]:
    """A task definition with its tags. Given a family instead of an ARN, its newest revision."""
    answer = ecs.describe_task_definition(taskDefinition=task_definition, include=["TAGS"])
    # Only AWS may set these tags.
    tags = [each for each in answer.get("tags", []) if not each["key"].startswith("aws:")]
    return answer["taskDefinition"] | ({"tags": tags} if tags else {})


def container_of(definition: dict[str, Any]) -> dict[str, Any]:
    """The container in a task definition that gets the image."""
    containers = {each["name"]: each for each in definition["containerDefinitions"]}
    if CONTAINER not in containers:
        raise LookupError(f"{definition['family']} has no container {CONTAINER}, but {', '.join(containers)}.")
    found: dict[str, Any] = containers[CONTAINER]
    return found


def publish(detail: dict[str, Any]) -> None:
    """Publishes why a deployment failed: ECS's reason, and how the last failed task ended."""
    known = {"service": SERVICE, "status": "not deployed", "reason": detail["reason"]}
    task = last_failed(tasks_of(detail["deploymentId"]))
    why = explained(boto3.client, task, CONTAINER, os.environ["PROJECT"]) if task else Explanation({})
    found = Explanation(known | why.facts, why.lines)
    print(json.dumps({"message": "A deployment failed", **found.facts, "output": found.lines}))
    text = f"{found.text}\n{WHAT_TO_DO}\n"
    sns.publish(TopicArn=os.environ["TOPIC"], Subject=f"{SERVICE}: not deployed"[:99], Message=text)


def tasks_of(deployment: str) -> list[dict[str, Any]]:
    """The deployment's stopped tasks, which ECS lists for an hour."""
    # assumes: stopped-tasks-listed
    arns = ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE, desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []
    return [each for each in tasks if each.get("startedBy") == deployment]
