"""The build: the trusted recipe, on arm64, with a source that it fetches itself."""

import pytest
from samcli.yamlhelper import yaml_dump, yaml_parse

from tests.support.stack import ROOT, Stack

TEMPLATE, RECIPE = ((ROOT / name).read_text() for name in ("template.yaml", "buildspec.yml"))
LONGEST_BUILDSPEC = 25_600
"""Characters that CodeBuild takes as a project's own buildspec."""
LARGEST_TEMPLATE = 1_000_000
"""Bytes of a template that CloudFormation takes from S3, where `sam deploy` puts it."""


def test_the_recipe_is_buildspec_yml(stack: Stack) -> None:
    source = stack.properties("ImageBuild")["Source"]

    assert source == {"Type": "NO_SOURCE", "BuildSpec": RECIPE}, "Run `make recipe`"


def test_sam_cli_writes_the_recipe_as_it_reads_it() -> None:
    written = yaml_parse(yaml_dump(yaml_parse(TEMPLATE)))

    assert written["Resources"]["ImageBuild"]["Properties"]["Source"]["BuildSpec"] == RECIPE


def test_sams_own_is_the_only_macro(stack: Stack) -> None:
    assert stack.document["Transform"] == "AWS::Serverless-2016-10-31"
    assert "Fn::Transform" not in TEMPLATE


def test_the_recipe_passes_through_cloudformation_as_it_is() -> None:
    assert "{{resolve:" not in RECIPE  # a dynamic reference
    assert RECIPE.isascii()  # CloudFormation gives other characters back as question marks


def test_the_recipe_is_of_a_length_that_codebuild_takes() -> None:
    assert len(RECIPE) <= LONGEST_BUILDSPEC


def test_the_template_is_far_smaller_than_what_sam_deploy_may_upload() -> None:
    assert len(TEMPLATE.encode()) <= LARGEST_TEMPLATE / 10


def test_nothing_leaves_a_build_but_by_the_recipe(stack: Stack) -> None:
    project = stack.properties("ImageBuild")

    assert project["Artifacts"] == {"Type": "NO_ARTIFACTS"}
    assert (
        not {"SecondarySources", "SecondaryArtifacts", "Triggers", "VpcConfig", "FileSystemLocations"} & project.keys()
    )


def test_the_project_builds_on_arm64_with_an_engine(symbols: Stack) -> None:
    assert symbols.properties("ImageBuild")["Environment"] == {
        "Type": "ARM_CONTAINER",
        "ComputeType": "BUILD_GENERAL1_SMALL",
        "Image": "aws/codebuild/amazonlinux-aarch64-standard:4.0",
        "ImagePullCredentialsType": "CODEBUILD",
        "PrivilegedMode": True,
        "HostKernel": "LINUX_KERNEL_6",
        "EnvironmentVariables": [
            {"Name": "REPOSITORY_URI", "Value": "Repository.RepositoryUri"},
            {"Name": "SOURCE_BUCKET", "Value": "SourceBucket"},
            {"Name": "DOCKERFILE_PATH", "Value": "Dockerfile"},
            {"Name": "DOCKER_HUB_MIRROR", "Value": "https://mirror.gcr.io"},
            {"Fn::If": ["HasBuildTarget", {"Name": "BUILD_TARGET", "Value": ""}, "AWS::NoValue"]},
            {"Fn::If": ["HasBuildSecret", {"Name": "BUILD_SECRET", "Value": ""}, "AWS::NoValue"]},
        ],
    }


def test_the_recipe_gets_what_a_deployment_chooses(symbols: Stack) -> None:
    chosen = symbols.named(DockerfilePath="docker/Dockerfile.prod", BuildTarget="runtime", BuildSecret="build")
    variables = chosen.properties("ImageBuild")["Environment"]["EnvironmentVariables"]
    optional = {each["Fn::If"][0]: each["Fn::If"][1] for each in variables if "Fn::If" in each}

    assert {"Name": "DOCKERFILE_PATH", "Value": "docker/Dockerfile.prod"} in variables
    assert optional == {
        "HasBuildTarget": {"Name": "BUILD_TARGET", "Value": "runtime"},
        "HasBuildSecret": {"Name": "BUILD_SECRET", "Value": "build"},
    }


@pytest.mark.parametrize(
    ("condition", "parameter"),
    [
        ("HasBuildTarget", "BuildTarget"),
        ("HasBuildSecret", "BuildSecret"),
        ("HasBaseRepositories", "BaseRepositoryArns"),
    ],
)
def test_what_is_optional_is_left_out_where_it_is_empty(stack: Stack, condition: str, parameter: str) -> None:
    assert stack.document["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}


def test_builds_wait_rather_than_fail(stack: Stack) -> None:
    project = stack.properties("ImageBuild")

    assert project["QueuedTimeoutInMinutes"] == 480
    assert "ConcurrentBuildLimit" not in project  # StartBuild would be an error
    assert "AutoRetryLimit" not in project  # a retry is another build, of a tag that can't be put twice
