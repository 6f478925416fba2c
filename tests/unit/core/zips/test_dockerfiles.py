"""The Dockerfile is a file at the top of the zip, or in the only folder there; otherwise the reason says what to do."""

import pytest

from core.notifying.statuses import clean
from core.zips import checks, zip_reasons
from tests.support.served import Served, code
from tests.support.zips import UNIX, WINDOWS, Link, zipped

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
        # Names that lead elsewhere stay inside
        *([name] for name in ("./Dockerfile", "../Dockerfile", "../../Dockerfile", "/Dockerfile", "//Dockerfile")),
        ["./app//Dockerfile"],
        ["/./a/../Dockerfile"],
        ["../app/src/main.py", "./app/Dockerfile"],
        ["a\\b/Dockerfile"],
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
        ["app\\Dockerfile"],  # of Unix: a character of a name
    ],
)
def test_a_dockerfile_elsewhere_or_of_another_name_is_not_found(names: list[str]) -> None:
    assert code(zipped(dict.fromkeys(names, FILE))) == "no-dockerfile"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["app\\Dockerfile"], None),
        (["app\\src\\", "app\\src\\main.py", "app\\Dockerfile"], None),
        (["a\\b/Dockerfile"], None),
        (["app\\src/main.py", "app/Dockerfile"], "no-dockerfile"),
    ],
)
def test_a_backslash_of_windows_separates_folders_where_no_slash_does(names: list[str], expected: str | None) -> None:
    assert code(zipped(dict.fromkeys(names, FILE), system=WINDOWS)) == expected


# A link or a folder


@pytest.mark.parametrize(
    ("files", "system"),
    [
        ({"Dockerfile": LINK}, UNIX),
        ({"src/main.py": "", "./Dockerfile": LINK}, UNIX),
        ({"app/src/main.py": "", "app/Dockerfile": LINK}, UNIX),
        ({"src/main.py": "", "Dockerfile/": ""}, UNIX),
        ({"src/main.py": "", "Dockerfile/main.py": ""}, UNIX),
        ({"app/Dockerfile/": ""}, UNIX),
        ({"app/Dockerfile/Dockerfile": FILE}, UNIX),
        ({"src\\main.py": "", "Dockerfile\\": ""}, WINDOWS),
    ],
)
def test_a_link_or_a_folder_is_no_dockerfile(files: dict[str, str], system: int) -> None:
    rejection = Served(zipped(files, system=system)).check()

    assert str(rejection).startswith("no-dockerfile: The Dockerfile is a link or a folder.")


def test_a_link_is_no_folder() -> None:
    assert code(zipped({"app": LINK, "__MACOSX/Dockerfile": FILE})) == "no-dockerfile"


def test_links_beside_the_dockerfile_do_not_matter() -> None:
    assert code(zipped({"Dockerfile": FILE, "link": LINK})) is None


# What to do


def deeper(folder: str) -> str:
    """The hint at a Dockerfile in a folder."""
    option = f"deploy the stack with DockerfilePath={folder}/Dockerfile"
    return f"There is one in {folder}: zip what is in that folder or {option}"


NAMES = ["dockerfile", "DockerFile", "DOCKERFILE", "Dockerfile.txt", "dockerfile.TXT"]
HINTS: list[tuple[list[str], str]] = [
    # Without a hint it says where a Dockerfile is looked for
    (["main.py"], ""),
    (["Dockerfile.dev"], ""),
    (["app/Dockerfile.dev"], ""),
    (["Dockerfile.dev/main.py"], ""),
    (["a.zip", "b.zip"], ""),
    (["src/Dockerfile/", "main.py"], ""),
    *(([f"{folder}/Dockerfile", "main.py"], "") for folder in (".devcontainer", "node_modules/x", "__MACOSX")),
    # It is deeper
    (["app/Dockerfile", "README.md"], deeper("app")),
    (["app/docker/Dockerfile", "app/main.py", "README.md"], deeper("app/docker")),
    (["a/b/Dockerfile", "b/Dockerfile"], deeper("b")),
    (["./app//docker/Dockerfile", "main.py"], deeper("app/docker")),
    ([".devcontainer/Dockerfile", "docker/deep/Dockerfile", "main.py"], deeper("docker/deep")),
    (["docs/main.py", "services/web_1/Dockerfile"], deeper("services/web_1")),
    (["app/docker/Dockerfile", "app/main.py"], deeper("app/docker").replace("=app/", "=")),  # from the source on
    ([".ci/Dockerfile", "app/main.py"], "There is one in .ci: zip what is in that folder"),  # beside the source
    # It has another name, which is a better hint than a folder
    *(([name, "main.py"], f"There is {name}: name it Dockerfile") for name in NAMES),
    *(([f"app/{name}", "app/main.py"], f"There is app/{name}: name it Dockerfile") for name in NAMES),
    (["Dockerfile.txt", "docker/Dockerfile"], "There is Dockerfile.txt: name it Dockerfile"),
    # It is in a zip in the zip
    (["app.zip"], "There is app.zip in it: upload that one."),
    (["app.ZIP", "README.md"], "There is app.ZIP in it: upload that one."),
    (["build/app.zip", "build/log"], "There is build/app.zip in it: upload that one."),
]


@pytest.mark.parametrize(("names", "hint"), HINTS)
def test_the_reason_says_what_to_do_in_words_that_fit_a_tag(names: list[str], hint: str) -> None:
    assert reason(*names) == f"no-dockerfile: {NO_DOCKERFILE} {hint}".strip()
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
