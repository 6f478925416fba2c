"""`ship up`, installed as its users install it: through pipes and at a terminal."""

import json
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.cloud.shared.live_settings import Settings
from local.emulator import Account
from local.pipeline import Pipeline, Upload, wait_for
from local.sources.samples import BASE, SERVES, good
from tests.e2e.ship.support.commands import (
    BROKEN,
    FAILED,
    HELLO,
    INTERRUPTED,
    RECORDED,
    SUPERSEDED,
    UNDONE,
    slow_folder,
)
from tests.e2e.support.operators import impatient, tag
from tests.e2e.support.shippers import Shipper, folder_of
from tests.e2e.support.triggers import trigger
from tests.e2e.support.waiting import SECONDS

WORDS = "cat: can't open '/no/such/file': No such file or directory"
ESCAPE, COLOUR = "\x1b[", re.compile(r"\x1b\[[0-9;]*[1-9][0-9;]*m")
STAGE = re.compile(r"waiting (?:for|in) |building")  # which ones are seen depends on how soon the build comes


@pytest.fixture
def full(here: Account, pipeline: Pipeline) -> Iterator[None]:
    """An account in which no build runs, and where what waits is tried again soon."""
    here.set(Settings(concurrent_builds=0))
    with impatient(pipeline, "UploadQueue", 2):
        yield
    here.set(Settings())


def test_through_a_pipe_the_uri_alone_is_on_stdout(developer: Shipper, pipeline: Pipeline) -> None:
    ended = developer.ship("up", HELLO)

    assert ended.returncode == RECORDED, ended.stderr
    assert ended.stdout == f"{pipeline.recorded()}\n"
    assert ESCAPE not in ended.stderr
    assert "www/index.html" in ended.stderr
    assert "RUN sed -i" in ended.stderr
    assert "[Container]" not in ended.stderr  # CodeBuild's own lines about the commands
    assert "set -euo pipefail" not in ended.stderr
    assert re.search(r"^ +\d+\.\d s  recorded$", ended.stderr, re.MULTILINE)


def test_at_a_terminal_there_are_colours_and_it_says_for_what_it_waits(developer: Shipper, pipeline: Pipeline) -> None:
    code, shown = developer.at_a_terminal("up", HELLO)

    assert code == RECORDED
    assert COLOUR.search(shown)
    assert STAGE.search(shown)
    assert shown.rstrip().endswith(pipeline.recorded())


def test_at_a_terminal_the_answer_goes_where_stdout_goes(
    developer: Shipper, pipeline: Pipeline, tmp_path: Path
) -> None:
    code, shown = developer.at_a_terminal("up", HELLO, stdout=tmp_path / "answer")
    assert code == RECORDED
    assert (tmp_path / "answer").read_text() == f"{pipeline.recorded()}\n"
    assert STAGE.search(shown)

    code, shown = developer.at_a_terminal("logs", "hello.zip", "--follow", stdout=tmp_path / "log")
    assert code == RECORDED
    assert "Building for linux/arm64" in (tmp_path / "log").read_text()
    assert "Building for linux/arm64" not in shown


def test_no_color_is_heeded(developer: Shipper, first: Upload) -> None:
    assert first
    assert COLOUR.search(developer.at_a_terminal("history")[1])
    assert ESCAPE not in replace(developer, variables={"NO_COLOR": "1"}).at_a_terminal("history")[1]


def test_of_a_large_source_that_goes_in_parts_json_has_the_members_of_the_event(
    developer: Shipper, pipeline: Pipeline, tmp_path: Path
) -> None:
    large = folder_of({"Dockerfile": f"{BASE}COPY large /\n{SERVES}"}, tmp_path / "large")
    (large / "large").write_bytes(os.urandom(17 * 1024 * 1024))

    ended = developer.ship("up", large, "--json", "--key", "as json.zip")

    assert ended.returncode == RECORDED, ended.stderr
    said = json.loads(ended.stdout)
    upload = Upload(said["key"], said["versionId"])
    (build,) = pipeline.builds(upload)
    assert said == {
        "service": "jwt-pizza-service",
        "bucket": pipeline.bucket,
        "key": "as json.zip",
        "versionId": upload.version,
        "status": "recorded",
        "reason": None,
        "ending": None,
        "output": [],
        "log": None,
        "imageTag": pipeline.tags(upload)["image-tag"],
        "imageUri": pipeline.recorded(),
        "buildId": build["id"],
    }


def test_a_failure_ends_with_1_and_the_words_of_the_step_and_a_follower_reads_them(
    developer: Shipper, follower: Shipper
) -> None:
    ended = developer.ship("up", BROKEN, "--quiet", "--key", "why.zip")

    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert "build-failed: Dockerfile:3 RUN" in ended.stderr
    assert WORDS in ended.stderr
    for arguments in (["why", "why.zip"], ["why"]):
        said = follower.ship(*arguments).stdout.splitlines()
        assert said[0] == "why.zip: failed"
        assert f"  {WORDS}" in said


def test_what_start_build_would_reject_is_not_even_sent(developer: Shipper, pipeline: Pipeline, tmp_path: Path) -> None:
    ended = developer.ship("up", folder_of({"app.txt": ""}, tmp_path / "nothing"))

    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert "no-dockerfile: There is no Dockerfile in " in ended.stderr
    assert "Contents" not in pipeline.s3.list_objects_v2(Bucket=pipeline.bucket, Prefix="nothing.zip")


def test_a_zip_is_sent_as_it_is_and_quietly_the_uri_is_all_that_is_said(
    developer: Shipper, pipeline: Pipeline, tmp_path: Path
) -> None:
    path = tmp_path / "a service.zip"
    path.write_bytes(good("as it is"))

    ended = developer.ship("up", path, "--quiet")

    assert (ended.returncode, ended.stderr) == (RECORDED, "")
    assert ended.stdout == f"{pipeline.recorded()}\n"
    assert pipeline.s3.get_object(Bucket=pipeline.bucket, Key="a service.zip")["Body"].read() == path.read_bytes()


def test_a_dry_run_lists_and_sends_nothing(follower: Shipper) -> None:
    ended = follower.ship("up", HELLO, "--dry-run")  # a follower may not upload

    assert (ended.returncode, ended.stdout) == (0, "Dockerfile\nwww/index.html\n")


def test_without_following_it_says_how_to_follow(developer: Shipper, pipeline: Pipeline) -> None:
    ended = developer.ship("up", HELLO, "--no-follow")
    assert (ended.returncode, ended.stdout) == (0, "")

    followed = developer.ship(*going_on(ended.stderr))

    assert followed.returncode == RECORDED, followed.stderr
    assert "RUN sed -i" in followed.stdout
    assert pipeline.recorded() in followed.stderr


def test_interrupted_it_says_how_to_go_on_and_the_upload_goes_on(developer: Shipper, tmp_path: Path) -> None:
    source = slow_folder(tmp_path / "interrupted", 8)

    ended = developer.interrupt(["up", source], lambda line: "Building for linux/arm64" in line)

    assert (ended.returncode, ended.stdout) == (INTERRUPTED, "")
    assert developer.ship(*going_on(ended.stderr)).returncode == RECORDED


def test_interrupted_it_stops_the_build_if_it_is_told_to(developer: Shipper, tmp_path: Path) -> None:
    source = slow_folder(tmp_path / "cancelled", 120)

    ended = developer.interrupt(["up", source, "--cancel"], lambda line: "Building for linux/arm64" in line)

    assert ended.returncode == INTERRUPTED
    assert "The build was stopped." in ended.stderr
    followed = developer.ship("logs", "cancelled.zip", "--follow")
    assert followed.returncode == FAILED, followed.stderr
    assert "stopped: " in followed.stderr


def test_while_it_waits_it_says_why_and_where_a_newer_upload_was_quicker_it_ends_with_3(
    developer: Shipper, here: Account, pipeline: Pipeline, first: Upload, full: None
) -> None:
    ended = developer.interrupt(["up", HELLO, "--key", "older.zip"], lambda line: "takes no more builds now" in line)
    assert ended.returncode == INTERRUPTED

    newer = pipeline.upload("newer.zip", good("newer"))
    image_tag = wait_for("The newer upload's tag", lambda: pipeline.tags(newer).get("image-tag"), SECONDS)
    tag(pipeline, first, image_tag)

    followed = developer.ship(*going_on(ended.stderr))
    assert followed.returncode == SUPERSEDED
    assert "superseded: A newer upload is recorded or ready." in followed.stderr
    trigger(pipeline)  # records the newer one, for the tests that follow


def going_on(said: str) -> list[str]:
    """The arguments of the command by which an upload is followed, as it was said."""
    (command,) = re.findall(r"To follow it: ship (.+)", said)
    return shlex.split(command)


# The command


def test_it_completes_its_verbs(root: Shipper) -> None:
    asked = {"_SHIP_COMPLETE": "complete_bash", "COMP_WORDS": "ship ro", "COMP_CWORD": "1"}

    assert replace(root, variables=asked).ship().stdout.split() == ["rollback"]


def test_it_knows_its_version(root: Shipper) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", root.ship("--version").stdout)


def test_a_wrong_call_ends_with_2(root: Shipper) -> None:
    for arguments in (["unknown"], ["up", "--unknown"], ["rollback", "--to"]):
        ended = root.ship(*arguments)
        assert (ended.returncode, ended.stdout) == (UNDONE, "")
