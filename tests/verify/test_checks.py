"""Each check of a build's evidence: it holds on what the project expects, and finds what breaks its assumption."""

from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.verify.support.stories import FAILING, GOOD, LOG, evidence, phases, story, told, update
from verify import stacks
from verify.checking import Check
from verify.checks import building, events, failing, updating
from verify.checks.building import A_RUN
from verify.gathering.uploads import Story
from verify.verdicts import DidNotHold, NotTried

NAMES = {
    "a_run": A_RUN,
    "missing_loader": "a program whose loader is missing",
    "machine": "a program for another machine",
}
LISTED = (*building.CHECKS, *events.CHECKS, *failing.CHECKS, *updating.CHECKS)
CHECKS = {check.assumption: check for check in LISTED}


def failed(**stories: Story) -> dict[str, Any]:
    """Evidence in which some known failures ended like this."""
    named = {NAMES[name]: each for name, each in stories.items()}
    return {"stories": told() | named}


def first(**changed: Any) -> dict[str, Any]:
    """Evidence whose first upload is like this."""
    changed_story = story(**changed)
    return {"built": changed_story, "first_build": changed_story.build, "first_log": changed_story.log}


def logged(*lines: str) -> dict[str, Any]:
    """Evidence whose first build logged these lines, too."""
    return first(log=[*LOG, *lines])


ROLE, PROJECT = "AWS::IAM::Role UPDATE_COMPLETE", "AWS::CodeBuild::Project UPDATE_COMPLETE"
CLEANUP = "AWS::CloudFormation::Stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
DELETED = "AWS::Lambda::LayerVersion DELETE_COMPLETE"
DENIED = "An error occurred (AccessDeniedException) when calling the GetLayerVersionByArn operation"
NO_LAYER = "An error occurred (ResourceNotFoundException) when calling the GetLayerVersionByArn operation"
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
    ("engine-command-line", first(log=LOG[:-1])),
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
    ("builder-update-order", {"builder_update": update(PROJECT, ROLE, CLEANUP, DELETED)}),
    ("builder-update-order", {"builder_update": update(ROLE, DELETED, PROJECT, CLEANUP)}),
    ("builder-update-order", {"builder_update": update(ROLE, PROJECT, CLEANUP, DELETED, ROLE)}),
    ("builder-update-order", {"builder_update": update(during=story(log=[*LOG, NO_LAYER]))}),
    ("role-propagation", {"builder_update": update(after=story(log=[*LOG, DENIED]))}),
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
    ("engine-command-line", first(phases=phases({"PRE_BUILD": "FAILED"}), log=[])),
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
    ("builder-update-order", {"builder_update": update(PROJECT)}),
    ("builder-update-order", {"builder_update": update(during=WAITING)}),
    ("role-propagation", {"builder_update": update(after=WAITING)}),
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


@pytest.mark.parametrize(("status", "holds"), [("recorded", True), ("failed", False)])
def test_the_longest_variables_hold_only_if_such_an_upload_is_recorded(
    monkeypatch: pytest.MonkeyPatch, status: str, holds: bool
) -> None:
    found = evidence(pipeline=SimpleNamespace(stack="stack"))
    deployed: dict[str, str] = {}
    monkeypatch.setattr(stacks, "deploy", lambda *given: deployed.update(given[-1]))
    uploaded: list[str] = []

    def tell(_: object, key: str, __: bytes) -> Story:
        uploaded.append(key)
        return story(status)

    monkeypatch.setattr(updating, "tell", tell)

    with nullcontext() if holds else pytest.raises(DidNotHold):
        updating.variable_length(found)
    assert (len(deployed["BuildArguments"]), deployed["ServiceName"]) == (2000, found.run.service)
    assert (len(uploaded[0]), len(uploaded[0].encode())) == (500, 996)
