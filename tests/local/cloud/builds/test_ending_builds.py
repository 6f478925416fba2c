"""A build that takes too long or is stopped ends as such, and nothing of it lives on."""

import pytest

from tests.local.support.building import Builder, phases
from tests.local.support.pipes import Gate, Pulse

LONG = "sleep 3600 & sleep 3600"


def test_a_build_that_takes_longer_than_its_timeout_has_timed_out(builder: Builder, pulse: Pulse) -> None:
    builder.set(minute_seconds=0.1)
    build = builder.run(f"{pulse.command}; {LONG}", "echo never", timeoutInMinutesOverride=5)

    assert build["buildStatus"] == "TIMED_OUT"
    assert build["timeoutInMinutes"] == 5
    assert phases(build)["BUILD"] == "TIMED_OUT"
    assert builder.printed(build) == []
    pulse.wait_until_it_stops()


def test_the_projects_timeout_holds_where_the_request_has_none(builder: Builder) -> None:
    builder.set(minute_seconds=0.01)
    build = builder.run(LONG)

    assert (build["buildStatus"], build["timeoutInMinutes"]) == ("TIMED_OUT", 30)


def test_the_timeout_is_that_of_all_commands_together(builder: Builder) -> None:
    builder.set(minute_seconds=0.12)
    build = builder.run("sleep 0.4", "sleep 0.4; echo never", timeoutInMinutesOverride=5)

    assert build["buildStatus"] == "TIMED_OUT"
    assert "never" not in builder.printed(build)


def test_a_build_that_is_stopped_while_it_runs_ends_as_stopped(builder: Builder, pulse: Pulse) -> None:
    build = builder.start(f"{pulse.command}; echo before; {LONG}", "echo never")
    pulse.wait_until_it_beats()
    builder.stop(build)
    ended = builder.ended(build)

    assert ended["buildStatus"] == "STOPPED"
    assert phases(ended)["BUILD"] == "STOPPED"
    assert builder.printed(build) == ["before"]
    pulse.wait_until_it_stops()


def test_a_build_that_is_stopped_while_it_waits_never_runs(builder: Builder, gate: Gate) -> None:
    builder.start(gate.command)
    build = builder.start("echo never")
    builder.stop(build)
    stopped = builder.look(build)
    gate.let_pass()
    builder.run()  # the one after it, so that its turn has come

    assert stopped["buildStatus"] == "STOPPED"
    assert phases(stopped)["QUEUED"] == "STOPPED"
    assert builder.look(build) == stopped
    assert builder.cloud.log(build) == []


def test_a_build_that_waits_too_long_has_timed_out_and_never_runs(builder: Builder, gate: Gate) -> None:
    builder.start(gate.command)
    build = builder.start("echo never", queuedTimeoutInMinutesOverride=5)
    builder.set(minute_seconds=-1)  # so that it has waited too long, whatever the clock says
    gate.let_pass()
    ended = builder.ended(build)

    assert ended["buildStatus"] == "TIMED_OUT"
    assert ended["queuedTimeoutInMinutes"] == 5
    assert phases(ended) == {"SUBMITTED": "SUCCEEDED", "QUEUED": "TIMED_OUT"}
    assert builder.cloud.log(build) == []


def test_a_stopped_build_stays_stopped_when_it_would_have_waited_too_long(builder: Builder, gate: Gate) -> None:
    builder.start(gate.command)
    build = builder.start()
    builder.stop(build)
    last = builder.start()
    builder.set(minute_seconds=-1)
    gate.let_pass()
    builder.ended(last)

    assert builder.look(build)["buildStatus"] == "STOPPED"


def test_stopping_a_build_that_has_ended_changes_nothing(builder: Builder) -> None:
    build = builder.run()
    builder.stop(build)

    assert builder.look(build) == build


def test_a_build_that_is_not_known_cannot_be_stopped(builder: Builder) -> None:
    codebuild = builder.cloud.codebuild

    with pytest.raises(codebuild.exceptions.ResourceNotFoundException):
        codebuild.stop_build(id="builds:00000000-0000-0000-0000-000000000000")


@pytest.mark.parametrize("output", ["> /dev/null 2>&1", ""], ids=["without output", "that holds the output"])
def test_a_process_in_the_background_ends_with_its_build(builder: Builder, pulse: Pulse, output: str) -> None:
    build = builder.run(f"{pulse.command}; sleep 3600 {output} &")

    assert build["buildStatus"] == "SUCCEEDED"
    pulse.wait_until_it_stops()


def test_a_process_that_left_the_builds_group_does_not_hold_up_its_end(builder: Builder, pulse: Pulse) -> None:
    build = builder.run(f"setsid bash -c '{pulse.command}; exec sleep 3600' &")

    assert build["buildStatus"] == "SUCCEEDED"
