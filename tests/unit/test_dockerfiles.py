"""The Dockerfile is a file at the top of the zip, or in the only folder there; otherwise the reason says what to do."""

import pytest

from core import reasons
from core.statuses import clean
from tests.support.zips import WINDOWS, Link, zipped
from tests.unit.support.served import Served, code

FILE = "FROM scratch\n"
LINK = Link("elsewhere")
NO_DOCKERFILE = reasons.no_dockerfile(None).sentence


def reason(*names: str) -> str:
    return str(Served(zipped(dict.fromkeys(names, FILE))).check())


# Where it may be


@pytest.mark.parametrize(
    "names",
    [
        ["Dockerfile"],
        ["src/main.py", "Dockerfile"],
        ["app/", "Dockerfile"],
        ["app/Dockerfile", "Dockerfile"],
        ["app/Dockerfile"],
        ["app/", "app/src/", "app/src/main.py", "app/Dockerfile"],
        ["Dockerfile/Dockerfile"],
        [".github/Dockerfile", ".env", "app/Dockerfile"],
        ["__MACOSX/app/._Dockerfile", "app/Dockerfile"],
        ["__MACOSX/", ".DS_Store", "app/", "app/Dockerfile"],
        ["größe 🍕/Dockerfile"],
        ["-/Dockerfile"],
    ],
)
def test_a_dockerfile_at_the_top_or_in_the_only_folder_is_found(names: list[str]) -> None:
    assert code(zipped(dict.fromkeys(names, FILE))) is None


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["app/"],
        ["dockerfile"],
        ["Dockerfile.dev"],
        ["app/Dockerfile", "README.md"],
        ["app/Dockerfile", "other/"],
        ["app/docker/Dockerfile"],
        ["app/app/Dockerfile"],
        [".app/Dockerfile"],
        ["__MACOSX/Dockerfile"],
        ["app.Dockerfile", "app/Dockerfile"],
    ],
)
def test_a_dockerfile_elsewhere_or_of_another_name_is_not_found(names: list[str]) -> None:
    assert code(zipped(dict.fromkeys(names, FILE))) == "no-dockerfile"


# Names as unzip takes them


@pytest.mark.parametrize(
    "name",
    [
        "./Dockerfile",
        "../Dockerfile",
        "../../Dockerfile",
        "/Dockerfile",
        "//Dockerfile",
        "./app//Dockerfile",
        "/./a/../",
    ],
)
def test_a_name_in_a_zip_stays_inside_whatever_it_says(name: str) -> None:
    if name.endswith("/"):
        name += "Dockerfile"

    assert code(zipped({name: FILE})) is None


def test_two_names_written_differently_may_be_in_one_folder() -> None:
    assert code(zipped({"../app/src/main.py": "", "./app/Dockerfile": FILE})) is None


@pytest.mark.parametrize("names", [["app\\Dockerfile"], ["app\\src\\", "app\\src\\main.py", "app\\Dockerfile"]])
def test_a_backslash_of_windows_separates_folders(names: list[str]) -> None:
    assert code(zipped(dict.fromkeys(names, FILE), system=WINDOWS)) is None


def test_a_backslash_of_unix_is_a_character_of_a_name() -> None:
    assert code(zipped({"app\\Dockerfile": FILE})) == "no-dockerfile"
    assert code(zipped({"a\\b/Dockerfile": FILE})) is None


def test_a_backslash_of_windows_in_a_name_with_slashes_is_a_character() -> None:
    assert code(zipped({"a\\b/Dockerfile": FILE}, system=WINDOWS)) is None
    assert code(zipped({"app\\src/main.py": "", "app/Dockerfile": FILE}, system=WINDOWS)) == "no-dockerfile"


# A link or a folder


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": LINK},
        {"src/main.py": "", "./Dockerfile": LINK},
        {"app/src/main.py": "", "app/Dockerfile": LINK},
        {"src/main.py": "", "Dockerfile/": ""},
        {"src/main.py": "", "Dockerfile/main.py": ""},
        {"app/Dockerfile/": ""},
        {"app/Dockerfile/Dockerfile": FILE},
    ],
)
def test_a_link_or_a_folder_is_no_dockerfile(files: dict[str, str]) -> None:
    rejection = Served(zipped(files)).check()

    assert str(rejection).startswith("no-dockerfile: The Dockerfile is a link or a folder.")


def test_a_folder_of_windows_is_no_dockerfile() -> None:
    rejection = Served(zipped({"src\\main.py": "", "Dockerfile\\": ""}, system=WINDOWS)).check()

    assert str(rejection).startswith("no-dockerfile: The Dockerfile is a link or a folder.")


def test_a_link_is_no_folder() -> None:
    assert code(zipped({"app": LINK, "__MACOSX/Dockerfile": FILE})) == "no-dockerfile"


def test_links_beside_the_dockerfile_do_not_matter() -> None:
    assert code(zipped({"Dockerfile": FILE, "link": LINK})) is None


# What to do


@pytest.mark.parametrize("names", [["main.py"], ["dockerfile"], ["app/Dockerfile.dev"], ["Dockerfile.dev/main.py"]])
def test_without_a_dockerfile_the_reason_says_where_it_is_looked_for(names: list[str]) -> None:
    assert reason(*names) == f"no-dockerfile: {NO_DOCKERFILE}"


@pytest.mark.parametrize(
    ("names", "folder"),
    [
        (["app/Dockerfile", "README.md"], "app"),
        (["app/docker/Dockerfile", "app/main.py"], "app/docker"),
        (["a/b/Dockerfile", "b/Dockerfile"], "b"),
        (["./app//docker/Dockerfile", "main.py"], "app/docker"),
        ([".devcontainer/Dockerfile", "main.py"], ".devcontainer"),
    ],
)
def test_the_reason_points_out_a_dockerfile_that_is_deeper(names: list[str], folder: str) -> None:
    hint = f"There is one in {folder}: zip what is in that folder."

    assert reason(*names) == f"no-dockerfile: {NO_DOCKERFILE} {hint}"


def test_the_reason_points_out_no_folder_named_dockerfile() -> None:
    assert reason("Dockerfile/", "Dockerfile/main.py") == f"no-dockerfile: {NO_DOCKERFILE}"
    assert reason("src/Dockerfile/", "main.py") == f"no-dockerfile: {NO_DOCKERFILE}"


def test_the_hint_at_a_deeper_dockerfile_fits_a_tag_as_it_is_written() -> None:
    hint = reason("docs/main.py", "services/web_1/Dockerfile")

    assert clean(hint) == hint
    assert hint.endswith("There is one in services/web_1: zip what is in that folder.")
