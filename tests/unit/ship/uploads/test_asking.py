"""What `ship status`, `why` and `logs` answer, and what they say where a permission is missing."""

import json
from dataclasses import replace

import pytest

from core.build_log import Ending, ending_line, reason_line
from core.reasons import Reason
from ship.asked import Asked
from ship.aws.errors import in_words
from ship.outcomes import TIMED_OUT
from ship.place import Place
from ship.problem import Problem
from ship.terminal import Terminal
from ship.uploads import explaining, log_printing, overview
from tests.unit.ship.support.world import STACK, Capsys, World, name, tag_of

REASON = "build-failed: Dockerfile:3 RUN false ended with exit code 1."
UPLOADED = "Uploaded 2026-11-20 12:00:00."
ENDED = Ending("It exited with code 1 after 0.3 s, without network or configuration.", ("Error: no database",))


@pytest.fixture
def asked(world: World) -> Asked:
    """A question with a profile, about a service that has a repository and no parameter yet."""
    world.access.ecr.create_repository(repositoryName=STACK.repository)
    return Asked(world.access, replace(STACK, place=Place(profile="staging")))


def status(asked: Asked, capsys: Capsys) -> str:
    """What `ship status` answers."""
    overview.of_service(asked, Terminal(), as_json=False)
    return capsys.readouterr().out


def why(asked: Asked, capsys: Capsys) -> list[str]:
    """The lines that `ship why` answers."""
    explaining.explain(asked, Terminal(), as_json=False)
    return capsys.readouterr().out.splitlines()


# status


def test_uploads_that_may_not_be_read_are_listed_with_the_permission_that_is_missing(
    world: World, asked: Asked, capsys: Capsys
) -> None:
    world.builds_it(world.upload(), buildComplete=True, buildStatus="FAILED")
    world.denies("GetObjectTagging", "s3:GetObjectVersionTagging")

    said = status(asked, capsys)
    assert "Nothing has been built yet" not in said
    assert "hello.zip" in said
    assert "s3:GetObjectVersionTagging" in said


def test_deleted_uploads_are_left_out(world: World, asked: Asked, capsys: Capsys) -> None:
    deleted, there = world.upload("deleted.zip"), world.upload("there.zip")
    world.says(there, "recorded", uri="x")
    world.builds_it(there)
    world.builds_it(deleted)
    world.access.s3.delete_object(Bucket=STACK.bucket, Key=deleted.key, VersionId=deleted.version_id)

    said = status(asked, capsys)
    assert "there.zip" in said
    assert "deleted.zip" not in said


@pytest.mark.parametrize("operation", ["ListBuildsForProject", "BatchGetBuilds"])
def test_where_builds_may_not_be_seen_none_of_them_says_that_there_are_none(
    world: World, asked: Asked, capsys: Capsys, operation: str
) -> None:
    world.builds_it(world.upload())
    world.denies(operation, f"codebuild:{operation}")

    for question in (status, why, lambda asked, _: log_printing.show(asked, Terminal())):
        with pytest.raises(Problem, match=f"You lack a permission: codebuild:{operation}"), in_words():
            question(asked, capsys)


def test_a_rollback_is_shown_with_the_command_that_ends_it(world: World, asked: Asked, capsys: Capsys) -> None:
    upload = world.upload()
    name(world.access, "x@sha256:1", f"{tag_of(upload)} request-1")
    name(world.access, "x@sha256:0", "by hand")

    said = f"The newest recorded image is {tag_of(upload)}: ship forward --profile staging"
    assert said in status(asked, capsys)


def test_nobody_is_advised_to_go_forward_to_an_image_that_is_not_healthy(
    world: World, asked: Asked, capsys: Capsys
) -> None:
    upload = world.upload()
    world.builds_it(upload, buildComplete=True)
    world.says(upload, "not-healthy", "Its task ended with exit code 3.", uri="x@sha256:1")
    name(world.access, "x@sha256:1", f"{tag_of(upload)} request-1")
    name(world.access, "x@sha256:0", "by hand")

    said = status(asked, capsys)
    assert f"The newest recorded image is {tag_of(upload)}: its deployment failed." in said
    assert "ship forward" not in said


def test_the_status_as_json_is_one_line_that_no_runner_obeys(world: World, asked: Asked, capsys: Capsys) -> None:
    world.builds_it(world.upload("##[group]x.zip"))

    overview.of_service(asked, Terminal(), as_json=True)
    (line,) = capsys.readouterr().out.splitlines()
    assert "##" not in line
    assert json.loads(line)["uploads"][0]["key"] == "##[group]x.zip"


# why


def test_why_explains_the_last_that_failed(world: World, asked: Asked, capsys: Capsys) -> None:
    failed, recorded = world.upload("failed.zip"), world.upload("recorded.zip")
    world.says(failed, "failed", REASON)
    world.says(recorded, "recorded", uri="x")
    world.builds_it(failed, buildComplete=True)
    world.builds_it(recorded, buildComplete=True)

    assert why(asked, capsys) == ["failed.zip: failed", UPLOADED, REASON]


def test_why_tells_a_reason_and_the_step_s_last_lines_as_the_log_has_them(
    world: World, asked: Asked, capsys: Capsys
) -> None:
    upload = world.upload()
    world.says(upload, "failed", REASON[:30])
    world.builds_it(upload, buildComplete=True)
    code, _, sentence = REASON.partition(": ")
    world.log.append(reason_line(Reason(code, sentence, ("make: *** [app] Error 2",))))

    step = ["The last lines of the step:", "  make: *** [app] Error 2"]
    assert why(asked, capsys) == ["hello.zip: failed", UPLOADED, REASON, *step]


def ended(world: World, asked: Asked) -> Asked:
    """The question about an upload whose program ended while the builder tried it, and whose image is recorded."""
    upload = world.upload()
    world.says(upload, "recorded", uri="x")
    world.builds_it(upload, buildComplete=True)
    world.log.append(ending_line(ENDED))
    return replace(asked, key=upload.key)


def test_why_tells_how_the_program_of_a_recorded_image_ended(world: World, asked: Asked, capsys: Capsys) -> None:
    question = ended(world, asked)

    assert why(question, capsys) == [
        "hello.zip: recorded",
        f"The image's program ended when the build tried it. {ENDED.sentence}",
        "The last lines of the program:",
        "  Error: no database",
    ]
    explaining.explain(question, Terminal(), as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ending"], answer["output"]) == (ENDED.sentence, ["Error: no database"])  # as in the event


def test_why_has_nothing_to_explain_where_a_recorded_program_runs_on(
    world: World, asked: Asked, capsys: Capsys
) -> None:
    question = ended(world, asked)
    world.log.clear()

    assert why(question, capsys) == ["hello.zip: recorded", "There is nothing to explain."]


def test_why_does_not_say_that_nothing_failed_where_it_may_not_look(world: World, asked: Asked, capsys: Capsys) -> None:
    world.builds_it(world.upload(), buildComplete=True)
    world.denies("GetObjectTagging", "s3:GetObjectVersionTagging")

    with pytest.raises(Problem, match="or you lack the permission s3:GetObjectVersionTagging"):
        why(asked, capsys)


# logs


def test_before_the_first_build_it_says_how_to_upload(asked: Asked) -> None:
    with pytest.raises(Problem, match="Nothing has been built yet") as problem:
        log_printing.show(asked, Terminal())
    assert "ship up --profile staging" in problem.value.to_do


def test_logs_print_a_builds_lines_so_that_no_runner_obeys_them(world: World, asked: Asked, capsys: Capsys) -> None:
    world.builds_it(world.upload())
    world.log += ["#6 0.170 10%\r::stop-commands::x", "::error::x"]

    log_printing.show(asked, Terminal())
    assert capsys.readouterr().out.splitlines() == ["#6 0.170 ::stop-commands::x", ": :error::x"]


def test_followed_logs_end_with_how_the_program_ended(world: World, asked: Asked, capsys: Capsys) -> None:
    assert log_printing.follow(ended(world, asked), Terminal(), timeout=60) == 0

    out, err = capsys.readouterr()
    assert err.endswith(
        f"Warning: The image's program ended when the build tried it. {ENDED.sentence}\n  Error: no database\n"
    )
    assert out == ""


def test_logs_are_followed_as_long_as_the_caller_says(world: World, asked: Asked, capsys: Capsys) -> None:
    upload = world.upload()
    world.builds_it(upload)

    with pytest.raises(Problem, match="Stopped following after 0 minutes") as problem:
        log_printing.follow(asked, Terminal(), timeout=0)
    assert problem.value.code == TIMED_OUT
    command = f"ship logs hello.zip --version {upload.version_id} --follow --profile staging"
    assert f"To follow it: {command}" in capsys.readouterr().err
