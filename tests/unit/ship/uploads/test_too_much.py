"""What is too much is refused by name, and what may be is warned of."""

from dataclasses import replace

import pytest

from tests.unit.ship.support.secret_files import PEM
from tests.unit.ship.support.uploader import Uploader
from tests.unit.ship.support.world import STACK


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
