"""What `ship up` refuses or warns of before it sends anything."""

import zipfile
from dataclasses import replace

import pytest

from ship.source import packing
from tests.support.trees import write
from tests.support.zips import zipped
from tests.unit.ship.support.secret_files import PEM, token
from tests.unit.ship.support.uploader import Uploader
from tests.unit.ship.support.world import STACK

URI = f"{STACK.repository_uri}@sha256:{'a' * 64}"


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be packed."""
    monkeypatch.setattr(packing, "pack", lambda *_: pytest.fail("This is packed."))


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
