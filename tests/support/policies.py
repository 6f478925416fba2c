"""Every policy of this repository, with sample values for parameters, names and ARNs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.docs.support.documents import blocks, section
from tests.support.stack import ROOT, Stack, listed

OPERATING = ROOT / "docs" / "operating"
ACCOUNT = "us-east-1:123456789012"
PARAMETERS: dict[str, dict[str, str]] = {
    "template.yaml": {
        "AWS::StackName": "source-to-ecr",
        "BuildSecret": "jwt-pizza-service/build",
        "BaseRepositoryArns": f"arn:aws:ecr:{ACCOUNT}:repository/bases/node",
    },
    "examples/ecs-service/template.yaml": {
        "EnvironmentFile": "arn:aws:s3:::configuration/service.env",
        "SecretArn": f"arn:aws:secretsmanager:{ACCOUNT}:secret:service-a1b2c3",
        "SecretNames": "JWT_SECRET",
    },
    "examples/ecs-service/auto-deploy.yaml": {
        **dict.fromkeys(("ServiceName", "ClusterName", "EcsServiceName", "TaskFamily"), "jwt-pizza-service"),
        "TaskRoleArns": "arn:aws:iam::123456789012:role/tasks",
        "LogGroupName": "tasks",
        "NewsTopicArn": f"arn:aws:sns:{ACCOUNT}:news",
    },
    "examples/github-actions/role.yaml": {"Repository": "jwt-pizza/jwt-pizza-service"},
}
"""The templates with policies, and values for the parameters without a default that is used in a policy."""
ARNS = {
    "AWS::CloudWatch::Alarm": f"arn:aws:cloudwatch:{ACCOUNT}:alarm:",
    "AWS::CodeBuild::Project": f"arn:aws:codebuild:{ACCOUNT}:project/",
    "AWS::ECR::Repository": f"arn:aws:ecr:{ACCOUNT}:repository/",
    "AWS::Events::Rule": f"arn:aws:events:{ACCOUNT}:rule/",
    "AWS::IAM::OIDCProvider": "arn:aws:iam::123456789012:oidc-provider/",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{ACCOUNT}:log-group:",
    "AWS::S3::Bucket": "arn:aws:s3:::",
    "AWS::SNS::Topic": f"arn:aws:sns:{ACCOUNT}:",
    "AWS::SQS::Queue": f"arn:aws:sqs:{ACCOUNT}:",
    "AWS::Serverless::LayerVersion": f"arn:aws:lambda:{ACCOUNT}:layer:builder:",
}
"""How the ARNs begin of the resources that policies name."""
ARN_ENDS = {"AWS::Logs::LogGroup": ":*", "AWS::Serverless::LayerVersion": ":1"}
REFERENCED_BY_ARN = {"AWS::SNS::Topic", "AWS::Serverless::LayerVersion", "AWS::IAM::OIDCProvider"}


@dataclass(frozen=True)
class Policy:
    """A policy document, and who has it."""

    file: str
    owners: tuple[str, ...]
    """`<role>/<policy>` for the policies of roles, otherwise the name of the resource that is, or has, the policy."""
    document: dict[str, Any]
    is_for_requests: bool = True
    """Whether it says what its owner may do, and not who may use its owner."""

    def __str__(self) -> str:
        return f"{self.file}: {self.owners[0]}"

    @property
    def statements(self) -> list[dict[str, Any]]:
        """Its statements."""
        return listed(self.document["Statement"])

    def actions(self) -> set[str]:
        """The actions, or patterns of actions, that it allows."""
        return {each for part in self.statements if part["Effect"] == "Allow" for each in listed(part["Action"])}


@cache
def every_policy() -> list[Policy]:
    """The policies of all templates, and those of people in the documents."""
    texts = {path.stem: path.read_text() for path in sorted(OPERATING.glob("*-policy.json"))} | in_documents()
    texts["verifier with --fargate"] = (ROOT / "verify" / "fargate" / "policy.json").read_text()
    of_people = [Policy("docs/operating", (who,), json.loads(text)) for who, text in texts.items()]
    return [*of_people, *(policy for path in PARAMETERS for policy in of_template(path))]


def in_documents() -> dict[str, str]:
    """The policies that documents show, by who has them."""
    promoters = blocks(section(OPERATING / "stages.md", "Who may promote"), "json")
    (remover,) = blocks((OPERATING / "uninstalling.md").read_text(), "json")
    return {**dict(zip(["promoter in prod", "promoter in staging"], promoters, strict=True)), "remover": remover}


def of_template(path: str) -> Iterator[Policy]:
    """The policies of a template."""
    stack = with_samples(path)
    for name, resource in stack.document["Resources"].items():
        properties = stack.deployed(name)
        if trust := properties.get("AssumeRolePolicyDocument"):
            yield Policy(path, (f"{name}'s trust",), trust, is_for_requests=False)
        for policy in properties.get("Policies", []):
            yield Policy(path, (f"{name}/{policy['PolicyName']}",), policy["PolicyDocument"])
        if document := properties.get("PolicyDocument") or properties.get("RepositoryPolicyText"):
            roles = tuple(f"{role}/{properties['PolicyName']}" for role in properties.get("Roles", []))
            yield Policy(path, roles or (name,), document, resource["Type"].startswith("AWS::IAM::"))


def with_samples(path: str) -> Stack:
    """A template's stack with every optional part, whose references render to what AWS could give them."""
    stack = Stack.from_file(path)
    arns = {
        name: f"{ARNS[each['Type']]}{name.lower()}{ARN_ENDS.get(each['Type'], '')}"
        for name, each in stack.document["Resources"].items()
        if each["Type"] in ARNS
    }
    referenced = {
        name: arn for name, arn in arns.items() if stack.document["Resources"][name]["Type"] in REFERENCED_BY_ARN
    }
    return stack.named(**PARAMETERS[path], **{f"{name}.Arn": arn for name, arn in arns.items()}, **referenced)
