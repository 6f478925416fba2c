"""What a deployment may choose, and that its bounds are explained."""

import re
from typing import Any

import pytest

from tests.support.stack import Stack


def parameters(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = stack.document["Parameters"]
    return found


def accepts(parameter: Any, value: str) -> bool:
    """CloudFormation's own check of a String parameter."""
    shortest, longest = parameter.get("MinLength", 0), parameter.get("MaxLength", 4096)
    return shortest <= len(value) <= longest and re.fullmatch(parameter["AllowedPattern"], value) is not None


def test_every_parameter_explains_and_bounds_itself(stack: Stack) -> None:
    for name, parameter in parameters(stack).items():
        assert parameter["Description"], name
        assert parameter["ConstraintDescription"], name
        assert {"AllowedPattern", "AllowedValues", "MinValue"} & parameter.keys(), name
        assert ("MinValue" in parameter) == ("MaxValue" in parameter) == (parameter["Type"] == "Number"), name


def test_every_constraint_names_its_bounds(stack: Stack) -> None:
    for name, parameter in parameters(stack).items():
        bounds = [
            parameter[bound] for bound in ("MinValue", "MaxValue", "MinLength", "MaxLength") if bound in parameter
        ]
        for bound in [*bounds, *parameter.get("AllowedValues", [])]:
            assert re.search(rf"\b{bound}\b", parameter["ConstraintDescription"]), name


def test_every_parameter_has_a_default_that_it_accepts(stack: Stack) -> None:
    for name, parameter in parameters(stack).items():
        default = parameter["Default"]
        if parameter["Type"] == "Number":
            assert parameter["MinValue"] <= default <= parameter["MaxValue"], name
        elif "AllowedValues" in parameter:
            assert default in parameter["AllowedValues"], name
        else:
            assert accepts(parameter, default), name


def test_every_parameter_is_in_one_group(stack: Stack) -> None:
    groups = stack.document["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]

    assert sorted(grouped) == sorted(parameters(stack))


def test_the_parameters_have_the_documented_defaults(stack: Stack) -> None:
    assert parameters(stack)["ServiceName"]["Default"] == "jwt-pizza-service"
    assert parameters(stack)["KeepImages"]["Default"] == 10
    assert parameters(stack)["KeepImages"]["MinValue"] == 3
    assert parameters(stack)["UntaggedDays"]["Default"] == 1


REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/bases/node"
STAGES = ["", "runtime", "Build-1", "a.b_c", "x" * 100], ["-x", "1", "a b", "a/b", "$x", "é", "x" * 101, "a\n"]
VALUES: dict[str, tuple[list[str], list[str]]] = {
    "ServiceName": (
        [
            *("jwt-pizza-service", "ab", "a1", "a-b", "a-9", "a" * 40),
            *("pizza-aws", "xaws", "my-ssm-tool", "sms", "as", "ss-m"),
        ],
        [
            *("", "a", "a" * 41),
            *("Pizza", "pizzaService", "PIZZA"),
            *("1pizza", "-pizza", "pizza-", "pizza--service"),
            *("pizza_service", "pizza.service", "pizza/service", "pizza service", " pizza", "pizza\n", "pizzä"),
            *("aws", "aws-pizza", "awsome", "ssm", "ssm-pizza", "ssmart"),
            *("${AWS::Region}", "{{resolve:ssm:x}}"),
        ],
    ),
    "NotificationEmail": (
        ["", "ops@example.com", "a.b+images@sub.example.co.uk"],
        ["ops", "@example.com", "ops@", "a@b@c", "two @example.com", " ", "a@b c"],
    ),
    "DockerfilePath": (
        [
            *("Dockerfile", "Dockerfile.prod", "docker/Dockerfile", ".docker/a-b/_x/prod.Dockerfile"),
            *("a", "a..b/c", "a" * 200),
        ],
        [
            *("", "/Dockerfile", "docker/", "docker//Dockerfile", "a" * 201),
            *(".", "..", "../Dockerfile", "docker/../Dockerfile", "./Dockerfile", "docker/./Dockerfile"),
            *("-f", "docker/-x", "a b", "a\\b", "a\nb", "$(touch x)", "*", "größe", "a\n"),
        ],
    ),
    "BuildTarget": STAGES,
    "TestTarget": STAGES,
    "BuildArguments": (
        [
            *("", "A=", "NODE_ENV=production", "a1=x=y,_b=https://example.com:8443/v1@2+3-4._5"),
            *("UPLOADER=x,NO_UPLOAD_=x", "A=1,A=2"),
        ],
        [
            *("A", "=x", "1A=x", "A-B=x", ",", "A=1,", ",A=1", "A=1,B", "A=1, B=2", f"A={'x' * 1999}"),
            *("A=a b", "A=$B", "A=`id`", 'A="x"', "A=x\n", "A=é", "A={{resolve:secretsmanager:x}}"),
            *("UPLOAD_KEY=x", "A=1,UPLOAD_IMAGE_TAG=x", "BUILDKIT_SYNTAX=x", "A=1,BUILDKIT_MULTI_PLATFORM=1"),
        ],
    ),
    "BaseRepositoryArns": (
        ["", REPOSITORY, f"{REPOSITORY},arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/a-*"],
        ["*", f"{REPOSITORY},", f"{REPOSITORY}, {REPOSITORY}", "arn:aws:s3:::bucket", f"{REPOSITORY},*", "bases/node"],
    ),
    "BuildSecret": (
        ["", "build", "jwt-pizza-service/build", "a_b+c=d.e@f", "service-build"],
        ["build-AbC123", "a b", "*", "build-*", "${AWS::Region}", "a" * 513],  # some would name other secrets
    ),
    "DockerHubMirror": (
        ["", "https://mirror.gcr.io", "https://mirror.example.com:5000"],
        ["http://mirror.gcr.io", "mirror.gcr.io", "https://a/b", "https://a b", 'https://"'],
    ),
}
"""By parameter: values that AWS and the builder take, and others that would fail later or mean something else."""


@pytest.mark.parametrize("name", VALUES)
def test_a_parameter_takes_what_works_and_refuses_what_would_fail_later(stack: Stack, name: str) -> None:
    parameter, (good, bad) = parameters(stack)[name], VALUES[name]

    assert [value for value in good if not accepts(parameter, value)] == []
    assert [value for value in bad if accepts(parameter, value)] == []
