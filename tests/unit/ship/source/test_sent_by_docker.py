"""`ship` packs the files of a folder that docker would send, by docker's recorded answers about a hundred folders."""

from pathlib import Path

import pytest

from ship.problem import Problem
from ship.source import packing
from tests.support.packing import packed, unpacked
from tests.support.sent_by_docker.cases import CASES, READER, REFUSED, Case, answers
from tests.support.trees import Listing, listed, listed_in_folder, listed_in_zip, write

ROOT = Path(__file__).parents[4]
ANSWERS = answers()


def sent(name: str) -> Listing:
    """What docker sends of a case's folder, without its history unless the rules take that back."""
    files, is_whole = listed(CASES[name].all_files()), CASES[name].keeps_history()
    kept = [path for path in ANSWERS["sent"][name] if is_whole or path.split("/")[0] != ".git"]
    return {path: files.get(path, ("folder", b"")) for path in kept}


def test_the_answers_are_about_these_folders_and_were_given_for_the_pinned_reader_of_rules() -> None:
    assert ANSWERS["reader"] in (ROOT / "requirements" / "ship.txt").read_text().splitlines(), (
        f"{READER} was upgraded: run `python -m tests.e2e.support.docker_contexts`"
    )
    assert list(ANSWERS["sent"]) == list(CASES)
    assert ANSWERS["refused"] == REFUSED


@pytest.mark.parametrize("name", CASES)
def test_all_that_docker_sends_arrives_at_the_build_unchanged_and_nothing_else_is_packed(
    name: str, tmp_path: Path
) -> None:
    case, expected = CASES[name], sent(name)
    content = packed(write(tmp_path / "folder", case.all_files()), case.dockerfile)

    arrived = listed_in_folder(unpacked(content, case.dockerfile, tmp_path / "build").context)
    files = {path.removeprefix("source/") for path, (kind, _) in listed_in_zip(content).items() if kind != "folder"}

    assert {path: arrived.get(path) for path in expected} == expected
    assert files - expected.keys() <= {case.dockerfile, f"{case.dockerfile}.dockerignore", ".dockerignore"}


@pytest.mark.parametrize("rules", REFUSED)
def test_what_docker_refuses_is_a_problem(rules: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "folder", Case(f"src\n{rules}").all_files())

    with pytest.raises(Problem, match=r"^\.dockerignore has a pattern that docker refuses"):
        packing.entries(folder, "Dockerfile")
