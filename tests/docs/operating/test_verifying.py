"""The policies of a verifier: with --fargate, they allow what CloudFormation does for the example's stacks."""

import json
from pathlib import Path

import pytest

from tests.docs.operating.test_deploying import LONGEST, MADE_BY_SAM, UNUSED, asked_for, matches_any
from tests.docs.support.documents import ROOT
from tests.support.stack import Stack, listed

FARGATE = ROOT / "verify" / "fargate" / "policy.json"
POLICIES = [FARGATE, *(ROOT / "docs" / "operating" / f"{name}-policy.json" for name in ("deployer", "verifier"))]
EXAMPLE = "examples/ecs-service"
BALANCING = "AWS::ElasticLoadBalancing"
"""Begins the types of a load balancer, which a run doesn't create."""
UNUSED_HERE = {
    **{pattern: why for pattern, why in UNUSED.items() if pattern != "ec2:*"},
    "ec2:DescribeNetworkInterfaces": "no function in a VPC",
    "ec2:UpdateSecurityGroupRuleDescriptions*": "a run changes no security group",
    "ecs:PutAccountSetting*": "no Container Insights",
    "ecs:PutClusterCapacityProviders": "a launch type, and no capacity provider",
}


def types() -> list[str]:
    """The resource types of both stacks without a load balancer."""
    stacks = [Stack.from_file(f"{EXAMPLE}/{name}.yaml").document["Resources"] for name in ("template", "auto-deploy")]
    resources = [each for stack in stacks for each in stack.values() if BALANCING not in each["Type"]]
    return sorted({made for each in resources for made in MADE_BY_SAM.get(each["Type"], [each["Type"]])})


def allowed() -> set[str]:
    """The patterns of actions that the three policies allow."""
    statements = [each for path in POLICIES for each in json.loads(path.read_text())["Statement"]]
    return {action for each in statements for action in listed(each["Action"])}


@pytest.mark.parametrize("kind", types())
def test_the_policies_allow_what_cloudformation_does_for_each_resource_type(kind: str) -> None:
    wanted = asked_for(kind)

    assert wanted
    assert {
        each for each in wanted if not matches_any(each, allowed()) and not matches_any(each, {*UNUSED_HERE})
    } == set()


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_each_fits_a_managed_policy(path: Path) -> None:
    assert len(json.dumps(json.loads(path.read_text()), separators=(",", ":"))) <= LONGEST


def test_only_ecs_and_lambda_get_a_role() -> None:
    statements = json.loads(FARGATE.read_text())["Statement"]
    (passing,) = [each for each in statements if "iam:PassRole" in listed(each["Action"])]

    assert passing["Resource"] == "arn:aws:iam::*:role/verify-*"
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]}
    }
