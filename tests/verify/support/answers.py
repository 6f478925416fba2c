"""The answers of AWS's services, in AWS's own shapes."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.stub import Stubber

from tests.verify.support.stories import UPLOADED
from verify.gathering.evidence import Evidence
from verify.gathering.rollback import Rollback

SERVICE, STACK = "verify-abcdef", "source-to-ecr-verify-abcdef"
URI = f"111122223333.dkr.ecr.us-east-1.amazonaws.com/{SERVICE}"
OUTPUTS = {
    "RepositoryUri": URI,
    "ProjectName": SERVICE,
    "ParameterName": f"/{SERVICE}/image-uri",
    "StartBuildLogGroup": f"{STACK}-StartBuild",
    "RecordImageLogGroup": f"{STACK}-RecordImage",
    "AlarmTopicArn": f"arn:aws:sns:us-east-1:111122223333:{STACK}-AlarmTopic",
    "DashboardName": f"{SERVICE}-us-east-1",
}
DIGEST = "sha256:" + "1" * 64


@dataclass
class Answers:
    """Clients of services whose answers are known, in AWS's own shapes."""

    evidence: Evidence
    stubs: dict[str, Stubber] = field(default_factory=dict)

    def add(self, service: str, operation: str, answer: dict[str, Any]) -> "Answers":
        """The next answer of a service."""
        self.stub(service).add_response(operation, answer)
        return self

    def refuse(self, service: str, operation: str, code: str, said: str = "") -> "Answers":
        """The next answer of a service is an error."""
        self.stub(service).add_client_error(operation, code, said)
        return self

    def stub(self, service: str) -> Stubber:
        """The service's stubbed client."""
        if service not in self.stubs:
            client: Any = boto3.client(service, region_name="us-east-1")  # type: ignore[call-overload]
            self.stubs[service] = Stubber(client)
            self.stubs[service].activate()
            name = {"service-quotas": "quotas"}.get(service, service)
            self.evidence.access.__dict__[name] = client
            self.evidence.pipeline.__dict__[name] = client
        return self.stubs[service]


def quotas(answers: Answers, name: str) -> None:
    """Service Quotas lists one quota of CodeBuild."""
    listed = [{"QuotaName": name, "Value": 1.0}]
    answers.add("service-quotas", "list_service_quotas", {"Quotas": listed})


def image(answers: Answers, kind: str) -> None:
    """ECR describes an image of this media type."""
    answers.add("ecr", "describe_images", {"imageDetails": [{"imageManifestMediaType": kind}]})


def put_again(answers: Answers, *, refused: bool) -> None:
    """Somebody puts another image under a build tag."""
    answers.add("ecr", "batch_get_image", {"images": [{"imageManifest": "{}", "imageManifestMediaType": "x"}]})
    if refused:
        answers.refuse("ecr", "put_image", "ImageTagAlreadyExistsException")
    else:
        answers.add("ecr", "put_image", {"image": {}})


def preview(answers: Answers, *expiring: str, refusal: Exception | None = None) -> None:
    """The preview of the lifecycle policy says so, with `latest` on the image whose digest has ones."""
    rollback = Rollback(1.0, DIGEST, expiring, refusal)  # type: ignore[arg-type]
    answers.evidence.__dict__["_rollback_once"] = (rollback, None)


def scan(answers: Answers, status: str) -> None:
    """The first image's scan is so far."""
    if status:
        answers.add("ecr", "describe_image_scan_findings", {"imageScanStatus": {"status": status}})
    else:
        answers.refuse("ecr", "describe_image_scan_findings", "ScanNotFoundException")


def log_events(answers: Answers, late: int) -> None:
    """A build's lines came so many milliseconds after they were printed."""
    answers.evidence.first.build_or_fail()["logs"] = {"groupName": "g", "streamName": "s"}
    events = [{"timestamp": 1000, "ingestionTime": 1000 + late, "message": "line"}]
    answers.add("logs", "get_log_events", {"events": events})


def builds(answers: Answers, *minutes: int, provisioned: int = 60) -> None:
    """The project's builds began in these minutes, as they are listed."""
    ids = [f"{SERVICE}:{number}" for number, _ in enumerate(minutes)]
    began = [UPLOADED + timedelta(minutes=minute) for minute in minutes]
    answers.add("codebuild", "list_builds_for_project", {"ids": ids})
    described = [
        {
            "id": name,
            "startTime": time,
            "phases": [{"phaseType": "PROVISIONING", "endTime": time + timedelta(seconds=provisioned)}],
        }
        for name, time in zip(ids, began, strict=True)
    ]
    answers.add("codebuild", "batch_get_builds", {"builds": described})


def report(answers: Answers, **metrics: float) -> None:
    """Lambda's own report of StartBuild."""
    events = [{"message": json.dumps({"record": {"metrics": metrics}})}]
    answers.add("logs", "filter_log_events", {"events": events if metrics else []})


def refusals(answers: Answers, *found: str) -> None:
    """The lines of both functions' logs that have a refusal."""
    answers.add("logs", "filter_log_events", {"events": []})
    answers.add("logs", "filter_log_events", {"events": [{"message": line} for line in found]})


def runs(answers: Answers, *times: tuple[int, int]) -> None:
    """Lambda's records of RecordImage's runs, by the seconds in which each began and ended."""
    events = [
        {"time": f"2026-11-30T12:00:{second:02}.000Z", "type": kind, "record": {"requestId": str(number)}}
        for number, (begin, end) in enumerate(times)
        for kind, second in (("platform.start", begin), ("platform.report", end))
    ]
    events.append({"time": "2026-11-30T12:00:00.000Z", "type": "platform.initStart", "record": {}})
    answers.add("logs", "filter_log_events", {"events": [{"message": json.dumps(event)} for event in events]})


def dashboard(answers: Answers, *messages: str) -> None:
    """CloudWatch's messages about the dashboard's body."""
    answers.add("cloudwatch", "get_dashboard", {"DashboardBody": '{"widgets": []}'})
    listed = [{"Message": message} for message in messages]
    answers.add("cloudwatch", "put_dashboard", {"DashboardValidationMessages": listed})


def alarm(answers: Answers, *summaries: str) -> None:
    """An alarm's history after its state was set."""
    described = {"AlarmName": f"{STACK}-x", "AlarmActions": [OUTPUTS["AlarmTopicArn"]]}
    answers.add("cloudwatch", "describe_alarms", {"MetricAlarms": [described]})
    answers.add("cloudwatch", "set_alarm_state", {})
    items = [{"HistorySummary": summary} for summary in summaries]
    answers.add("cloudwatch", "describe_alarm_history", {"AlarmHistoryItems": items})


def empty_receives(answers: Answers, hours: int, *numbers: float) -> None:
    """A run that began so long ago, and a queue's empty receives in the last hour."""
    answers.evidence.run.began = f"{datetime.now(UTC) - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
    answers.evidence.pipeline.outputs["UploadQueueUrl"] = "https://sqs/1/q"  # type: ignore[index]
    answers.add("cloudwatch", "get_metric_data", {"MetricDataResults": [{"Values": list(numbers)}]})


def deliveries(answers: Answers, *failed: float, came: bool = True) -> None:
    """The numbers of a rule's failed deliveries, and whether the first upload's event came."""
    if not came:
        answers.evidence.__dict__["_begun_once"] = (replace(answers.evidence.begun, seconds=None), None)
    rule = {"LogicalResourceId": "UploadRule", "PhysicalResourceId": f"{STACK}-UploadRule", "Timestamp": UPLOADED}
    rule |= {"ResourceType": "AWS::Events::Rule", "ResourceStatus": "CREATE_COMPLETE"}
    answers.add("cloudformation", "describe_stack_resources", {"StackResources": [rule]})
    for _ in range(3):
        answers.add("cloudwatch", "get_metric_data", {"MetricDataResults": [{"Values": list(failed)}]})


def deployment(answers: Answers, said: str) -> None:
    """What SAM CLI says about the second stack."""
    answers.evidence.__dict__["_second_deployment_once"] = (said, None)


def settled(answers: Answers, *ages: int, latest: int = 0, expiring: tuple[int, ...] = ()) -> None:
    """Settled images of these ages in minutes. One is `latest`, and ECR's preview would expire some."""
    described = [
        {
            "imageDigest": f"sha256:{age}",
            "imagePushedAt": UPLOADED - timedelta(minutes=age),
            "imageTags": [f"settled-{age}", *(["latest"] if age == latest else [])],
        }
        for age in ages
    ]
    described.append({"imageDigest": "sha256:cache", "imagePushedAt": UPLOADED, "imageTags": ["buildcache"]})
    answers.add("ecr", "describe_images", {"imageDetails": described})
    rule = {"description": "x" * 100, "selection": {"tagPatternList": ["settled-*"], "countNumber": 10}}
    answers.add("ecr", "get_lifecycle_policy", {"lifecyclePolicyText": json.dumps({"rules": [rule]})})
    answers.add("ecr", "start_lifecycle_policy_preview", {})
    results = [{"imageDigest": f"sha256:{age}"} for age in expiring]
    answers.add("ecr", "get_lifecycle_policy_preview", {"status": "COMPLETE", "previewResults": results})


def queued(answers: Answers, *ended: int, seconds: int = 60) -> None:
    """Builds whose phase QUEUED took so many seconds, and ended so many seconds after their `startTime`."""
    answers.add("codebuild", "list_builds_for_project", {"ids": [f"{SERVICE}:{number}" for number in ended]})
    described = [
        {
            "id": f"{SERVICE}:{end}",
            "startTime": UPLOADED,
            "phases": [
                {"phaseType": "QUEUED", "durationInSeconds": seconds, "endTime": UPLOADED + timedelta(seconds=end)}
            ],
        }
        for end in ended
    ]
    answers.add("codebuild", "batch_get_builds", {"builds": described})


def stacks_twice(answers: Answers) -> None:
    """DescribeStacks answers with a name and without."""
    for _ in range(2):
        answers.add("cloudformation", "describe_stacks", {"Stacks": []})


def refused_builds(answers: Answers, *errors: str) -> None:
    """StartBuild's log has these errors of CodeBuild, each with its words."""
    lines = [f'{{"cause": "An error occurred ({error}"}}' for error in errors]
    answers.add("logs", "filter_log_events", {"events": [{"message": line} for line in lines]})
