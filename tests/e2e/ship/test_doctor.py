"""`ship doctor` names each permission that a role lacks, and is content again when it is back.

The stack is this file's own, in an account of its own: what other tests break on purpose would be found here as well.
Its uploads reach StartBuild by hand, so that nothing waits for a queue.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from local.emulator import ROOT, Account
from local.pipeline import Pipeline, Upload, wait_for
from local.sam import deploy_built
from local.sources.samples import good, with_dockerfile
from local.subscriber import Subscriber
from tests.e2e.conftest import PARAMETERS
from tests.e2e.support.operators import asked_for_attention, newer_tag, tag_digest, without
from tests.e2e.support.shippers import Shipper
from tests.e2e.support.waiting import SECONDS

ACCOUNT = "444444444444"
NUMBERS = count(1)


@dataclass
class Site:
    """A stack with one upload that is recorded and one that failed, and somebody who follows its builds."""

    pipeline: Pipeline
    follower: Shipper
    subscriber: Subscriber
    notified: list[Upload] = field(default_factory=list)
    digest: str = ""

    def upload(self, body: bytes) -> tuple[Upload, str]:
        """An upload, and the message in which StartBuild hears of it."""
        key = f"{next(NUMBERS)}.zip"
        upload = self.pipeline.upload(key, body)
        event = json.loads((ROOT / "events" / "object-created.json").read_text())
        event["time"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        event["detail"]["bucket"]["name"] = self.pipeline.bucket
        event["detail"]["object"] |= {
            "key": key, "version-id": upload.version, "size": len(body), "sequencer": f"{time.time_ns():016X}",
        }  # fmt: skip
        return upload, json.dumps(event)

    def start(self, message: str) -> None:
        """Has StartBuild take a message."""
        self.invoke("StartBuild", [{"messageId": "by hand", "body": message}])

    def resync(self) -> None:
        """Has RecordImage run as on the schedule."""
        self.invoke("RecordImage", [{"body": (ROOT / "events" / "schedule.json").read_text()}])

    def resync_with_work(self) -> None:
        """Has RecordImage run as on the schedule, with an image to record and two uploads to notify."""
        tag_digest(self.pipeline, self.digest, newer_tag())
        for upload in self.notified:
            self.pipeline.s3.delete_object_tagging(
                Bucket=self.pipeline.bucket, Key=upload.key, VersionId=upload.version
            )
        self.resync()

    def invoke(self, function: str, records: list[dict[str, Any]]) -> None:
        """Runs a function; that it fails is what some tests want."""
        payload = json.dumps({"Records": records}).encode()
        self.pipeline.client("lambda").invoke(FunctionName=self.pipeline.physical(function), Payload=payload)

    def assert_waits(self, upload: Upload, since: float) -> None:
        """Returns when a function has counted for an alarm; the upload has no final status."""
        wait_for("The metric of the alarm", lambda: asked_for_attention(self.pipeline, since), SECONDS)
        assert self.pipeline.tags(upload).get("build-status") in {None, "accepted", "waiting"}

    def wait_until_notified(self, upload: Upload) -> None:
        """Returns when an upload is recorded and its uploader knows, who has heard of nothing else."""
        self.pipeline.wait_until_recorded(upload, SECONDS)
        wait_for("The status", lambda: self.pipeline.tags(upload).get("build-status") == "recorded", SECONDS)
        assert {event["detail-type"] for event in self.subscriber.events(upload)} == {"Image Recorded"}

    def doctor(self) -> tuple[int, list[dict[str, str]]]:
        """The exit code of the follower's doctor, and what it finds."""
        ended = self.follower.ship("doctor", "--json")
        assert ended.stdout, ended.stderr
        return ended.returncode, json.loads(ended.stdout)


@pytest.fixture(scope="module")
def site(here: Account, pipeline: Pipeline) -> Site:
    """The stack, whose upload rule is off."""
    assert pipeline
    there = here.beside(ACCOUNT)
    pipeline = Pipeline(there.session(), deploy_built(there, PARAMETERS), there.endpoint)
    pipeline.client("events").disable_rule(Name=pipeline.physical("UploadRule"))
    made = Site(pipeline, Shipper.with_policies(there, pipeline, "FollowerPolicyArn"), Subscriber.at(pipeline))
    for body in (good("recorded"), with_dockerfile("FROM scratch\nCOPY missing /\n")):
        upload, message = made.upload(body)
        made.start(message)
        made.notified.append(upload)
    recorded, failed = made.notified
    made.digest = pipeline.wait_until_recorded(recorded, SECONDS).partition("@")[2]
    wait_for("The failure", lambda: pipeline.tags(failed).get("build-status") == "failed", SECONDS)
    return made


# What makes a role use its permission, and again when it is back


def rejects(site: Site) -> Callable[[], None]:
    """StartBuild rejects an upload."""
    _, message = site.upload(b"no zip" * 100)
    site.start(message)
    return lambda: site.start(message)


def rejects_another(site: Site) -> Callable[[], None]:
    """StartBuild rejects an upload, then another: what it couldn't do for the first it doesn't try again."""
    rejects(site)
    _, message = site.upload(b"no zip either" * 100)
    return lambda: site.start(message)


def starts(site: Site) -> Callable[[], None]:
    """StartBuild starts a build."""
    began = time.time()
    upload, message = site.upload(good(f"started {next(NUMBERS)}"))
    site.start(message)
    site.assert_waits(upload, began)

    def again() -> None:
        site.start(message)
        site.wait_until_notified(upload)

    return again


def compares(site: Site) -> Callable[[], None]:
    """StartBuild looks whether an upload that has waited is behind a newer one."""
    upload, message = site.upload(good("has waited"))
    with without(site.pipeline, "StartBuildRole", "codebuild:StartBuild"):
        site.start(message)
    site.start(message)

    def again() -> None:
        site.start(message)
        site.wait_until_notified(upload)

    return again


def records(site: Site) -> Callable[[], None]:
    """RecordImage records an image and notifies two uploads."""
    site.resync_with_work()
    return site.resync_with_work


def builds(site: Site) -> Callable[[], None]:
    """A build runs, and again when a resync finds that it failed for nobody's fault."""
    upload, message = site.upload(good(f"built {next(NUMBERS)}"))
    site.start(message)
    site.pipeline.ended_build(upload, SECONDS)

    def again() -> None:
        site.resync()
        site.wait_until_notified(upload)

    return again


TAGS, PUT_TAGS = "s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"
CASES = {
    "StartBuildRole": {
        TAGS: rejects,
        PUT_TAGS: rejects_another,
        "codebuild:StartBuild": starts,
        "ecr:ListImages": compares,
    },
    "RecordImageRole": {
        "ecr:PutImage": records,
        "ssm:PutParameter": records,
        "codebuild:BatchGetBuilds": records,
        "logs:GetLogEvents": records,
        "events:PutEvents": records,
        "sns:Publish": records,
    },
    "ImageBuildRole": {
        "s3:GetObjectVersion": builds,
        "ecr:GetAuthorizationToken": builds,
        "logs:CreateLogStream": builds,
    },
}
ALSO = {
    TAGS: ["s3:GetObjectTagging"],
    PUT_TAGS: ["s3:PutObjectTagging"],
    "s3:GetObjectVersion": ["s3:GetObject"],
}
"""What the emulator asks for in place of the action for a version."""


def lines(found: list[dict[str, str]]) -> str:
    """The findings, as a failing test shows them."""
    return "\n".join(f"{each['level']:8} {each['what']}  {each['toDo'] or ''}" for each in found)


@pytest.mark.parametrize(("role", "action"), [(role, action) for role, each in CASES.items() for action in each])
def test_the_doctor_names_a_missing_permission_until_it_is_back(site: Site, role: str, action: str) -> None:
    denied = [action, *ALSO.get(action, [])]
    with without(site.pipeline, role, *denied) as name:
        again = CASES[role][action](site)
        code, found = site.doctor()

    problems = [each["what"] for each in found if each["level"] == "problem"]
    named = re.compile(rf"{re.escape(name)} lacks the permission (?:{'|'.join(denied)})\b")
    assert any(map(named.search, problems)), lines(found)
    assert all(each["toDo"] for each in found if each["level"] == "problem")
    assert code == 1

    again()
    code, found = site.doctor()
    assert [each["what"] for each in found if each["level"] == "problem"] == [], lines(found)
    assert code == 0


def test_a_followers_policy_allows_all_that_the_doctor_reads(site: Site) -> None:
    _, found = site.doctor()

    unseen = [each["what"] for each in found if each["level"] == "unseen"]
    assert all("ListServiceQuotas" in what for what in unseen)  # the emulator has no quotas
