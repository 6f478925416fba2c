"""RecordImage with an account in which builds end: uploads, builds with their logs, and a subscriber."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from aws import clients
from core.build_log import reason_line
from core.reasons import Reason
from tests.functions.support.bucket import Bucket, Upload
from tests.functions.support.build_logs import Logs
from tests.functions.support.frozen_clock import NOW
from tests.functions.support.project import build_event
from tests.functions.support.recording import Recording
from tests.functions.support.subscriber import Subscriber
from tests.support.hooks import hook_later
from tests.support.stack import event
from tests.support.wire import Wire

BUILD, PARAMETER, SCHEDULE = event("trigger-queue")["Records"]
JUST_NOW = timedelta(seconds=3)
DEPLOYMENT = "/jwt-pizza-service/deployment"
BROKEN = "build-failed: RUN make: exit code: 2"
CONTEXT = (
    "[Container] 2026/11/20 10:16:16 Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing "
    "command: python3 -I builder.zip build. Reason: exit status 1"
)


def line_of(reason: str) -> str:
    """The builder's line for a reason, given as its code and its sentence."""
    code, _, sentence = reason.partition(": ")
    return reason_line(Reason(code, sentence))


LINE = line_of(BROKEN)


@dataclass
class Notifying(Recording):
    """RecordImage with an account in which builds end; `notifier_wire` watches the clients of Notifier."""

    schedule: ClassVar = [SCHEDULE]
    others: ClassVar = [BUILD, PARAMETER]
    records: ClassVar = [BUILD, PARAMETER, SCHEDULE]
    bucket: Bucket = field(init=False)
    logs: Logs = field(init=False)
    notifier_wire: Wire = field(init=False)
    subscriber: Subscriber = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.bucket, self.logs = Bucket(), Logs()
        quick = (clients.s3(clients.QUICK), clients.codebuild(clients.QUICK), clients.ecr(clients.QUICK))
        self.notifier_wire = Wire((*quick, clients.logs(), clients.events(), clients.sns()))
        hook_later(quick[0], "before-call.*.PutObjectTagging", self._take_none)
        self.subscriber = Subscriber(self.notifier_wire)
        self.upload, self.tags = self.bucket.upload, self.bucket.tags

    def ends(self, upload: Upload, status: str, ago: timedelta = JUST_NOW, **changes: Any) -> str:
        """Has a build of an upload end; its id."""
        variables = {
            "SOURCE_KEY": json.dumps(upload.key),
            "SOURCE_VERSION_ID": upload.version_id,
            "IMAGE_TAG": upload.tag,
        }
        found: str = self.project.add(status, NOW - ago, variables, **changes)["id"]
        return found

    @property
    def built_again(self) -> list[str]:
        """The builds that were started again, as the requests' tokens name them."""
        tokens = {hashlib.sha256(each["id"].encode()).hexdigest()[:32]: each["id"] for each in self.project.builds}
        return [tokens[asked["idempotencyToken"]] for asked in self.notifier_wire.of("StartBuild")]

    def add(self, variables: dict[str, str], ago: timedelta) -> dict[str, Any]:
        """Adds a build with these variables that has failed."""
        return self.project.add("FAILED", NOW - ago, variables)

    def succeeds(self, upload: Upload, ago: timedelta = JUST_NOW) -> str:
        """Has a build of an upload give its image; the build's id."""
        self.registry.push(upload.tag)
        return self.ends(upload, "SUCCEEDED", ago)

    def breaks(
        self, upload: Upload, ago: timedelta = JUST_NOW, reason: str = BROKEN, queued: timedelta = timedelta()
    ) -> str:
        """Has a build of an upload fail with a reason in its log, after it was queued for so long; the build's id."""
        build_id = self.ends(upload, "FAILED", ago)
        self.project.queue_last(queued)
        self.logs.write(build_id, line_of(reason), CONTEXT)
        return build_id

    def runs(self, upload: Upload) -> str:
        """Has a build of an upload run; its id."""
        build_id = self.ends(upload, "IN_PROGRESS", buildComplete=False, currentPhase="BUILD")
        del self.project.builds[-1]["endTime"]
        return build_id

    def settles(self, upload: Upload, status: str) -> str:
        """Has an upload end with this status; the id of its build."""
        if status == "failed":
            return self.breaks(upload)
        if status == "superseded":
            self.registry.push(self.upload(key="newer.zip").at("2026-11-20T10:16:00Z").tag)
        return self.succeeds(upload)

    def ends_after_one_upload(self) -> None:
        """Leaves an invocation just the time to notify one upload."""
        self.left = lambda: 29_000 if self.subscriber.counts == (0, 0) else 14_999

    def build_ended(self, *build_ids: str) -> str:
        """Triggers as the ends of these builds do, all in one batch."""
        return self.trigger([self.build_event(build_id) for build_id in build_ids])

    def deploys(self, state: str, named: str, running: str | None, **more: Any) -> None:
        """Has auto-deploy write a record about an image into its parameter."""
        self.put_deployment(json.dumps({"state": state, "imageUri": named, "running": running, **more}))

    def put_deployment(self, value: str) -> None:
        """Writes auto-deploy's parameter."""
        self._ssm.put_parameter(Name=DEPLOYMENT, Value=value, Type="String", Overwrite=True)

    def forget_deployments(self) -> None:
        """Has SSM keep none of the records."""
        self._ssm.delete_parameter(Name=DEPLOYMENT)

    def deployment_changed(self) -> str:
        """Triggers as the change of auto-deploy's parameter does."""
        body = event("parameter-changed")
        body["detail"]["name"] = DEPLOYMENT
        return self.trigger([{**PARAMETER, "body": json.dumps(body)}])

    def resync(self) -> str:
        """Triggers as the schedule does."""
        return self.trigger(self.schedule)

    def _take_none(self, **_: Any) -> Any:
        """S3 takes a set of no tags, which takes all away. moto stumbles over it."""
        asked = self.notifier_wire.of("PutObjectTagging")[-1]
        if asked["Tagging"]["TagSet"]:
            return None
        self.bucket.untag(asked["Key"], asked["VersionId"])
        return AWSResponse("", 200, HTTPHeaders(), None), {"ResponseMetadata": {"HTTPStatusCode": 200}}

    @staticmethod
    def build_event(build_id: str) -> dict[str, Any]:
        """The message with the event of a build's end."""
        body = build_event("SUCCEEDED")
        body["detail"]["build-id"] = f"arn:aws:codebuild:us-east-1:123456789012:build/{build_id}"
        return {**BUILD, "body": json.dumps(body)}


def reason(notifying: Notifying) -> str:
    """The reason in the only event."""
    (detail,) = notifying.subscriber.events
    found: str = detail["reason"]
    return found
