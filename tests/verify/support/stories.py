"""What becomes of uploads if AWS does what the project expects."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.build_log import reason_line
from core.reasons import Reason
from local.pipeline import Upload
from local.sources.failures import FAILED, REJECTED
from ship.aws.access import Access
from verify.checks.building import A_RUN
from verify.gathering.builder_update import BuilderUpdate
from verify.gathering.evidence import Evidence
from verify.gathering.uploads import Begun, Story
from verify.run import Run

UPLOADED = datetime(2026, 11, 30, 12, tzinfo=UTC)
PHASES = ["SUBMITTED", "QUEUED", "PROVISIONING", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"]
LOG = [
    "[Container] 2026/11/30 12:00:10 Running command python3 builder.zip build",
    '#6 [2/3] RUN echo "probe kernel: $(uname -r)"; echo "probe cgroup: $(stat -fc %t /sys/fs/cgroup)"',
    "#6 0.101 probe kernel: 6.1.150-174.273.amzn2023.aarch64",
    "#6 0.102 probe cgroup: 63677270",
    "Restarting CodeBuild's engine without its TCP port.",
]


def phases(statuses: dict[str, str], said: str = "") -> list[dict[str, Any]]:
    """CodeBuild's phases, all successful but these. The last one, COMPLETED, has no status."""
    listed: list[dict[str, Any]] = [
        {"phaseType": name, "phaseStatus": statuses.get(name, "SUCCEEDED"), "contexts": [{"message": said}]}
        for name in PHASES
    ]
    return [*(each for each in listed if each["phaseStatus"] != "never"), {"phaseType": "COMPLETED"}]


def story(
    status: str = "recorded", reason: str = "", log: list[str] | None = None, tag: str = "a", **build: Any
) -> Story:
    """What became of an upload, with a build like this."""
    described: Any = {
        "buildStatus": "SUCCEEDED",
        "startTime": UPLOADED + timedelta(seconds=3),
        "endTime": UPLOADED + timedelta(minutes=1),
        "phases": phases({}),
        "environment": {
            "environmentVariables": [
                {"name": name} for name in ("BUILDER", "SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG")
            ]
        },
        **build,
    }
    tags = {"build-status": status, "build-reason": reason, "image-tag": tag}
    return Story(Upload("first.zip", "v1"), tags, described, LOG if log is None else log, UPLOADED)


FAILING = story(
    "failed",
    "build-failed: Dockerfile:2 RUN exit 7 ended with exit code 7.",
    [*LOG, reason_line(Reason("build-failed", "Dockerfile:2: …"))],
    buildStatus="FAILED",
    phases=phases({"BUILD": "FAILED", "POST_BUILD": "never"}),
)


def update(*changed: str, **stories: Story) -> BuilderUpdate:
    """An update of the builder. These are its events, each with the type of what changed and its status."""
    names = changed or (
        "AWS::Lambda::LayerVersion CREATE_COMPLETE",
        "AWS::IAM::Role UPDATE_COMPLETE",
        "AWS::CodeBuild::Project UPDATE_COMPLETE",
        "AWS::CloudFormation::Stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "AWS::Lambda::LayerVersion DELETE_COMPLETE",
    )
    pairs = [name.split() for name in names]
    events: Any = [{"EventId": each[0], "ResourceType": each[0], "ResourceStatus": each[1]} for each in pairs]
    return BuilderUpdate(stories.get("during", story()), stories.get("after", story()), events)


GOOD: dict[str, Any] = {
    "builder_update": update(),
    "begun": Begun(Upload("first.zip", "v1"), frozenset(), 2.0),
    "first_build": story().build,
    "first_log": LOG,
    "built": story(),
    "again": story(log=[*LOG, "#6 CACHED"]),
    "odd_key": story(),
    "stopped": story("failed", "stopped: …", buildStatus="STOPPED", phases=phases({"BUILD": "STOPPED"})),
    "burst": [(Upload("burst.zip", tag), {"image-tag": tag, "build-status": "recorded"}) for tag in "abc"],
}


def told() -> dict[str, Story]:
    """What becomes of the known failures: each has its reason."""
    stories = {
        name: story("rejected" if name in REJECTED else "failed", failure.reason)
        for name, failure in (REJECTED | FAILED).items()
    }
    return stories | {A_RUN: FAILING}


def evidence(*, stories: dict[str, Story] | None = None, **known: Any) -> Evidence:
    """Evidence that has been gathered already."""
    found = Evidence(Access(), Run("abcdef", "111122223333", "us-east-1", "2026-11-30T12:00:00Z"))
    found.told = told() if stories is None else stories
    known = {**GOOD, "failures": found.told, **known}
    found.__dict__.update({f"_{name}_once": (value, None) for name, value in known.items()})
    return found
