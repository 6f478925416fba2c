"""What pip installs: nothing except `ship`, beside whatever else is there, on each Python that it promises."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from local.emulator import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
DEPENDENCIES = [Requirement(each) for each in PROJECT["project"]["dependencies"]]
OLDEST = "3.11"
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
INSTALLED = Path(sys.prefix)
"""The environment of these tests: `ship` is installed there, and these tests run the checkout's as well."""
PROVIDED = {"boto3", "botocore", "e2b_dockerfile_utils", "rich", "typer"}
"""The packages that its dependencies install and that it imports."""


def pins(name: str) -> dict[str, str]:
    """The versions in the requirements file of this name."""
    return dict(line.split("==") for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines())


def installed_files() -> set[str]:
    """The files that pip installed of the project, relative to site-packages."""
    (record,) = INSTALLED.glob("lib/python*/site-packages/source_to_ecr-*.dist-info/RECORD")
    return {line.partition(",")[0] for line in record.read_text().splitlines()}


def test_nothing_is_installed_except_the_package_and_its_command() -> None:
    tops = {name.partition("/")[0] for name in installed_files() if not name.startswith("../")}
    version = PROJECT["project"]["version"]

    assert tops == {"ship", f"source_to_ecr-{version}.dist-info"}
    assert {name for name in installed_files() if name.startswith("../")} == {"../../../bin/ship"}


def test_every_module_of_the_core_is_installed_and_each_reader_that_takes_a_client() -> None:
    shared = {Path(name.removeprefix("ship/")) for name in installed_files() if name.startswith("ship/functions/")}
    modules = {path.relative_to(ROOT) for path in (ROOT / "functions/core").rglob("*.py")}
    readers = {Path(f"functions/aws/{name}.py") for name in ("__init__", "codebuild", "ecr", "ssm")}

    assert {path for path in shared if path.suffix == ".py"} == modules | readers


@pytest.mark.parametrize("beside", ["", f":{ROOT}"], ids=["installed", "checkout"])
@pytest.mark.parametrize("project", [".", "elsewhere:."])
def test_a_projects_own_package_of_the_same_name_does_not_matter(beside: str, project: str, tmp_path: Path) -> None:
    for name in ("aws", "core"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('This is a package of somebody else.')")
    code = "from ship.uploads import uploading; from core.zips import checks; print(checks.__file__)"
    ended = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": project + beside},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stderr == ""
    imported = Path(ended.stdout.strip())
    assert imported.parts[-3:] == ("core", "zips", "checks.py")
    assert imported.is_relative_to(ROOT / "functions" if beside else INSTALLED)


def test_it_imports_nothing_that_its_dependencies_do_not_install() -> None:
    trees = [ast.parse(path.read_text()) for path in (ROOT / "ship").rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    tops = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    types = {name for name in tops if name.startswith("mypy_boto3_")}  # nothing runs them

    assert tops - types == {"aws", "core", "ship"} | PROVIDED


def test_its_dependencies_are_few_and_each_is_a_range() -> None:
    assert [each.name for each in DEPENDENCIES] == ["boto3", "e2b-dockerfile-utils", "rich", "typer"]
    assert [sorted(one.operator for one in each.specifier) for each in DEPENDENCIES] == [["<", ">="]] * 4
    assert len(pins("ship")) <= 21


@pytest.mark.parametrize("dependency", DEPENDENCIES, ids=lambda each: each.name)
def test_the_pinned_version_is_in_the_range_and_the_oldest_is_its_beginning(dependency: Requirement) -> None:
    (beginning,) = [each.version for each in dependency.specifier if each.operator == ">="]
    oldest = pins("oldest")[dependency.name]

    assert pins("ship")[dependency.name] in dependency.specifier
    assert oldest in dependency.specifier
    assert oldest.removesuffix(".0").removesuffix(".0") == beginning


@pytest.mark.parametrize("dependency", DEPENDENCIES, ids=lambda each: each.name)
def test_it_is_tried_with_the_versions_that_are_pinned(dependency: Requirement) -> None:
    tried = pins("oldest" if THIS == OLDEST else "ship")

    assert importlib.metadata.version(dependency.name) == tried[dependency.name]


def test_the_oldest_python_is_the_same_wherever_it_is_named() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = PROJECT["tool"]["ruff"]["per-file-target-version"]
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    (setup,) = [step for step in workflow["jobs"]["test"]["steps"] if "setup-python" in step.get("uses", "")]

    assert str(SpecifierSet(PROJECT["project"]["requires-python"])) == f">={OLDEST}"
    assert re.findall(r"^OLDEST \?= python(\S+)$", makefile, re.MULTILINE) == [OLDEST]
    assert {targets["ship/**"], targets["functions/**"]} == {f"py{OLDEST.replace('.', '')}"}
    assert setup["with"]["python-version"].split() == [OLDEST, (ROOT / ".python-version").read_text().strip()]
