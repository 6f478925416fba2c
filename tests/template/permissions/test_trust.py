"""Whom the roles trust."""

import pytest

from tests.support.stack import Stack


@pytest.mark.parametrize("function", ["StartBuild", "RecordImage"])
def test_each_function_has_a_role_of_its_own_that_only_lambda_takes(symbols: Stack, function: str) -> None:
    (statement,) = symbols.properties(f"{function}Role")["AssumeRolePolicyDocument"]["Statement"]

    assert symbols.function(function)["Role"] == f"{function}Role.Arn"
    assert "Policies" not in symbols.function(function)  # SAM would add a role beside
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def test_only_this_project_takes_the_builds_role(symbols: Stack) -> None:
    (statement,) = symbols.properties("ImageBuildRole")["AssumeRolePolicyDocument"]["Statement"]
    project = symbols.properties("ImageBuild")

    assert project["ServiceRole"] == "ImageBuildRole.Arn"
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")
    assert statement["Principal"] == {"Service": "codebuild.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnEquals": {"aws:SourceArn": f"arn:aws:codebuild:us-east-1:123456789012:project/{project['Name']}"},
    }
