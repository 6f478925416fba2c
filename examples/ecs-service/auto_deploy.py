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
    """Follows the parameter if anything but a failed deployment happened, then tells of each of those."""
    happened = [(json.loads(record["body"]), received(record)) for record in event["Records"]]
    asked = [(each["source"], times) for each, times in happened if each["source"] != "aws.ecs"]
    if asked:
        # A recording may be told again long after its image failed, and then it isn't tried again. A change by hand is.
        follow(only_new=all(asking == ("source-to-ecr", 1) for asking in asked))
    for each, _ in happened:
        if each["source"] == "aws.ecs":
            tell(each["detail"])


def received(record: dict[str, Any]) -> int:
    """How often the queue has given this message, this time included."""
    return int(record["attributes"]["ApproximateReceiveCount"])


def follow(*, only_new: bool) -> None:
    """Has the service run what the parameter names, unless it does; `only_new` leaves out what was registered last."""
    (service,) = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    definition = described(service["taskDefinition"])
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


def described(task_definition: str) -> dict[str, Any]:
    """A task definition, by its ARN; by its family, the newest."""
    found: dict[str, Any] = ecs.describe_task_definition(taskDefinition=task_definition)["taskDefinition"]
    return found


def container_of(definition: dict[str, Any]) -> dict[str, Any]:
    """The container of a task definition that gets the image."""
    containers = {each["name"]: each for each in definition["containerDefinitions"]}
    if CONTAINER not in containers:
        raise LookupError(f"{definition['family']} has no container {CONTAINER}, but {', '.join(containers)}.")
    found: dict[str, Any] = containers[CONTAINER]
    return found


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
    options = container_of(described(task["taskDefinitionArn"])).get("logConfiguration", {}).get("options", {})
    if not {"awslogs-group", "awslogs-stream-prefix"} <= options.keys():
        return None
    task_id = task["taskArn"].rpartition("/")[2]
    return f"{options['awslogs-group']} {options['awslogs-stream-prefix']}/{CONTAINER}/{task_id}"
