"""Every policy in this repository names only what IAM knows, and one service's reaches no other service's log."""

import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.support.iam import findings
from tests.support.policies import PARAMETERS, Policy, every_policy
from tests.support.stack import ROOT, Stack, allowed

POLICIES = every_policy()
WRITTEN = r"^ *(?:- )?(?:(?:AssumeRole)?PolicyDocument|RepositoryPolicyText):"
"""How a template writes a policy."""
KNOWN = {
    # CreateChangeSet needs it. In a statement of its own, it would leave less room for longer names of stacks:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html
    "cloudformation:* can't be allowed on arn:aws:cloudformation:[*]:aws:transform/Serverless-2016-10-31",
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html names dashboards
    "cloudwatch:*Resource can't be allowed on arn:aws:cloudwatch::[*]:dashboard/jwt-pizza-service-[*]",
    # The keys are those of the identity provider:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    "sts:AssumeRoleWithWebIdentity has no condition key token.actions.githubusercontent.com:*",
}
"""Findings that a page of AWS contradicts, as patterns."""


def found(policy: Policy) -> list[str]:
    """All findings in a policy."""
    return [each for statement in policy.statements for each in findings(statement)]


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_a_policy_names_only_what_iam_knows(policy: Policy) -> None:
    assert [each for each in found(policy) if not any(fnmatchcase(each, known) for known in KNOWN)] == []


def test_every_known_finding_is_still_found() -> None:
    everything = [each for policy in POLICIES for each in found(policy)]

    assert [known for known in KNOWN if not any(fnmatchcase(each, known) for each in everything)] == []


@pytest.mark.parametrize("path", PARAMETERS)
def test_every_policy_of_a_template_is_found(path: str) -> None:
    written = re.findall(WRITTEN, (ROOT / path).read_text(), re.MULTILINE)

    assert len([each for each in POLICIES if each.file == path]) == len(written) > 0


def test_every_template_with_a_policy_is_looked_at() -> None:
    templates = [ROOT / "template.yaml", *ROOT.glob("examples/**/*.yaml")]

    assert {
        str(path.relative_to(ROOT)) for path in templates if re.search(WRITTEN, path.read_text(), re.MULTILINE)
    } == set(PARAMETERS)


QUEUE = "arn:aws:sqs:us-east-1:123456789012:queue"
LOG = "arn:aws:logs:us-east-1:123456789012:log-group:log"
WRONG: dict[str, dict[str, Any]] = {
    "sqs:Send is no action": {"Action": "sqs:Send", "Resource": QUEUE},
    "nowhere:* is no action": {"Action": "nowhere:*", "Resource": "*"},
    f"s3:ListBucket can't be allowed on {QUEUE}": {"Action": "s3:ListBucket", "Resource": QUEUE},
    "s3:ListBucket can't be allowed on arn:aws:s3:::bucket/*": {
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": "arn:aws:s3:::bucket/*",
    },
    f"logs:PutLogEvents can't be allowed on {LOG}": {"Action": "logs:PutLogEvents", "Resource": LOG},
    "codebuild:StartBuild has no condition key events:source": {
        "Action": "codebuild:StartBuild",
        "Resource": "*",
        "Condition": {"StringEquals": {"events:source": "x"}},
    },
}


@pytest.mark.parametrize("finding", WRONG)
def test_what_iam_does_not_know_is_found(finding: str) -> None:
    assert list(findings(WRONG[finding])) == [finding]


@pytest.mark.parametrize("resource", [f"{LOG}:*", f"{LOG}:log-stream:one", "arn:aws:logs:*:*:log-group:*", "*"])
def test_a_wildcard_may_stand_for_the_part_that_an_action_needs(resource: str) -> None:
    assert list(findings({"Action": "logs:PutLogEvents", "Resource": resource})) == []


def test_a_service_whose_name_begins_like_another_s_keeps_its_log_from_the_other_s_followers(symbols: Stack) -> None:
    (pattern,) = (each for each in allowed(symbols, "FollowerPolicy") if ":log-group:jwt-pizza-service-ecs" in each)
    group = pattern.partition(":log-group:")[2].partition(":")[0]

    assert fnmatchcase("jwt-pizza-service-ecs-Logs-2F76A0DA238AE", group)
    assert not fnmatchcase("jwt-pizza-service-ecs-ecs-Logs-2F76A0DA238AE", group)
