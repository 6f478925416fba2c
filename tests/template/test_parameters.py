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


@pytest.mark.parametrize(
    "name",
    ["jwt-pizza-service", "ab", "a1", "a-b", "a-9", "a" * 40, "pizza-aws", "xaws", "my-ssm-tool", "sms", "as", "ss-m"],
)
def test_a_service_name_that_aws_takes_is_accepted(stack: Stack, name: str) -> None:
    assert accepts(parameters(stack)["ServiceName"], name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "a", "a" * 41),
        *("Pizza", "pizzaService", "PIZZA"),
        *("1pizza", "-pizza", "pizza-", "pizza--service"),
        *("pizza_service", "pizza.service", "pizza/service", "pizza service", " pizza", "pizza\n", "pizzä"),
        *("aws", "aws-pizza", "awsome", "ssm", "ssm-pizza", "ssmart"),
        *("${AWS::Region}", "{{resolve:ssm:x}}"),
    ],
)
def test_a_service_name_that_aws_refuses_is_refused(stack: Stack, name: str) -> None:
    assert not accepts(parameters(stack)["ServiceName"], name)


@pytest.mark.parametrize("address", ["", "ops@example.com", "a.b+images@sub.example.co.uk"])
def test_the_notification_address_is_optional(stack: Stack, address: str) -> None:
    assert accepts(parameters(stack)["NotificationEmail"], address)


@pytest.mark.parametrize("address", ["ops", "@example.com", "ops@", "a@b@c", "two @example.com", " ", "a@b c"])
def test_a_notification_address_that_is_none_is_refused(stack: Stack, address: str) -> None:
    assert not accepts(parameters(stack)["NotificationEmail"], address)


@pytest.mark.parametrize(
    "path",
    ["Dockerfile", "Dockerfile.prod", "docker/Dockerfile", ".docker/a-b/_x/prod.Dockerfile", "a", "a..b/c", "a" * 200],
)
def test_a_path_below_the_source_is_accepted_for_the_dockerfile(stack: Stack, path: str) -> None:
    assert accepts(parameters(stack)["DockerfilePath"], path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/Dockerfile", "docker/", "docker//Dockerfile", "a" * 201),
        *(".", "..", "../Dockerfile", "docker/../Dockerfile", "./Dockerfile", "docker/./Dockerfile"),
        *("-f", "docker/-x", "a b", "a\\b", "a\nb", "$(touch x)", "*", "größe", "a\n"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_for_the_dockerfile(stack: Stack, path: str) -> None:
    assert not accepts(parameters(stack)["DockerfilePath"], path)


@pytest.mark.parametrize("parameter", ["BuildTarget", "TestTarget"])
@pytest.mark.parametrize("stage", ["", "runtime", "Build-1", "a.b_c", "x" * 100])
def test_a_stage_s_name_is_accepted_as_a_target(stack: Stack, parameter: str, stage: str) -> None:
    assert accepts(parameters(stack)[parameter], stage)


@pytest.mark.parametrize("parameter", ["BuildTarget", "TestTarget"])
@pytest.mark.parametrize("stage", ["-x", "1", "a b", "a/b", "$x", "é", "x" * 101, "a\n"])
def test_an_invalid_stage_name_is_refused_as_a_target(stack: Stack, parameter: str, stage: str) -> None:
    assert not accepts(parameters(stack)[parameter], stage)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "A=",
        "NODE_ENV=production",
        "a1=x=y,_b=https://example.com:8443/v1@2+3-4._5",
        "UPLOADER=x,NO_UPLOAD_=x",
        "A=1,A=2",
    ],
)
def test_build_arguments_are_accepted(stack: Stack, arguments: str) -> None:
    assert accepts(parameters(stack)["BuildArguments"], arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        *("A", "=x", "1A=x", "A-B=x", ",", "A=1,", ",A=1", "A=1,B", "A=1, B=2", f"A={'x' * 1999}"),
        *("A=a b", "A=$B", "A=`id`", 'A="x"', "A=x\n", "A=é", "A={{resolve:secretsmanager:x}}"),
        *("UPLOAD_KEY=x", "A=1,UPLOAD_IMAGE_TAG=x", "BUILDKIT_SYNTAX=x", "A=1,BUILDKIT_MULTI_PLATFORM=1"),
    ],
)
def test_invalid_and_reserved_build_arguments_are_refused(stack: Stack, arguments: str) -> None:
    assert not accepts(parameters(stack)["BuildArguments"], arguments)


ARN = "arn:aws:ecr:us-east-1:123456789012:repository/bases/node"


@pytest.mark.parametrize("arns", ["", ARN, f"{ARN},arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/a-*"])
def test_arns_of_repositories_are_accepted(stack: Stack, arns: str) -> None:
    assert accepts(parameters(stack)["BaseRepositoryArns"], arns)


@pytest.mark.parametrize("arns", ["*", f"{ARN},", f"{ARN}, {ARN}", "arn:aws:s3:::bucket", f"{ARN},*", "bases/node"])
def test_what_would_give_another_right_is_refused(stack: Stack, arns: str) -> None:
    assert not accepts(parameters(stack)["BaseRepositoryArns"], arns)


@pytest.mark.parametrize("name", ["", "build", "jwt-pizza-service/build", "a_b+c=d.e@f", "service-build"])
def test_names_of_secrets_are_accepted(stack: Stack, name: str) -> None:
    assert accepts(parameters(stack)["BuildSecret"], name)


@pytest.mark.parametrize("name", ["build-AbC123", "a b", "*", "build-*", "${AWS::Region}", "a" * 513])
def test_a_name_that_would_name_other_secrets_is_refused(stack: Stack, name: str) -> None:
    assert not accepts(parameters(stack)["BuildSecret"], name)


@pytest.mark.parametrize("mirror", ["", "https://mirror.gcr.io", "https://mirror.example.com:5000"])
def test_addresses_of_mirrors_are_accepted(stack: Stack, mirror: str) -> None:
    assert accepts(parameters(stack)["DockerHubMirror"], mirror)


@pytest.mark.parametrize("mirror", ["http://mirror.gcr.io", "mirror.gcr.io", "https://a/b", "https://a b", 'https://"'])
def test_other_addresses_of_mirrors_are_refused(stack: Stack, mirror: str) -> None:
    assert not accepts(parameters(stack)["DockerHubMirror"], mirror)
