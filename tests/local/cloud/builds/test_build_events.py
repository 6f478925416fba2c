"""CodeBuild's events of a build's state, in the shape of the files in events/."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.support.building import Builder
from tests.local.support.inbox import Inbox, differences, sample
from tests.local.support.pipes import Gate, Pulse
from tests.local.support.resources import COMMANDS, PROJECT

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

type Events = dict[str, dict[str, Any]]
PATTERN = {"source": ["aws.codebuild"], "detail-type": ["CodeBuild Build State Change"]}
ENDS = {
    "SUCCEEDED": "build-succeeded",
    "FAILED": "build-failed",
    "STOPPED": "build-stopped",
    "TIMED_OUT": "build-timed-out",
}


@pytest.fixture
def events(builder: Builder, inbox: Callable[[dict[str, Any]], Inbox], pulse: Pulse) -> Callable[[str], Events]:
    """Has a build end with that status, and gives its events by the status in them."""

    def ending(status: str) -> Events:
        opened = inbox(PATTERN)
        build = start(status, builder, pulse)
        assert builder.ended(build)["buildStatus"] == status
        return {each["detail"]["build-status"]: each for each in opened.wait_for(2)}

    return ending


def start(status: str, builder: Builder, pulse: Pulse) -> "BuildTypeDef":
    """A build that will end so."""
    match status:
        case "STOPPED":
            build = builder.start(f"{pulse.command}; sleep 3600")
            pulse.wait_until_it_beats()
            builder.stop(build)
            return build
        case "TIMED_OUT":
            builder.set(minute_seconds=0.05)
            return builder.start("sleep 3600", timeoutInMinutesOverride=5)
        case "FAILED":
            return builder.start("exit 3")
        case _:
            return builder.start()


@pytest.mark.parametrize("status", ENDS)
def test_a_build_has_an_event_at_its_start_and_one_at_its_end_in_the_shape_of_its_file(
    events: Callable[[str], Events], status: str
) -> None:
    happened = events(status)
    assert list(happened) == ["IN_PROGRESS", status]

    begun = happened["IN_PROGRESS"]
    assert begun["detail"]["current-phase"] == "SUBMITTED"
    assert begun["detail"]["additional-information"]["build-complete"] is False
    assert sorted(differences(begun, sample("build-succeeded"))) == [
        ".detail.additional-information.build-number is missing",
        ".detail.additional-information.phases is missing",
    ]
    assert differences(happened[status], sample(ENDS[status])) == []
    found, known = (
        {each["phase-type"]: each for each in event["detail"]["additional-information"]["phases"]}
        for event in (happened[status], sample(ENDS[status]))
    )
    assert {name: sorted(phase) for name, phase in found.items()} == {name: sorted(known[name]) for name in found}
    assert {name: phase.get("phase-status") for name, phase in found.items()} == {
        name: known[name].get("phase-status") for name in found
    }


def test_a_build_event_describes_its_own_build_and_names_the_command_that_failed(
    events: Callable[[str], Events], builder: Builder
) -> None:
    event = events("FAILED")["FAILED"]
    detail = event["detail"]
    newest = builder.cloud.codebuild.list_builds_for_project(projectName=PROJECT)["ids"][0]
    (build,) = builder.cloud.codebuild.batch_get_builds(ids=[newest])["builds"]
    more = detail["additional-information"]

    assert event["resources"] == [build["arn"]]
    assert (detail["build-id"], detail["project-name"]) == (build["arn"], PROJECT)
    assert (detail["current-phase"], more["build-complete"]) == ("COMPLETED", True)
    assert more["build-number"] == build["buildNumber"]
    assert (more["timeout-in-minutes"], more["queued-timeout-in-minutes"]) == (30, 480)
    assert more["logs"]["group-name"] == builder.cloud.outputs["LogGroup"]
    assert more["logs"]["stream-name"] == newest.partition(":")[2]
    assert more["environment"]["environment-variables"] == build["environment"]["environmentVariables"]
    assert [each["phase-context"] for each in more["phases"] if each["phase-type"] == "BUILD"] == [
        [f"COMMAND_EXECUTION_ERROR: Error while executing command: {COMMANDS[0]}. Reason: exit status 3"]
    ]


def test_the_times_in_a_build_event_are_written_as_codebuild_writes_them(events: Callable[[str], Events]) -> None:
    event = events("SUCCEEDED")["SUCCEEDED"]
    more = event["detail"]["additional-information"]
    assert re.fullmatch(r"[A-Z][a-z]{2} \d\d, \d{4} (1[0-2]|[1-9]):\d\d:\d\d [AP]M", more["build-start-time"])
    begun = datetime.strptime(more["build-start-time"], "%b %d, %Y %I:%M:%S %p")  # noqa: DTZ007  # it has no zone
    sent = datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007

    assert 0 <= (sent - begun).total_seconds() < 15 * 60  # in no other time zone
    for phase in more["phases"]:
        assert datetime.strptime(phase["start-time"], "%b %d, %Y %I:%M:%S %p") >= begun  # noqa: DTZ007


def test_a_build_that_is_stopped_while_it_waits_has_both_events_too(
    builder: Builder, inbox: Callable[[dict[str, Any]], Inbox], gate: Gate
) -> None:
    builder.start(gate.command)
    opened = inbox(PATTERN)
    build = builder.start()
    builder.stop(build)

    assert [(each["resources"], each["detail"]["build-status"]) for each in opened.wait_for(2)] == [
        ([build["arn"]], "IN_PROGRESS"),
        ([build["arn"]], "STOPPED"),
    ]


def test_no_build_has_events_while_build_events_are_switched_off(
    builder: Builder, inbox: Callable[[dict[str, Any]], Inbox], gate: Gate, pulse: Pulse
) -> None:
    opened = inbox(PATTERN)
    builder.set(build_events=False)
    builder.start()
    last = builder.start(f"{pulse.command}; {gate.command}")
    builder.stop(builder.start())
    pulse.wait_until_it_beats()  # the last one runs, so the one before it has had its say
    builder.set(build_events=True)
    gate.let_pass()

    assert [(each["resources"], each["detail"]["build-status"]) for each in opened.wait_for(1)] == [
        ([last["arn"]], "SUCCEEDED")
    ]
