"""Each check of a build's evidence: it holds on what the project expects, and finds what breaks its assumption."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any

import pytest

from core.build_log import reason_line
from core.reasons import Reason
from local.failures import FAILED, REJECTED
from local.pipeline import Upload
from ship.aws.access import Access
from verify import uploads
from verify.checking import Check
from verify.checks import building, events, failing
from verify.checks.building import A_RUN
from verify.evidence import Evidence
from verify.run import Run
from verify.uploads import Begun, Story, begin, first_build, wait_until_final
from verify.verdicts import DidNotHold, NotTried

UPLOADED = datetime(2026, 11, 30, 12, tzinfo=UTC)
NAMES = {
    "a_run": A_RUN,
    "missing_loader": "a program whose loader is missing",
    "machine": "a program for another machine",
}
PHASES = ["SUBMITTED", "QUEUED", "PROVISIONING", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"]
LOG = [
    "[Container] 2026/11/30 12:00:10 Running command python3 builder.zip build",
    '#6 [2/3] RUN echo "probe kernel: $(uname -r)"; echo "probe cgroup: $(stat -fc %t /sys/fs/cgroup)"',
    "#6 0.101 probe kernel: 6.1.150-174.273.amzn2023.aarch64",
    "#6 0.102 probe cgroup: 63677270",
]
CHECKS = {check.assumption: check for check in (*building.CHECKS, *events.CHECKS, *failing.CHECKS)}


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
GOOD: dict[str, Any] = {
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


def failed(**stories: Story) -> dict[str, Any]:
    """Evidence in which some known failures ended like this."""
    named = {NAMES[name]: each for name, each in stories.items()}
    return {"stories": told() | named}


def evidence(*, stories: dict[str, Story] | None = None, **known: Any) -> Evidence:
    """Evidence that has been gathered already."""
    found = Evidence(Access(), Run("abcdef", "111122223333", "us-east-1", "2026-11-30T12:00:00Z"))
    found.told = told() if stories is None else stories
    known = {**GOOD, "failures": found.told, **known}
    found.__dict__.update({f"_{name}_once": (value, None) for name, value in known.items()})
    return found


def first(**changed: Any) -> dict[str, Any]:
    """Evidence whose first upload is like this."""
    changed_story = story(**changed)
    return {"built": changed_story, "first_build": changed_story.build, "first_log": changed_story.log}


def logged(*lines: str) -> dict[str, Any]:
    """Evidence whose first build logged these lines, too."""
    return first(log=[*LOG, *lines])


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("host-kernel", first(log=[line.replace("6.1.150", "4.14.355") for line in LOG])),
    ("host-kernel", first(log=[line.replace("63677270", "1021994") for line in LOG])),
    ("host-kernel", first(log=LOG[:2])),
    (
        "build-role-trust",
        first(phases=phases({"PROVISIONING": "CLIENT_ERROR"}, "not authorized to perform: sts:AssumeRole")),
    ),
    ("start-build-variables", first(environment={"environmentVariables": [{"name": "SOURCE_KEY"}]})),
    (
        "builder-link-lifetime",
        first(phases=phases({"INSTALL": "FAILED"}), log=["curl: (22) The requested URL returned error: 403"]),
    ),
    ("build-image-programs", first(phases=phases({"PRE_BUILD": "FAILED"}), log=["No module named 'boto3'"])),
    ("engine-restarts", logged("The engine doesn't start with containerd's image store. It starts with its old one.")),
    ("engine-restarts", logged("This engine can't export a layer cache, so every step runs again.")),
    ("engine-outlives-command", logged("ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")),
    ("cgroup-limits", logged('cannot enter cgroupv2 "/sys/fs/cgroup/docker" with domain controllers')),
    ("ecr-public-login", logged("429 Too Many Requests - toomanyrequests: Rate exceeded")),
    ("push-permissions", logged("unexpected status from PUT request: 403 Forbidden")),
    ("push-permissions", {"again": story(log=[*LOG, "importing cache: 403 Forbidden"])}),
    ("push-permissions", logged("error from registry: denied: User is not authorized")),
    ("push-permissions", {"again": story(log=LOG)}),
    ("registry-cache", {"again": story(log=LOG)}),
    ("codebuild-log-lines", failed(a_run=replace(FAILING, log=FAILING.log[1:]))),
    ("codebuild-log-lines", failed(a_run=replace(FAILING, log=LOG))),
    ("codebuild-log-lines", failed(a_run=replace(FAILING, log=[*LOG, FAILING.log[-1][:30]]))),
    ("build-log-silence", failed(a_run=replace(FAILING, tags={**FAILING.tags, "build-reason": "unexplained: …"}))),
    ("on-failure-abort", failed(a_run=story("failed", phases=phases({"BUILD": "FAILED"})))),
    ("kernel-words", failed(missing_loader=story("failed", "not-started: …"))),
    ("kernel-words", failed(machine=story("failed", "not-started: …"))),
    ("kernel-words", failed(machine=story())),
    ("engine-words", failed(missing_loader=story("failed", "not-started: …"))),
    ("ended-builds", {"stopped": story("failed", buildStatus="FAILED", phases=phases({"BUILD": "FAILED"}))}),
    ("ended-builds", failed(a_run=story("failed", buildStatus="FAILED"))),
    ("events-start-late", {"begun": replace(GOOD["begun"], sent_again=True)}),
    ("event-key-unencoded", {"odd_key": story("rejected", "gone: …")}),
    ("event-time-order", {"burst": list(reversed(GOOD["burst"]))}),
    (
        "event-time-order",
        {"burst": [(upload, tags | {"build-status": "superseded"}) for upload, tags in GOOD["burst"]]},
    ),
]


@pytest.mark.parametrize("assumption", sorted({name for name, _ in BROKEN}))
def test_it_holds_as_expected(assumption: str) -> None:
    assert CHECKS[assumption].look(evidence()).endswith(".")


@pytest.mark.parametrize(("assumption", "known"), BROKEN, ids=[name for name, _ in BROKEN])
def test_what_breaks_the_assumption_is_found(assumption: str, known: dict[str, Any]) -> None:
    with pytest.raises(DidNotHold) as found:
        CHECKS[assumption].look(evidence(**known))

    assert str(found.value).strip()


WAITING = story("waiting", "no-room: The account runs as many builds as it may.", log=[])
UNTRIED: list[tuple[str, dict[str, Any]]] = [
    ("build-role-trust", first(phases=phases({"PROVISIONING": "FAULT"}, "Internal error"))),
    ("builder-link-lifetime", first(phases=phases({"PROVISIONING": "FAULT", "INSTALL": "never"}))),
    (
        "builder-link-lifetime",
        first(phases=phases({"INSTALL": "FAILED"}), log=["AccessDeniedException: GetLayerVersion"]),
    ),
    ("build-image-programs", first(phases=phases({"PRE_BUILD": "FAILED"}), log=["registry-unavailable: …"])),
    ("cgroup-limits", {"built": WAITING}),
    ("codebuild-log-lines", failed(a_run=WAITING)),
    ("build-log-silence", failed(a_run=WAITING)),
    ("on-failure-abort", failed(a_run=story("failed", phases=phases({"PROVISIONING": "FAULT"})))),
    ("on-failure-abort", failed(a_run=story("failed"))),
    ("kernel-words", failed(machine=WAITING)),
    ("engine-words", failed(missing_loader=WAITING)),
    ("events-start-late", {"begun": replace(GOOD["begun"], sent_again=True, seconds=None)}),
    ("events-start-late", {"begun": replace(GOOD["begun"], is_fresh=False)}),
    ("event-key-unencoded", {"odd_key": WAITING}),
    ("event-time-order", {"burst": [(upload, tags | {"build-status": "failed"}) for upload, tags in GOOD["burst"]]}),
]


@pytest.mark.parametrize(("assumption", "known"), UNTRIED, ids=[name for name, _ in UNTRIED])
def test_another_cause_is_not_blamed_on_the_assumption(assumption: str, known: dict[str, Any]) -> None:
    with pytest.raises(NotTried):
        CHECKS[assumption].look(evidence(**known))


@pytest.mark.parametrize("check", building.CHECKS, ids=lambda check: check.assumption)
def test_without_any_build_nothing_is_said_about_builds(check: Check) -> None:
    unbuilt = replace(story("rejected", "not-a-zip: …", log=[]), build=None)
    found = evidence(built=unbuilt, again=unbuilt, stories={A_RUN: unbuilt})
    found.__dict__["_first_build_once"] = (None, NotTried("first.zip has no build. It is rejected: not-a-zip: …"))

    with pytest.raises((DidNotHold, NotTried)):
        check.look(found)


def test_a_missing_permission_to_pass_the_role_is_told_from_other_reasons() -> None:
    found = evidence()
    found.__dict__["_first_build_once"] = (
        None,
        NotTried("first.zip has no build. It is waiting: no-permission: AWS answers StartBuild …"),
    )

    with pytest.raises(DidNotHold, match="StartBuild"):
        CHECKS["start-build-without-pass-role"].look(found)


@dataclass
class Account:
    """An account in which an upload's tags and the project's builds change from look to look."""

    tags_of: Iterator[dict[str, str]]
    ids: Iterator[list[str]]
    uploads: list[str] = field(default_factory=list)

    def upload(self, key: str, _: bytes) -> Upload:
        """Uploads."""
        self.uploads.append(key)
        return Upload(key, f"v{len(self.uploads)}")

    def tags(self, _: Upload) -> dict[str, str]:
        """The upload's tags now."""
        return next(self.tags_of)

    def build_ids(self) -> list[str]:
        """The project's builds now."""
        return next(self.ids)


def account(tags: Iterable[dict[str, str]] = (), builds: Iterable[list[str]] = ()) -> Any:
    """An account with these answers, of which the last is repeated."""
    return Account(chain(tags, repeat({})), chain(builds, repeat(["old"])))


def test_a_status_or_a_new_build_is_a_sign_of_an_upload() -> None:
    for there in (account(tags=[{"build-status": "accepted"}]), account(builds=[["old"], ["new", "old"]])):
        begun = begin(there, "first.zip", b"", 0)

        assert begun.seconds is not None
        assert not begun.sent_again
        assert there.uploads == ["first.zip"]


def test_without_a_sign_an_upload_is_sent_again_once() -> None:
    there = account()

    begun = begin(there, "first.zip", b"", 0)

    assert (begun.seconds, begun.sent_again, there.uploads) == (None, True, ["first.zip", "first.zip"])
    with pytest.raises(NotTried, match="neither a status nor a build"):
        first_build(there, begun, 0)


def test_an_upload_that_waits_for_long_has_become_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "WAITING_SECONDS", -1)
    waiting = {"build-status": "waiting", "build-reason": "build-system-fault: The engine starts no container."}

    assert wait_until_final(account(tags=[{"build-status": "accepted"}, waiting]), Upload("a.zip", "v1")) == waiting
