"""What `ship up` sends, says and answers, and how it ends; what a build does stands in test_following.py."""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.build_log import Ending, ending_line
from core.uploads import ObjectVersion
from ship.asked import Asked
from ship.aws.cloudformation import Stack
from ship.outcomes import TIMED_OUT
from ship.place import Place
from ship.problem import Problem
from ship.source import packing
from ship.terminal import Terminal
from ship.uploads.patience import FOLLOWED
from ship.uploads.uploading import Uploading
from tests.support.trees import write
from tests.support.zips import zipped
from tests.unit.ship.support.secret_files import PEM, token
from tests.unit.ship.support.world import STACK, Capsys, World, tag_of

URI = f"{STACK.repository_uri}@sha256:{'a' * 64}"


@dataclass
class Uploader:
    """Somebody who sends a folder."""

    world: World
    folder: Path
    capsys: Capsys
    stack: Stack = STACK
    out: str = ""
    said: str = ""
    """What it printed to stdout and to stderr the last time."""

    def up(
        self,
        key: str | None = None,
        *,
        as_json: bool = False,
        cancel: bool = False,
        dry_run: bool = False,
        allowed: Sequence[str] = (),
        timeout: float = FOLLOWED,
    ) -> int:
        """The exit code."""
        uploading = Uploading(
            Asked(self.world.access, self.stack), Terminal(), as_json, cancel, self.world.next, timeout
        )
        try:
            return uploading.up(self.folder, key, allowed, dry_run=dry_run, follow=True)
        finally:
            self.out, self.said = self.capsys.readouterr()

    def refused(self, words: str, **how: Any) -> Problem:
        """The problem, in these words, that ends it."""
        with pytest.raises(Problem, match=words) as problem:
            self.up(**how)
        return problem.value

    def holds(self, *names: str, content: str = "") -> None:
        """Has the folder hold files of these names."""
        write(self.folder, dict.fromkeys(names, content))

    def sent(self) -> ObjectVersion:
        """The newest version in the bucket."""
        (newest,) = [
            version
            for version in self.world.access.s3.list_object_versions(Bucket=STACK.bucket).get("Versions", [])
            if version["IsLatest"]
        ]
        return ObjectVersion(STACK.bucket, newest["Key"], newest["VersionId"])

    def then(self, name: str, reason: str = "", uri: str = "") -> Callable[[], object]:
        """A step in which the upload gets this status."""
        return lambda: self.world.says(self.sent(), name, reason, uri)


@pytest.fixture
def uploader(world: World, tmp_path: Path, capsys: Capsys) -> Uploader:
    """Somebody with a folder `app` that has a Dockerfile."""
    return Uploader(world, write(tmp_path / "app", {"Dockerfile": "FROM scratch\n"}), capsys)


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be packed."""
    monkeypatch.setattr(packing, "pack", lambda *_: pytest.fail("This is packed."))


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


# Secrets


def test_secrets_are_refused_and_the_option_that_sends_them_can_be_pasted(uploader: Uploader) -> None:
    uploader.holds("my keys/.env")

    assert uploader.refused("These files look like secrets").to_do.endswith("--allow 'my keys/.env'")


def test_a_list_of_findings_has_an_end_and_one_pattern_allows_them_all(uploader: Uploader) -> None:
    uploader.holds(*(f"keys/{number:02}.pfx" for number in range(24)))

    problem = uploader.refused("These files look like secrets", dry_run=True)
    assert problem.what.splitlines()[1:] == [
        *(f"  keys/{number:02}.pfx: a private key" for number in range(10)),
        "  … and 14 more",
    ]
    assert problem.to_do.count("--allow") == 11
    assert problem.to_do.endswith("--allow keys/09.pfx …; a pattern allows many at once: --allow 'tests/*'")
    assert uploader.up(dry_run=True, allowed=["keys/*"]) == 0


@pytest.mark.usefixtures("unpacked")
def test_what_names_show_is_refused_before_anything_is_packed_with_what_contents_show(uploader: Uploader) -> None:
    uploader.holds(".env")
    uploader.holds("key.txt", content=PEM)

    lines = uploader.refused("These files look like secrets").what.splitlines()
    assert lines[1:] == ["  .env: environment variables", "  key.txt: a private key"]


def test_what_only_its_content_shows_is_refused_and_can_be_allowed(uploader: Uploader) -> None:
    uploader.holds("key.txt", "a[b].txt", content=PEM)

    uploader.refused(r"key\.txt: a private key", dry_run=True)
    assert uploader.up(dry_run=True, allowed=["key.txt", "a[b].txt"]) == 0


def test_the_history_is_left_out_without_a_word(uploader: Uploader) -> None:
    uploader.holds(".git/config")

    assert uploader.up(dry_run=True) == 0
    assert uploader.out == "Dockerfile\n"
    assert "git" not in uploader.said


def test_a_history_that_is_sent_on_purpose_is_allowed_as_a_whole(uploader: Uploader) -> None:
    write(uploader.folder, {".git/config": token("ghp_", 36), ".git/HEAD": "", ".dockerignore": "!.git\n"})

    uploader.refused(r"\.git: the history, and maybe logins", dry_run=True)
    assert uploader.up(dry_run=True, allowed=[".git"]) == 0


# What is too much


@pytest.mark.usefixtures("unpacked")
@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"core.dump": 3 << 30}, "too-large: core.dump is larger than 2 GiB."),
        (
            dict.fromkeys("abcde", (2 << 30) - 1),
            "too-large: The zip unpacks to more than 8 GiB. The largest file is a.",
        ),
        (dict.fromkeys((f"{number}.txt" for number in range(20)), 0), "too-many-entries: "),
    ],
    ids=["a file", "all", "too many"],
)
def test_what_is_too_much_is_refused_by_name_before_anything_is_packed(
    uploader: Uploader, monkeypatch: pytest.MonkeyPatch, sizes: dict[str, int], words: str
) -> None:
    monkeypatch.setattr("core.zips.checks.MOST_BYTES", 1000)  # of a zip's directory
    for name, size in sizes.items():
        with (uploader.folder / name).open("wb") as file:
            file.truncate(size)  # sparse

    assert uploader.up(dry_run=True) == 1
    assert f"Error: {words}" in uploader.said


def test_what_is_sent_is_no_larger_than_the_stack_takes(uploader: Uploader) -> None:
    uploader.stack = replace(STACK, largest_mib=0)

    assert uploader.up() == 1
    assert "too-large" in uploader.said


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["node_modules/a/index.js", "node_modules/b/node_modules/c/index.js"], "node_modules (2 files)"),
        (["web/node_modules/a.js"], "web/node_modules (1 file)"),
        ([".venv/lib/python3.11/site-packages/a.so"], ".venv/lib/python3.11/site-packages (1 file)"),
        ([f"{name}/node_modules/a.js" for name in "abcde"], "c/node_modules (1 file), … and 2 more. Their"),
    ],
    ids=["once", "deeper", "Python's", "an end"],
)
def test_packages_that_were_installed_for_this_machine_are_warned_of(
    uploader: Uploader, files: list[str], words: str
) -> None:
    uploader.holds(*files, content=PEM)  # a package's own test has a key

    assert uploader.up(dry_run=True) == 0
    assert "Warning: Packages that were installed for this machine are sent: " in uploader.said
    assert words in uploader.said

    uploader.holds(".dockerignore", content="**/node_modules\n**/.venv\n")

    assert uploader.up(dry_run=True) == 0
    assert "Warning" not in uploader.said


def test_of_many_files_the_largest_are_shown_and_how_many_more_there_are(uploader: Uploader) -> None:
    for number in range(9):
        uploader.holds(f"{number}.txt", content="x" * number)
    uploader.up(dry_run=True)

    assert "10 files" in uploader.said
    assert "8.txt" in uploader.said
    assert "1.txt" not in uploader.said
    assert "and 5 more" in uploader.said


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


# Ctrl-C


def interrupt() -> None:
    """Ctrl-C while it waits."""
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("place", "options"),
    [
        (Place(), ""),
        (Place(bucket=STACK.bucket), f" --bucket {STACK.bucket}"),
        (Place("staging", "eu-west-1", stack="other"), " --profile staging --region eu-west-1 --stack other"),
    ],
    ids=["nothing named", "the bucket", "the stack"],
)
def test_interrupted_it_says_by_which_command_to_go_on(uploader: Uploader, place: Place, options: str) -> None:
    uploader.stack = replace(STACK, place=place)
    uploader.world.steps = [interrupt]

    assert uploader.up("my app.zip") == 130
    command = f"ship logs 'my app.zip' --version {uploader.sent().version_id} --follow"
    assert f"To follow it: {command}{options}\n" in uploader.said


def test_after_the_timeout_it_says_by_which_command_to_go_on(uploader: Uploader) -> None:
    uploader.world.steps = [uploader.then("accepted"), *[lambda: None] * 200]

    said = r"Stopped following after 1 minute\. The upload continues"
    assert uploader.refused(said, timeout=60).code == TIMED_OUT
    assert "To follow it: ship logs app.zip --version " in uploader.said


def test_interrupted_it_stops_the_build_that_comes_a_moment_later(uploader: Uploader) -> None:
    world = uploader.world
    world.wire.answers("StopBuild", {})
    world.steps = [interrupt, lambda: None, lambda: world.builds_it(uploader.sent())]

    assert uploader.up(cancel=True) == 130
    assert [each["id"] for each in world.wire.of("StopBuild")] == [world.builds[0]["id"]]
    assert "The build was stopped." in uploader.said


def test_interrupted_where_no_build_comes_it_says_how_to_stop_it_later(uploader: Uploader) -> None:
    uploader.world.steps = [interrupt, *[lambda: None] * 50]

    assert uploader.up(cancel=True) == 130
    assert "There is no build to stop yet. To stop it later: ship cancel app.zip" in uploader.said


def test_interrupted_without_the_permission_to_stop_it_says_so_and_ends_with_130_all_the_same(
    uploader: Uploader,
) -> None:
    world = uploader.world
    world.denies("StopBuild", "codebuild:StopBuild")
    world.steps = [lambda: world.builds_it(uploader.sent()), interrupt]

    assert uploader.up(cancel=True) == 130
    assert "The build wasn't stopped. You lack a permission: codebuild:StopBuild." in uploader.said
    assert "There is no build" not in uploader.said
    assert "To stop it later: ship cancel app.zip" in uploader.said


def test_who_knows_the_bucket_alone_cannot_ask_for_that(uploader: Uploader) -> None:
    uploader.stack = Stack(STACK.bucket)

    uploader.refused("not only its bucket", cancel=True)
    assert uploader.world.wire.of("PutObject") == []


def test_where_it_cannot_be_followed_any_more_it_says_how_to_go_on(uploader: Uploader) -> None:
    uploader.world.steps = [lambda: uploader.world.refuses("GetObjectTagging", "ExpiredToken")]

    uploader.refused("credentials have expired")
    assert "To follow it: ship logs app.zip --version " in uploader.said
