"""Each check that asks a service: it holds on the expected answer, and finds the one that breaks its assumption."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.pipeline import Pipeline
from ship.aws.access import Access
from tests.verify.test_checks import UPLOADED, evidence
from verify.checks import CHECKS
from verify.evidence import Evidence
from verify.rollback import Rollback
from verify.verdicts import DidNotHold, NotTried

LOOKS = {check.assumption: check.look for check in CHECKS}
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


@pytest.fixture
def answers() -> Answers:
    """Nothing is answered yet. Nothing is waited for."""
    pipeline = Pipeline(boto3.Session(), OUTPUTS, None, STACK)
    found = evidence(pipeline=pipeline, with_dashboard=pipeline)
    found.access, found.patience = Access(), 0.0
    return Answers(found)


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


def buckets(answers: Answers, *names: str, created: str = "AWS::S3::Bucket") -> None:
    """The second stack, which had created something, is deleted, and these buckets are there."""
    deployment(answers, "Resource already exists")
    stack = {
        "StackName": f"{STACK}-second",
        "StackId": "id",
        "CreationTime": UPLOADED,
        "StackStatus": "CREATE_COMPLETE",
    }
    event = {"StackId": "id", "EventId": "1", "StackName": "x", "Timestamp": UPLOADED}
    event |= {"ResourceType": created, "ResourceStatus": "CREATE_COMPLETE"}
    answers.add("cloudformation", "describe_stack_events", {"StackEvents": [event]})
    for _ in range(3):
        answers.add("cloudformation", "describe_stacks", {"Stacks": [stack]})
    answers.add("cloudformation", "delete_stack", {})
    answers.add("cloudformation", "describe_stacks", {"Stacks": [stack | {"StackStatus": "DELETE_COMPLETE"}]})
    answers.add("s3", "list_buckets", {"Buckets": [{"Name": name} for name in names]})


def stacks_twice(answers: Answers) -> None:
    """DescribeStacks answers with a name and without."""
    for _ in range(2):
        answers.add("cloudformation", "describe_stacks", {"Stacks": []})


type Given = Callable[[Answers], object]
OCI = "application/vnd.oci.image.manifest.v1+json"
HOLDS: list[tuple[str, Given]] = [
    ("quota-names", lambda it: quotas(it, "Concurrently running builds for ARM/Small environment")),
    ("oci-images", lambda it: image(it, OCI)),
    ("immutable-tag-exclusions", lambda it: put_again(it, refused=True)),
    ("lifecycle-protection", lambda it: preview(it, "sha256:" + "2" * 64)),
    ("scan-on-push", lambda it: scan(it, "COMPLETE")),
    ("build-lines-arrive", lambda it: log_events(it, 2000)),
    ("builds-newest-first", lambda it: builds(it, 3, 2, 1)),
    ("provisioning-time", lambda it: builds(it, *range(10, 0, -1), provisioned=90)),
    ("lambda-runtime", lambda it: report(it, maxMemoryUsedMB=120)),
    ("lambda-bytecode", lambda it: report(it, initDurationMs=600.0)),
    ("action-resources", refusals),
    ("fifo-one-run", lambda it: runs(it, (3, 5), (1, 2), (5, 6))),
    ("dashboard-body", dashboard),
    ("alarms-may-publish", lambda it: alarm(it, f"Successfully executed action {OUTPUTS['AlarmTopicArn']}")),
    ("idle-polling", lambda it: empty_receives(it, 3, 900)),
    ("rules-may-send", deliveries),
    ("adoption-error", lambda it: deployment(it, "Resource of type 'AWS::ECR::Repository' already exists.")),
    ("failed-first-deployment", lambda it: buckets(it, "another", f"{STACK}-sourcebucket")),
]
BROKEN: list[tuple[str, Given]] = [
    ("quota-names", lambda it: quotas(it, "Concurrently running builds for Linux/Small environment")),
    ("oci-images", lambda it: image(it, "application/vnd.docker.distribution.manifest.v2+json")),
    ("immutable-tag-exclusions", lambda it: put_again(it, refused=False)),
    ("lifecycle-protection", lambda it: preview(it, DIGEST, "sha256:" + "2" * 64)),
    ("scan-on-push", lambda it: scan(it, "FAILED")),
    ("scan-on-push", lambda it: scan(it, "")),
    ("build-lines-arrive", lambda it: log_events(it, 31_000)),
    ("builds-newest-first", lambda it: builds(it, 1, 2)),
    ("provisioning-time", lambda it: builds(it, *range(10, 0, -1), provisioned=91)),
    ("lambda-runtime", lambda it: report(it, maxMemoryUsedMB=512)),
    ("lambda-bytecode", lambda it: report(it, initDurationMs=1200.0)),
    ("action-resources", lambda it: refusals(it, "is not authorized to perform: ecr:PutImage")),
    ("fifo-one-run", lambda it: runs(it, (4, 6), (1, 5))),
    ("dashboard-body", lambda it: dashboard(it, "Invalid metric")),
    ("alarms-may-publish", alarm),
    ("alarms-may-publish", lambda it: alarm(it, "Failed to execute action")),
    ("idle-polling", lambda it: empty_receives(it, 3, 1251)),
    ("rules-may-send", lambda it: deliveries(it, 1.0)),
    ("rules-may-send", lambda it: deliveries(it, 1.0, came=False)),
    ("adoption-error", lambda it: deployment(it, f"Repository {SERVICE}: Internal failure")),
    ("failed-first-deployment", lambda it: buckets(it, f"{STACK}-second-sourcebucket")),
]
UNTRIABLE: list[tuple[str, Given]] = [
    ("lifecycle-protection", preview),
    ("builds-newest-first", lambda it: builds(it, 1)),
    ("idle-polling", lambda it: empty_receives(it, 3)),
    ("rules-may-send", lambda it: deliveries(it, came=False)),
    ("adoption-error", lambda it: deployment(it, "sam build failed: no space left on device")),
    ("failed-first-deployment", lambda it: buckets(it, created="AWS::SQS::Queue")),
    ("quota-names", lambda it: it.add("service-quotas", "list_service_quotas", {"Quotas": []})),
    ("batch-get-builds-speed", lambda it: it.add("codebuild", "list_builds_for_project", {"ids": ["one"]})),
    ("provisioning-time", lambda it: builds(it, *range(9, 0, -1))),
    ("lambda-runtime", report),
    ("lambda-bytecode", report),
    ("fifo-one-run", runs),
    ("idle-polling", lambda it: empty_receives(it, 1, 1)),
    ("describe-stacks-by-name", stacks_twice),
]


@pytest.mark.parametrize(("assumption", "given"), HOLDS, ids=[name for name, _ in HOLDS])
def test_it_holds_on_the_expected_answer(answers: Answers, assumption: str, given: Given) -> None:
    given(answers)

    assert LOOKS[assumption](answers.evidence).endswith((".", "1"))


@pytest.mark.parametrize(("assumption", "given"), BROKEN, ids=[name for name, _ in BROKEN])
def test_another_answer_is_found(answers: Answers, assumption: str, given: Given) -> None:
    given(answers)

    with pytest.raises(DidNotHold):
        LOOKS[assumption](answers.evidence)


@pytest.mark.parametrize(("assumption", "given"), UNTRIABLE, ids=[name for name, _ in UNTRIABLE])
def test_what_says_nothing_is_no_verdict(answers: Answers, assumption: str, given: Given) -> None:
    given(answers)

    with pytest.raises(NotTried):
        LOOKS[assumption](answers.evidence)


def test_a_refused_description_of_all_stacks_is_what_is_expected(answers: Answers) -> None:
    answers.add("cloudformation", "describe_stacks", {"Stacks": []})
    answers.refuse("cloudformation", "describe_stacks", "AccessDenied")

    assert LOOKS["describe-stacks-by-name"](answers.evidence).endswith("it was refused.")
