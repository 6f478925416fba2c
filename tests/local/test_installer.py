"""What is installed: the pins agree where they meet, and uv looks for packages where pip does."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from local.emulator import ROOT, reserved_port
from requirements.installer import pip_settings, uv_variables

FILES = sorted((ROOT / "requirements").glob("*.txt"))


def pins(name: str) -> set[str]:
    """The lines of the requirements file of this name."""
    return set((ROOT / "requirements" / f"{name}.txt").read_text().splitlines())


# The pins


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_requirements_file_has_exact_versions_and_no_addresses(file: Path) -> None:
    assert [line for line in file.read_text().splitlines() if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", line)] == []


def test_what_shares_an_environment_has_the_same_versions() -> None:
    assert pins("ship") < pins("demo") < pins("dev")


def test_the_demo_installs_no_tool_of_the_developers() -> None:
    installed = {line.partition("==")[0] for line in pins("demo") | pins("cloud")}

    assert not {"aws-lambda-powertools", "hypothesis", "moto", "mypy", "pytest", "ruff"} & installed


def test_the_emulators_environment_lacks_what_the_functions_bring_along() -> None:
    brought = re.findall(r"^([\w-]+)", (ROOT / "functions" / "requirements.txt").read_text(), re.MULTILINE)
    installed = {line.partition("==")[0] for line in pins("cloud")}

    assert brought
    assert not set(brought) & installed  # or a function that forgot to bring it would work here


def test_each_requirements_file_is_installed_and_written_by_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    installed = re.findall(r"^\.venv\S+: requirements/(\w+)\.txt", makefile, re.MULTILINE)
    (groups,) = re.findall(r"for group in ([\w ]+);", makefile)
    written = {*groups.split(), *re.findall(r"--output-file requirements/(\w+)\.txt", makefile)}

    assert set(installed) == written == {each.stem for each in FILES}


# Where uv looks


def test_the_settings_of_an_install_come_before_the_global_ones_and_the_environments_before_both() -> None:
    printed = "\n".join(
        [
            ":env:.timeout='3'",
            "download.cert='/download.pem'",
            "global.cert='/global.pem'",
            "global.index-url='https://one.example.com/simple'",
            "global.timeout='1'",
            "install.index-url='https://two.example.com/simple'",
            "install.timeout='2'",
        ]
    )

    assert pip_settings(printed) == {
        "cert": "/global.pem",
        "index-url": "https://two.example.com/simple",
        "timeout": "3",
    }
    assert pip_settings("") == {}


ONE, TWO = "https://one.example.com", "https://two.example.com"
PRIVATE = "https://user:secret@pypi.example.com/simple"
INDEXES = {"index-url": ONE, "extra-index-url": TWO, "cert": "/ca.pem"}


@pytest.mark.parametrize(
    ("pip", "own", "expected"),
    [
        pytest.param({}, {}, {}, id="a machine without settings"),
        pytest.param(
            {"index-url": PRIVATE, "cert": "/ca.pem", "trusted-host": "a b"},
            {},
            {"UV_DEFAULT_INDEX": PRIVATE, "SSL_CERT_FILE": "/ca.pem", "UV_INSECURE_HOST": "a b"},
            id="pip's index",
        ),
        pytest.param(
            {"extra-index-url": f"\n{ONE}\n{TWO}", "find-links": "/one\n/two"},
            {},
            {"UV_INDEX": f"{ONE} {TWO}", "UV_INDEX_STRATEGY": "unsafe-best-match", "UV_FIND_LINKS": "/one,/two"},
            id="with more indexes uv takes a version wherever it is",
        ),
        *(
            pytest.param(INDEXES, {name: ONE}, {"SSL_CERT_FILE": "/ca.pem"}, id=f"{name} keeps out all indexes of pip")
            for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL")
        ),
        pytest.param(
            {"cert": "/ca.pem", "constraint": "/one.txt", "extra-index-url": ONE},
            {"SSL_CERT_FILE": "/own.pem", "UV_CONSTRAINT": "own.txt", "UV_INDEX_STRATEGY": "first-index"},
            {"UV_INDEX": ONE},
            id="what is set for uv stays",
        ),
    ],
)
def test_uv_gets_pips_settings(pip: dict[str, str], own: dict[str, str], expected: dict[str, str]) -> None:
    assert uv_variables(pip, own) == expected


# The whole program


def installed_from(folder: Path, environment: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Asks the installer for a package that is only in a folder, with pip's settings in variables."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    program = ROOT / "requirements" / "installer.py"
    return subprocess.run(
        [sys.executable, program, "pip", "install", "--no-cache", "--python", environment, "only-here==1"],
        env={**own, "PIP_CONFIG_FILE": os.devnull, **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An empty environment."""
    folder = tmp_path / "environment"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    return folder


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with the wheel of a package that no index has."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "only_here-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("only_here.py", "")
        wheel.writestr("only_here-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: only-here\nVersion: 1\n")
        wheel.writestr("only_here-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("only_here-1.dist-info/RECORD", "")
    return folder


def test_a_package_comes_from_where_pip_finds_it(wheels: Path, environment: Path) -> None:
    ended = installed_from(wheels, environment, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheels))

    assert ended.returncode == 0, ended.stderr
    assert list(environment.glob("lib/python*/site-packages/only_here.py"))


def test_an_index_that_does_not_answer_is_named(wheels: Path, environment: Path) -> None:
    with reserved_port() as port:
        ended = installed_from(wheels, environment, PIP_INDEX_URL=f"http://127.0.0.1:{port}/simple", PIP_RETRIES="0")

    assert ended.returncode != 0
    assert f"http://127.0.0.1:{port}/simple/only-here/" in ended.stderr
