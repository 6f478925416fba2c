"""The deployers' policy: what CloudFormation does in a deployer's name for each resource type, and little more."""

import json
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from tests.docs.support.documents import ROOT
from tests.support.stack import Stack, listed

POLICY = json.loads((ROOT / "docs" / "operating" / "deployer-policy.json").read_text())
LONGEST = (
    6144  # characters of a managed policy, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
)
DATA = Path(cfnlint.__file__).parent / "data"
SCHEMAS = DATA / "schemas" / "resources"
# What SAM makes of its own types.
MADE_BY_SAM = {
    "AWS::Serverless::Function": ["AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"],
    "AWS::Serverless::LayerVersion": ["AWS::Lambda::LayerVersion"],
}
# The project's schema names no rights: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html
UNSAID = {
    "AWS::CodeBuild::Project": {
        "codebuild:CreateProject",
        "codebuild:UpdateProject",
        "codebuild:DeleteProject",
        "codebuild:BatchGetProjects",
        "iam:PassRole",
    }
}
UNUSED = {
    "kms:*": "no key of one's own",
    "ec2:*": "no VPC",
    "elasticfilesystem:*": "no file system",
    "s3files:*": "no file system",
    "s3tables:*": "no metadata tables",
    "s3:*MetadataTable*": "no metadata tables",
    "s3:*Metadata*TableConfiguration": "no metadata tables",
    "firehose:*": "no delivery stream",
    "logs:*LogDelivery": "no delivery stream",
    "s3:REST.PUT.OBJECT": "no delivery stream",
    "logs:*KmsKey": "no key of one's own",
    "logs:*PutDataProtectionPolicy": "no data protection policy",
    "logs:DeleteDataProtectionPolicy": "no data protection policy",
    "logs:*ResourcePolicy": "no resource policy",
    "logs:*IndexPolicy": "no field index",
    "logs:PutBearerTokenAuthentication": "no bearer tokens",
    "logs:PutLogGroupDeletionProtection": "no deletion protection",
    "sns:PutDataProtectionPolicy": "no data protection policy",
    "ecr:*RepositoryPolicy": "no repository policy",
    "iam:AttachRolePolicy": "inline policies alone",
    "iam:DetachRolePolicy": "inline policies alone",
    "iam:*PermissionsBoundary": "no boundary",
    "iam:*GroupPolicy": "the uploaders' policy is attached by hand",
    "iam:*UserPolicy": "the uploaders' policy is attached by hand",
    "lambda:*Concurrency": "no reserved concurrency",
    "lambda:*CodeSigningConfig": "no code signing",
    "lambda:PutRuntimeManagementConfig": "no pinned runtime",
    "lambda:PutFunction*Config": "no recursion or scaling settings",
    "lambda:PassCapacityProvider": "no capacity provider",
    "lambda:AssociateRuntimeAlias": "no runtime alias",
    "lambda:PublishVersion": "no version",
    "s3:*Abac": "no access by attributes",
    "s3:Put*Acl": "no ACL",
    "s3:*Analytics*": "no analytics",
    "s3:*C[Oo][Rr][Ss]": "no CORS",
    "s3:*Inventory*": "no inventory",
    "s3:*Metrics*": "no metrics",
    "s3:*Replication*": "no replication",
    "s3:*Website": "no website",
    "s3:*Accelerate*": "no acceleration",
    "s3:*ObjectLock*": "no object lock",
    "s3:PutBucketLogging": "no access log",
    "s3:*IntelligentTiering*": "no tiering",
    "s3:DeleteBucketEncryption": "always encrypted",
    "s3:DeleteBucketLifecycle": "always a lifecycle",
    "s3:DeleteObject": "the bucket is retained",
}


@cache
def schemas() -> dict[str, Any]:
    """The schema of each resource type, as cfn-lint brings them from AWS."""
    found = (json.loads(path.read_text()) for path in SCHEMAS.glob("*.json"))
    return {schema["typeName"]: schema for schema in found}


def types() -> list[str]:
    """The resource types that the stack is made of."""
    kinds = {each["Type"] for each in Stack.from_file().document["Resources"].values()}
    return sorted({made for kind in kinds for made in MADE_BY_SAM.get(kind, [kind])})


def asked_for(kind: str) -> set[str]:
    """The actions by which CloudFormation makes, reads, changes and removes a resource."""
    handlers = schemas()[kind].get("handlers", {})
    said = {action for name in handlers if name != "list" for action in handlers[name]["permissions"]}
    return said | UNSAID.get(kind, set())


def allowed() -> set[str]:
    """The patterns of actions that the policy allows."""
    return {action for statement in POLICY["Statement"] for action in listed(statement["Action"])}


def matches_any(action: str, patterns: set[str]) -> bool:
    """Whether an action is one of these."""
    return any(fnmatchcase(action, pattern) for pattern in patterns)


@pytest.mark.parametrize("kind", types())
def test_the_policy_allows_what_cloudformation_does_for_each_resource_type(kind: str) -> None:
    wanted = asked_for(kind)

    assert wanted
    assert {each for each in wanted if not matches_any(each, allowed()) and not matches_any(each, {*UNUSED})} == set()


def test_every_exception_stands_for_something_that_is_asked_for() -> None:
    wanted = {action for kind in types() for action in asked_for(kind)}

    assert [pattern for pattern in UNUSED if not any(fnmatchcase(action, pattern) for action in wanted)] == []


def test_the_policy_fits_a_managed_policy() -> None:
    assert len(json.dumps(POLICY, separators=(",", ":"))) <= LONGEST


def test_only_lambda_and_codebuild_get_a_role() -> None:
    (passing,) = [each for each in POLICY["Statement"] if "iam:PassRole" in listed(each["Action"])]

    assert passing["Resource"] == "arn:aws:iam::*:role/source-to-ecr-*"
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "codebuild.amazonaws.com"]}
    }


def test_what_is_allowed_everywhere_is_reading_and_what_has_no_name_of_ours() -> None:
    everywhere = {
        action for each in POLICY["Statement"] if "*" in listed(each["Resource"]) for action in listed(each["Action"])
    }

    assert {
        action for action in everywhere if not action.partition(":")[2].startswith(("Get", "Describe", "List"))
    } == {
        "lambda:CreateEventSourceMapping",
        "sns:Unsubscribe",
        "sns:SetSubscriptionAttributes",
    }
    assert not [action for action in allowed() if action.endswith(":*")]
