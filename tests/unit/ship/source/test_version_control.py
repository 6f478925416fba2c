"""Version control isn't sent, though docker sends it."""

from pathlib import Path

import pytest

from tests.support.trees import write
from tests.support.zips import Link
from tests.unit.ship.support.packed import names


@pytest.mark.parametrize("history", [".git", ".hg", ".jj", ".svn", ".bzr"])
def test_the_history_is_left_out_in_any_folder(history: str, tmp_path: Path) -> None:
    write(tmp_path, {"Dockerfile": "", f"{history}/config": "", f"lib/{history}/a/b": "", f"{history}ignore": ""})

    assert names(tmp_path) == [f"{history}ignore", "Dockerfile", "lib"]


HISTORY = {"Dockerfile": "", ".git/HEAD": "", ".git/config": ""}


@pytest.mark.parametrize(
    ("files", "sent"),
    [
        ({".git": "gitdir: ../.git/worktrees/a", "lib/.git": Link("../.git")}, ["lib"]),
        (HISTORY | {".dockerignore": "!.git\n"}, [".dockerignore", ".git", ".git/HEAD", ".git/config"]),
        (HISTORY | {".dockerignore": "!.git/HEAD\n"}, [".dockerignore", ".git", ".git/HEAD"]),
        (HISTORY | {".dockerignore": "*\n"}, [".dockerignore"]),
    ],
    ids=["links to one elsewhere", "taken back", "partly taken back", "all is ignored"],
)
def test_the_history_is_sent_as_far_as_the_rules_take_it_back(
    files: dict[str, str], sent: list[str], tmp_path: Path
) -> None:
    write(tmp_path, {"Dockerfile": "", **files})

    assert names(tmp_path) == sorted([*sent, "Dockerfile"])
