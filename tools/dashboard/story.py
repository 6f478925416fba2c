"""What happens in the run that is drawn: something of all that the dashboard shows, but for dead letters."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from local.cloud.shared.live_settings import Settings
from local.emulator import ROOT, Account
from local.pipeline import Pipeline, Upload
from local.source_zips import zip_of, zip_with

SECONDS = 420
HELLO, BROKEN = (zip_of(ROOT / "examples" / name) for name in ("hello", "broken"))
BASE = "FROM public.ecr.aws/docker/library/busybox:stable"
TAKEN = "taken"
"""The name of the policy that takes a right."""


def working(seconds: int) -> bytes:
    """A source whose build works for some seconds, each time anew."""
    text = f"{datetime.now(UTC)}"
    return zip_with({"Dockerfile": f"{BASE}\nCOPY text /\nRUN sleep {seconds}\nCMD httpd -f\n", "text": text})


@dataclass(frozen=True)
class Story:
    """The run's events, in a stack of an account of its own."""

    here: Account
    pipeline: Pipeline

    @property
    def events(self) -> list[tuple[int, Callable[[], object]]]:
        """What happens at which second."""
        return [
            (5, self.good),
            (25, lambda: self.works(5)),
            (40, self.broken),
            (55, self.no_zip),
            (65, lambda: self.works(25)),  # the next one waits for it: here one build runs at a time
            (68, self.good),
            (85, lambda: self.works(3)),
            (100, self.is_delivered_again),
            (105, self.good),
            (120, self.quota_is_used_up),
            (122, self.good),  # waits until its message comes again, and is superseded then
            (124, lambda: self.works(1)),  # so is this one
            (142, self.quota_is_free),
            (145, lambda: self.works(8)),
            (165, self.good),
            (185, self.mails_are_forbidden),
            (187, self.good),
            (200, self.broken),
            (215, self.mails_are_allowed),
            (220, lambda: self.works(10)),
            (240, self.no_zip),
            (245, self.no_zip),
            (255, self.good),
            (265, lambda: self.works(2)),
            (285, self.is_delivered_again),
            (290, self.good),
            (325, lambda: self.works(4)),
            (345, self.broken),
            (365, self.good),
            (385, lambda: self.works(6)),
        ]

    def good(self) -> Upload:
        """An upload that builds."""
        return self.pipeline.upload("hello.zip", HELLO)

    def works(self, seconds: int) -> None:
        """An upload whose build takes longer."""
        self.pipeline.upload("works.zip", working(seconds))

    def broken(self) -> None:
        """An upload whose build fails."""
        self.pipeline.upload("broken.zip", BROKEN)

    def no_zip(self) -> None:
        """An upload that is rejected."""
        self.pipeline.upload("notes.txt", b"no zip")

    def is_delivered_again(self) -> None:
        """EventBridge delivers the event of the first upload once more."""
        (first,) = self.pipeline.s3.list_object_versions(Bucket=self.pipeline.bucket, Prefix="hello.zip")["Versions"][
            -1:
        ]
        event = json.loads((ROOT / "events" / "object-created.json").read_text())
        event["detail"]["bucket"]["name"] = self.pipeline.bucket
        event["detail"]["object"] |= {"key": first["Key"], "size": first["Size"], "version-id": first["VersionId"]}
        queue = self.pipeline.outputs["UploadQueueUrl"]
        self.pipeline.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(event))

    def quota_is_used_up(self) -> None:
        """The account takes no builds any more."""
        self.here.set(Settings(concurrent_builds=0))

    def quota_is_free(self) -> None:
        """It takes them again."""
        self.here.set(Settings())

    def mails_are_forbidden(self) -> None:
        """RecordImage loses the right to send mails."""
        statement = {"Effect": "Deny", "Action": "sns:Publish", "Resource": "*"}
        self.pipeline.client("iam").put_role_policy(
            RoleName=self.pipeline.physical("RecordImageRole"),
            PolicyName=TAKEN,
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    def mails_are_allowed(self) -> None:
        """It gets the right back."""
        role = self.pipeline.physical("RecordImageRole")
        self.pipeline.client("iam").delete_role_policy(RoleName=role, PolicyName=TAKEN)
