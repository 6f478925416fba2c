# Has a service of ECS run what the parameter names, and says on the topic when a deployment failed.
# `make recipe` writes it into auto-deploy.yaml, from where Lambda gets it.
import json
import os
from typing import Any

import boto3

ecs, sns, ssm = boto3.client("ecs"), boto3.client("sns"), boto3.client("ssm")

CLUSTER, SERVICE, CONTAINER = os.environ["CLUSTER"], os.environ["SERVICE"], os.environ["CONTAINER"]
# DescribeTaskDefinition gives more than RegisterTaskDefinition takes.
TAKEN = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
WHAT_TO_DO = "The service goes on as before. Upload a mended source, or put an older URI into the parameter."


def handler(event: dict[str, Any], _context: object) -> None:
    """Tells of each deployment that failed, and follows the parameter if anything else happened, however often.

    What failed isn't deployed again: only a change of the parameter has it follow.
    """
    happened = [json.loads(record["body"]) for record in event["Records"]]
    for each in happened:
        if each["source"] == "aws.ecs":
            tell(each["detail"])
    if any(each["source"] != "aws.ecs" for each in happened):
        follow()


def follow() -> None:
    """Has the service run what the parameter names now, unless it does."""
    (service,) = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    definition = with_recorded(service["taskDefinition"])
    if definition is None:
        return
    arn = ecs.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=arn)
    print(json.dumps({"message": "Deploys", "taskDefinition": arn}))


def with_recorded(arn: str) -> dict[str, Any] | None:
    """The task definition with the image that the parameter names; None if it has that image."""
    definition = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    containers = {each["name"]: each for each in definition["containerDefinitions"]}
    if CONTAINER not in containers:
        raise LookupError(f"{arn} has no container {CONTAINER}, but {', '.join(containers)}.")
    uri = ssm.get_parameter(Name=os.environ["PARAMETER"])["Parameter"]["Value"]
    if containers[CONTAINER]["image"] == uri:
        return None
    containers[CONTAINER]["image"] = uri
    return {name: value for name, value in definition.items() if name in TAKEN}


def tell(detail: dict[str, Any]) -> None:
    """Publishes why a deployment failed, in the words of ECS and of its task that stopped last."""
    facts = {"service": SERVICE, "status": "not deployed", "reason": detail["reason"]}
    facts |= last_task(detail["deploymentId"])
    print(json.dumps({"message": "A deployment failed", **facts}))
    lines = [f"{name}: {value}" for name, value in facts.items()]
    text = "\n".join([*lines, "", WHAT_TO_DO, ""])
    sns.publish(TopicArn=os.environ["TOPIC"], Subject=f"{SERVICE}: not deployed"[:99], Message=text)


def last_task(deployment: str) -> dict[str, str]:
    """Why the deployment's last task stopped, with which image, and where its log is; nothing if no task is known."""
    arns = ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE, desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []
    stopped = [each for each in tasks if each.get("startedBy") == deployment and "stoppedAt" in each]
    if not stopped:
        return {}
    task = max(stopped, key=lambda each: each["stoppedAt"])
    (container,) = [each for each in task["containers"] if each["name"] == CONTAINER]
    found = {
        "task": task["stoppedReason"],
        "exitCode": container.get("exitCode"),
        "container": container.get("reason"),
        "imageUri": container["image"],
        "log": log_of(task),
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def log_of(task: dict[str, Any]) -> str | None:
    """The log group and stream of the task's container; None if it doesn't log to CloudWatch with a prefix."""
    definition = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
    (container,) = [each for each in definition["containerDefinitions"] if each["name"] == CONTAINER]
    options = container.get("logConfiguration", {}).get("options", {})
    if not {"awslogs-group", "awslogs-stream-prefix"} <= options.keys():
        return None
    task_id = task["taskArn"].rpartition("/")[2]
    return f"{options['awslogs-group']} {options['awslogs-stream-prefix']}/{CONTAINER}/{task_id}"
