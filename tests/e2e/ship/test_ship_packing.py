"""A folder that ship packs and the builder unpacks gives the same image as `docker build` gives from the folder.

tests/unit/ship/source/test_sent_by_docker.py holds ship to docker's recorded answers. Here docker itself answers: about
the places where a Dockerfile and its rules can be.
"""

from pathlib import Path

import pytest

from tests.e2e.support.docker_contexts import images, refuses, sent
from tests.support.packing import packed, unpacked
from tests.support.sent_by_docker.cases import CASES, DOCKERFILES, answers
from tests.support.trees import Listing, write

NAMES = ["no rules", "azure-cli#31250: a file of .git taken back", *DOCKERFILES]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all is built."""
    return tmp_path_factory.mktemp("packing")


@pytest.fixture(scope="module")
def of_folders(docker: dict[str, str], work: Path) -> dict[str, Listing]:
    """The image that docker builds from each case's folder."""
    return sent(docker, work, {name: CASES[name] for name in NAMES})


@pytest.fixture(scope="module")
def of_zips(docker: dict[str, str], work: Path) -> dict[str, Listing]:
    """The image of each case's zip, built with the builder's copies of the Dockerfile and the ignore rules."""
    builds = {}
    for number, name in enumerate(NAMES):
        case, folder = CASES[name], write(work / f"packed-{number}", CASES[name].all_files())
        source = unpacked(packed(folder, case.dockerfile), case.dockerfile, work / f"unpacking-{number}")
        # To the engine a context of the same name is the one of an earlier build.
        builds[name] = (source.context.rename(work / f"context-{number}"), source.dockerfile)
    return images(docker, work, builds)


@pytest.mark.parametrize("name", NAMES)
def test_the_image_of_what_was_packed_is_the_image_of_the_folder_without_its_history(
    of_folders: dict[str, Listing], of_zips: dict[str, Listing], name: str
) -> None:
    is_whole = CASES[name].keeps_history()

    assert of_zips[name] == {
        path: each for path, each in of_folders[name].items() if is_whole or path.split("/")[0] != ".git"
    }


@pytest.mark.parametrize("name", NAMES)
def test_docker_sends_what_its_recorded_answer_says(of_folders: dict[str, Listing], name: str) -> None:
    assert sorted(of_folders[name]) == answers()["sent"][name]


@pytest.mark.parametrize("rules", ["!/", "[", "build\\output"])
def test_docker_refuses_what_its_recorded_answer_says(docker: dict[str, str], rules: str, tmp_path: Path) -> None:
    assert rules in answers()["refused"]
    assert refuses(docker, tmp_path, rules)
