"""What `ship up` sends, says and answers, and how it ends; what a build does stands in test_following.py."""

import json
import zipfile
from dataclasses import replace

import pytest

from core.build_log import Ending, ending_line
from ship.aws.cloudformation import Stack
from tests.support.zips import zipped
from tests.unit.ship.support.uploader import URI, Uploader
from tests.unit.ship.support.world import STACK, tag_of


def test_what_is_recorded_is_answered_by_its_uri(uploader: Uploader) -> None:
    uploader.world.steps = [uploader.then("recorded", uri=URI)]

    assert uploader.up() == 0
    assert uploader.out == f"{URI}\n"
    assert uploader.sent().key == "app.zip"


def test_a_recorded_program_that_ended_at_once_is_warned_of_at_the_end(uploader: Uploader) -> None:
    ended = Ending("It exited with code 1 after 0.3 s, without network or configuration.", ("Error: no database",))
    uploader.world.log.append(ending_line(ended))
    uploader.world.steps = [lambda: uploader.world.builds_it(uploader.sent()), uploader.then("recorded", uri=URI)]

    assert uploader.up() == 0
    assert uploader.out == f"{URI}\n"
    assert uploader.said.endswith(
        f"Warning: The image's program ended when the build tried it. {ended.sentence}\n  Error: no database\n"
    )


@pytest.mark.parametrize(("status", "code"), [("failed", 1), ("rejected", 1), ("superseded", 3)])
def test_another_end_has_its_exit_code_and_its_reason_and_no_answer(uploader: Uploader, status: str, code: int) -> None:
    uploader.world.steps = [uploader.then(status, "some-code: Words.")]

    assert uploader.up() == code
    assert uploader.out == ""
    assert "Error: some-code: Words." in uploader.said


def test_as_json_each_end_is_answered(uploader: Uploader) -> None:
    uploader.world.steps = [uploader.then("failed", "some-code: Words.")]

    assert uploader.up(as_json=True) == 1
    assert json.loads(uploader.out) == {
        "service": STACK.service,
        "bucket": STACK.bucket,
        "key": "app.zip",
        "versionId": uploader.sent().version_id,
        "status": "failed",
        "reason": "some-code: Words.",
        "ending": None,
        "output": [],
        "imageTag": tag_of(uploader.sent()),
        "imageUri": None,
        "buildId": None,
    }


def test_what_would_be_rejected_is_not_sent_and_is_answered_as_json_too(uploader: Uploader) -> None:
    (uploader.folder / "Dockerfile").rename(uploader.folder / "elsewhere")

    assert uploader.up(as_json=True) == 1
    said = json.loads(uploader.out)
    assert (said["status"], said["versionId"]) == ("rejected", None)
    assert said["reason"].startswith("no-dockerfile: ")
    assert "Nothing was sent." in uploader.said
    assert uploader.up(dry_run=True, as_json=True) == 1
    assert json.loads(uploader.out) == [{"name": "elsewhere", "size": 13}]  # one document, whatever is found
    assert "no-dockerfile: " in uploader.said
    assert uploader.world.wire.of("PutObject") == []


def test_where_the_bucket_alone_is_known_the_dockerfile_may_be_elsewhere(uploader: Uploader) -> None:
    (uploader.folder / "Dockerfile").rename(uploader.folder / "elsewhere")
    uploader.stack = Stack(STACK.bucket)
    uploader.world.steps = [uploader.then("recorded", uri=URI)]

    assert uploader.up() == 0


def test_a_dry_run_lists_names_as_a_terminal_may_show_them(uploader: Uploader) -> None:
    uploader.holds("a\x1b[2Jb\nc")

    assert uploader.up(dry_run=True) == 0
    assert uploader.out.splitlines() == ["Dockerfile", "ab c"]
    assert uploader.up(dry_run=True, as_json=True) == 0
    assert json.loads(uploader.out)[1] == {"name": "a\x1b[2Jb\nc", "size": 0}
    assert "\x1b" not in uploader.said
    assert uploader.world.wire.of("PutObject") == []


@pytest.mark.parametrize("has_mirror", [True, False])
def test_of_docker_hub_it_warns_where_the_stack_has_no_mirror(uploader: Uploader, has_mirror: bool) -> None:
    uploader.holds("Dockerfile", content="FROM node:22\n")
    uploader.stack = replace(STACK, has_mirror=has_mirror)

    assert uploader.up(dry_run=True) == 0
    for warning in (
        "node:22 comes from Docker Hub, which limits pulls, and this stack uses no mirror.",
        "Use the same image from public.ecr.aws/docker/library/node:22",
    ):
        assert (warning in uploader.said) is not has_mirror


@pytest.mark.parametrize("key", ["folder/", "/"])
def test_a_folders_key_is_refused_as_no_upload_comes_of_it(uploader: Uploader, key: str) -> None:
    uploader.refused("folders aren't built", key=key)


# What is no source


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["app/Dockerfile"], "A subfolder has one: ship up "),
        (["a/b/Dockerfile", "app/Dockerfile"], "/app"),
        (["dockerfile", "app/Dockerfile"], "There is dockerfile: name it Dockerfile"),
        (["Dockerfile.prod"], "There is Dockerfile.prod: name it Dockerfile"),
        (["Containerfile"], "There is Containerfile: name it Dockerfile"),
        (["main.py"], "There is no Dockerfile in "),
    ],
)
def test_without_a_dockerfile_it_says_what_there_is_instead(uploader: Uploader, files: list[str], words: str) -> None:
    (uploader.folder / "Dockerfile").unlink()
    uploader.holds(*files)

    assert uploader.up() == 1
    assert "Error: no-dockerfile: " in uploader.said
    assert words in uploader.said


@pytest.mark.parametrize("name", ["Dockerfile", "app.tgz"])
def test_a_file_that_is_no_zip_is_refused(uploader: Uploader, name: str) -> None:
    uploader.holds(name, content="no zip")
    uploader.folder /= name

    assert "Use the folder" in uploader.refused(f"{name} isn't a zip").to_do


def test_a_zip_is_opened_once_however_many_files_it_has(uploader: Uploader, monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped({"Dockerfile": "FROM scratch\n", **{f"{number}.txt": "x" for number in range(300)}})
    uploader.folder /= "app.zip"
    uploader.folder.write_bytes(content)
    opened: list[object] = []
    original = zipfile.ZipFile.__init__

    def noted(self: zipfile.ZipFile, *arguments: object, **more: object) -> None:
        opened.append(self)
        original(self, *arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(zipfile.ZipFile, "__init__", noted)
    uploader.world.steps = [uploader.then("recorded", uri=URI)]

    assert uploader.up() == 0
    assert len(opened) <= 4
