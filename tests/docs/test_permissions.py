"""The page of permissions agrees with the policies of the stack, and names every action that `ship` needs."""

import re

import botocore.session
import pytest
from botocore import xform_name

from tests.docs.support.documents import ROOT, rows, section
from tools.document_tables import POLICIES, WORDS, allowed

PAGE = ROOT / "docs" / "reference" / "permissions.md"
EVERY_VERB = "cloudformation:DescribeStacks"
SERVICES = ["cloudformation", "codebuild", "ecr", "ecs", "logs", "s3", "service-quotas", "sqs", "ssm", "sts"]
ACTION = re.compile(r"`([a-z0-9]+:[A-Za-z]+)`")


@pytest.mark.parametrize("output", POLICIES)
def test_some_verb_requires_each_permission_of_a_policy(output: str) -> None:
    granted = {*allowed(output)}
    used = [{*each} for verb in WORDS["permissions"].values() for each in verb.values() if granted.issuperset(each)]

    assert granted == set().union(*used) | granted & {EVERY_VERB}


def test_each_thing_that_a_verb_does_is_granted_by_a_policy() -> None:
    granted = [{*allowed(output)} for output in POLICIES]

    assert [
        (verb, purpose)
        for verb, purposes in WORDS["permissions"].items()
        for purpose, required in purposes.items()
        if not any(each.issuperset(required) for each in granted)
    ] == []


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
        "GetAuthorizationToken",  # of `promote`: docs/operating/stages.md has it
        "GetCallerIdentity",  # needs no permission
        "StartBuild",  # of RecordImage
    }


def test_a_policy_grants_what_a_verb_reads_of_the_deployments_only_if_it_names_their_parameter() -> None:
    found = {(row[0], row[1]): row[3] for row in rows(section(PAGE, "What each verb requires"))}

    assert found["`why`", "if a newer image is deployed by now"] == "follower, rollback"
    assert found["`why`", "to show why ECS doesn't run the image"] == "uploader, follower"
    assert found["`history`", "always"] == "follower, rollback"


def test_each_purpose_that_reads_the_deployments_is_one_of_a_verb() -> None:
    purposes = {purpose for verb in WORDS["permissions"].values() for purpose in verb}

    assert {*WORDS["of_deployments"]} <= purposes


def test_the_page_contradicts_no_policy_about_the_ecs_service() -> None:
    text = PAGE.read_text()

    assert {"ecs:DescribeServices", "ecs:ListTasks", "ecs:DescribeTasks"} <= {*allowed("FollowerPolicyArn")}
    assert "No policy grants what `ship` requires to look at the ECS service" not in text
    assert "`FollowerPolicyArn` grants what `ship` requires to look at the ECS service" in text
