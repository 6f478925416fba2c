"""The page of permissions agrees with the policies of the stack, and names every action that `ship` needs."""

import re

import botocore.session
import pytest
from botocore import xform_name

from ship.cli import app
from tests.docs.support.documents import ROOT, rows, section
from tests.support.stack import Stack, allowed

PAGE = ROOT / "docs" / "rights.md"
POLICIES = {"uploader": "UploaderPolicy", "follower": "FollowerPolicy", "rollback": "RollbackPolicy"}
EVERYWHERE = "cloudformation:DescribeStacks"
TABLE = rows(section(PAGE, "What each verb requires"))
SERVICES = ["cloudformation", "codebuild", "ecr", "ecs", "logs", "s3", "service-quotas", "sqs", "ssm", "sts"]
ACTION = re.compile(r"`([a-z0-9]+:[A-Za-z]+)`")


def actions(stack: Stack, policy: str) -> set[str]:
    """What a policy allows."""
    return set().union(*allowed(stack, policy).values())


def required(words: str) -> set[str]:
    """The actions that a cell names, and those of the verbs to which it refers."""
    found = set(ACTION.findall(words))
    for verb in re.findall(r"as `([a-z A-Z]+)`", words):
        found |= next(required(row[1]) for row in TABLE if row[0] == f"`{verb}`")
    return found


@pytest.fixture(scope="module")
def stack() -> Stack:
    """The template."""
    return Stack.from_file()


@pytest.mark.parametrize("row", [row for row in TABLE if row[2] != "none"], ids=lambda row: row[0])
def test_each_policy_that_a_verb_names_has_what_the_verb_requires(stack: Stack, row: list[str]) -> None:
    for name in row[2].split(", "):
        missing = required(row[1].partition(";")[0]) - actions(stack, POLICIES[name]) - {EVERYWHERE}
        assert missing == set(), name


@pytest.mark.parametrize("name", POLICIES)
def test_some_verb_requires_each_permission_of_a_policy(stack: Stack, name: str) -> None:
    taken = {EVERYWHERE}.union(*(required(row[1]) for row in TABLE if name in row[2]))

    assert actions(stack, POLICIES[name]) - taken == set()


def test_the_table_has_every_verb() -> None:
    verbs = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}

    assert {re.sub(r"[^a-z].*", "", name.strip("`")) for row in TABLE for name in row[0].split(", `")} - {"to"} == verbs


def test_the_page_has_every_operation_that_ship_requests() -> None:
    session = botocore.session.get_session()
    operations = {
        xform_name(name): name for service in SERVICES for name in session.get_service_model(service).operation_names
    }
    readers = (ROOT / f"functions/aws/{name}.py" for name in ("codebuild", "ecr", "ssm"))
    code = "\n".join(path.read_text() for path in (*(ROOT / "ship").rglob("*.py"), *readers))
    called = set(re.findall(r"\.([a-z_]+)\(", code)) | set(re.findall(r'get_paginator\("([a-z_]+)"', code))
    asked_for = {operations[name] for name in called & operations.keys()}

    assert {"DescribeStacks", "PutParameter", "GetObjectTagging"} <= asked_for
    documented = {action.partition(":")[2] for action in ACTION.findall(PAGE.read_text())}
    assert asked_for - documented == {
        "GetAuthorizationToken",  # of `promote`: docs/stages.md has it
        "GetCallerIdentity",  # needs no permission
        "StartBuild",  # of RecordImage
    }
