"""The Dockerfile is a file at the top of the zip, or in the only folder there; otherwise the reason says what to do."""

import pytest

from core.notifying.statuses import clean
from core.zips import checks, zip_reasons
from tests.support.served import Served, code
from tests.support.zips import WINDOWS, Link, zipped

FILE = "FROM scratch\n"
LINK = Link("elsewhere")
NO_DOCKERFILE = zip_reasons.no_dockerfile("Dockerfile", None).sentence


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


# Names that lead elsewhere


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


@pytest.mark.parametrize("names", [["main.py"], ["Dockerfile.dev"], ["app/Dockerfile.dev"], ["Dockerfile.dev/main.py"]])
def test_without_a_dockerfile_the_reason_says_where_it_is_looked_for(names: list[str]) -> None:
    assert reason(*names) == f"no-dockerfile: {NO_DOCKERFILE}"


@pytest.mark.parametrize(
    ("names", "folder"),
    [
        (["app/Dockerfile", "README.md"], "app"),
        (["app/docker/Dockerfile", "app/main.py", "README.md"], "app/docker"),
        (["a/b/Dockerfile", "b/Dockerfile"], "b"),
        (["./app//docker/Dockerfile", "main.py"], "app/docker"),
        ([".devcontainer/Dockerfile", "docker/deep/Dockerfile", "main.py"], "docker/deep"),
    ],
)
def test_the_reason_points_out_a_dockerfile_that_is_deeper(names: list[str], folder: str) -> None:
    hint = f"There is one in {folder}: zip what is in that folder or deploy the stack with DockerfilePath={folder}"

    assert reason(*names) == f"no-dockerfile: {NO_DOCKERFILE} {hint}/Dockerfile"


def test_the_path_that_is_pointed_out_begins_where_the_source_does() -> None:
    assert reason("app/docker/Dockerfile", "app/main.py").endswith("DockerfilePath=docker/Dockerfile")


def test_no_path_is_pointed_out_for_a_dockerfile_beside_the_source() -> None:
    assert reason(".ci/Dockerfile", "app/main.py").endswith("There is one in .ci: zip what is in that folder")


@pytest.mark.parametrize("folder", [".devcontainer", "node_modules/x", "__MACOSX"])
def test_a_dockerfile_that_builds_something_else_is_not_pointed_out(folder: str) -> None:
    assert reason(f"{folder}/Dockerfile", "main.py") == f"no-dockerfile: {NO_DOCKERFILE}"


@pytest.mark.parametrize("name", ["dockerfile", "DockerFile", "DOCKERFILE", "Dockerfile.txt", "dockerfile.TXT"])
@pytest.mark.parametrize("folder", ["", "app/"])
def test_the_reason_points_out_a_dockerfile_of_another_name(folder: str, name: str) -> None:
    hint = f"There is {folder}{name}: name it Dockerfile"

    assert reason(f"{folder}{name}", f"{folder}main.py") == f"no-dockerfile: {NO_DOCKERFILE} {hint}"


def test_a_name_is_pointed_out_rather_than_a_folder() -> None:
    assert "name it Dockerfile" in reason("Dockerfile.txt", "docker/Dockerfile")


@pytest.mark.parametrize("names", [["app.zip"], ["app.ZIP", "README.md"], ["build/app.zip", "build/log"]])
def test_the_reason_points_out_a_zip_in_the_zip(names: list[str]) -> None:
    assert reason(*names) == f"no-dockerfile: {NO_DOCKERFILE} There is {names[0]} in it: upload that one."


def test_of_several_zips_in_the_zip_none_is_pointed_out() -> None:
    assert reason("a.zip", "b.zip") == f"no-dockerfile: {NO_DOCKERFILE}"


def test_the_reason_points_out_no_folder_named_dockerfile() -> None:
    assert reason("src/Dockerfile/", "main.py") == f"no-dockerfile: {NO_DOCKERFILE}"


@pytest.mark.parametrize("names", [["docs/main.py", "services/web_1/Dockerfile"], ["Dockerfile.txt"], ["app-1.0.zip"]])
def test_a_hint_fits_a_tag_as_it_is_written(names: list[str]) -> None:
    assert clean(reason(*names)) == reason(*names)


def test_a_long_path_leaves_room_for_what_to_do() -> None:
    assert len(reason(f"{'x' * 100}/{'y' * 100}/Dockerfile", "main.py")) <= 300


# Another place


def rejection(names: list[str], dockerfile: str) -> str | None:
    content = zipped(dict.fromkeys(names, FILE))
    found = checks.check(len(content), Served(content).fetch, 100, dockerfile)
    return str(found) if found else None


@pytest.mark.parametrize(
    "names",
    [
        ["docker/prod.Dockerfile", "main.py"],
        ["app/docker/prod.Dockerfile", "app/main.py"],
        ["docker/prod.Dockerfile", "Dockerfile"],
    ],
)
def test_a_dockerfile_at_the_path_that_the_stack_says_is_found(names: list[str]) -> None:
    assert rejection(names, "docker/prod.Dockerfile") is None


def test_a_dockerfile_elsewhere_than_the_stack_says_is_not_found() -> None:
    found = rejection(["Dockerfile", "docker/Prod.Dockerfile"], "docker/prod.Dockerfile")

    assert found == (
        "no-dockerfile: There is no file docker/prod.Dockerfile at the top of the zip or in its only folder. "
        "There is docker/Prod.Dockerfile: name it prod.Dockerfile"
    )


def test_a_dockerfile_below_a_link_is_not_found() -> None:
    content = zipped({"main.py": "", "docker": LINK})
    found = checks.check(len(content), Served(content).fetch, 100, "docker/Dockerfile")

    assert found is not None
    assert found.code == "no-dockerfile"
