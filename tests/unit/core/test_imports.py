"""The direction of imports: handlers → aws → core, and the core alone with what changes nothing and asks nobody."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[3] / "functions"
PURE = {
    "collections", "core", "dataclasses", "datetime", "enum", "errno", "functools", "hashlib", "io", "itertools",
    "json", "re", "stat", "struct", "typing", "unicodedata", "zipfile", "zlib",
}  # fmt: skip
HANDLERS = {"start_build", "record_image"}
ASKS_THE_CLOCK = {"now", "today", "utcnow"}


@cache
def trees(folder: str) -> dict[str, ast.Module]:
    """The syntax of each module of a folder and below it; of the functions' own folder, the handlers' alone."""
    pattern = "*.py" if folder == "." else "**/*.py"
    paths = sorted((FUNCTIONS / folder).glob(pattern))
    return {str(path.relative_to(FUNCTIONS / folder)): ast.parse(path.read_text()) for path in paths}


def imported(tree: ast.Module) -> set[str]:
    """The top-level packages that a module imports when it runs; imports for types alone don't count."""
    found = set()
    typing_only = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for each in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_each_folder_of_the_functions_holds_modules() -> None:
    assert all(len(trees(folder)) > 1 for folder in (".", "core", "aws"))


@pytest.mark.parametrize("name", trees("core"))
def test_the_core_imports_nothing_that_could_ask_or_change_the_outside(name: str) -> None:
    assert imported(trees("core")[name]) <= PURE


@pytest.mark.parametrize("name", trees("core"))
def test_the_core_does_not_ask_the_clock(name: str) -> None:
    called = {node.attr for node in ast.walk(trees("core")[name]) if isinstance(node, ast.Attribute)}
    assert not called & ASKS_THE_CLOCK


@pytest.mark.parametrize("name", trees("aws"))
def test_what_touches_aws_imports_no_handler(name: str) -> None:
    assert not imported(trees("aws")[name]) & {path.removesuffix(".py") for path in trees(".")}


@pytest.mark.parametrize("name", trees("."))
def test_a_handler_imports_no_other_handler(name: str) -> None:
    assert not imported(trees(".")[name]) & HANDLERS


# What a function's init takes

LISTING = "import json, sys; print(json.dumps(sorted(sys.modules)))"
NEEDED = "import boto3; from aws_lambda_powertools import Logger, Metrics"
BESIDE = {
    "aws_lambda_powertools.utilities.typing",
    "aws_lambda_powertools.utilities.typing.lambda_context",
    "unicodedata",
}


def loaded_by(statement: str) -> set[str]:
    """The modules that are there after a statement."""
    ended = subprocess.run(
        [sys.executable, "-B", "-c", f"{statement}\n{LISTING}"],
        cwd=FUNCTIONS,
        env={"POWERTOOLS_METRICS_NAMESPACE": "test"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(ended.stdout))


@pytest.mark.parametrize("handler", ["start_build", "record_image"])
def test_a_handler_loads_little_more_than_boto3_logger_and_metrics(handler: str) -> None:
    more = loaded_by(f"import {handler}") - loaded_by(NEEDED)

    assert {name for name in more if name.partition(".")[0] not in {handler, "core", "aws", "notify"}} == BESIDE


def test_only_the_builder_s_fetch_loads_boto3_and_not_before_it_restarts_the_engine() -> None:
    before = loaded_by("import builder.build, builder.engine, builder.steps.fetching, builder.steps.buildx")

    assert not before & {"boto3", "botocore"}
    assert "botocore" in loaded_by("import builder.registry")
