"""The build project: it runs the stack's own builder on arm64, and the builder fetches the source."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samcli.lib.utils.hash import dir_checksum
from samcli.yamlhelper import yaml_dump, yaml_parse

from tests.support.stack import ROOT, Stack

TEMPLATE, BUILDSPEC = ((ROOT / name).read_text() for name in ("template.yaml", "buildspec.yml"))
LARGEST_TEMPLATE = 1_000_000
"""Bytes of a template that CloudFormation takes from S3, where `sam deploy` puts it."""


def test_the_template_holds_buildspec_yml_byte_for_byte(stack: Stack) -> None:
    assert stack.properties("ImageBuild")["Source"] == {"Type": "NO_SOURCE", "BuildSpec": BUILDSPEC}


def test_sam_cli_keeps_the_buildspec_unchanged() -> None:
    written = yaml_parse(yaml_dump(yaml_parse(TEMPLATE)))

    assert written["Resources"]["ImageBuild"]["Properties"]["Source"]["BuildSpec"] == BUILDSPEC


def test_the_template_has_sams_macro_alone_and_is_far_smaller_than_what_sam_deploy_may_upload(stack: Stack) -> None:
    assert stack.document["Transform"] == "AWS::Serverless-2016-10-31"
    assert "Fn::Transform" not in TEMPLATE
    assert len(TEMPLATE.encode()) <= LARGEST_TEMPLATE / 10


def test_the_project_has_no_artifacts_and_no_further_sources(stack: Stack) -> None:
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
            {"Name": "BUILDER", "Value": "Builder"},
            {"Name": "REPOSITORY_URI", "Value": "Repository.RepositoryUri"},
            {"Name": "SOURCE_BUCKET", "Value": "SourceBucket"},
            {"Name": "DOCKERFILE_PATH", "Value": "Dockerfile"},
            {"Name": "DOCKER_HUB_MIRROR", "Value": "https://mirror.gcr.io"},
            {"Fn::If": ["HasBuildTarget", {"Name": "BUILD_TARGET", "Value": ""}, "AWS::NoValue"]},
            {"Fn::If": ["HasTestTarget", {"Name": "TEST_TARGET", "Value": ""}, "AWS::NoValue"]},
            {"Fn::If": ["HasBuildArguments", {"Name": "BUILD_ARGUMENTS", "Value": ""}, "AWS::NoValue"]},
            {"Fn::If": ["CompressesWithZstd", {"Name": "COMPRESSION", "Value": "gzip"}, "AWS::NoValue"]},
            {"Fn::If": ["HasBuildSecret", {"Name": "BUILD_SECRET", "Value": ""}, "AWS::NoValue"]},
        ],
    }


def test_the_builder_gets_the_deployment_s_options(symbols: Stack) -> None:
    chosen = symbols.named(
        DockerfilePath="docker/Dockerfile.prod",
        BuildTarget="runtime",
        TestTarget="test",
        BuildArguments="A=1,B=2",
        Compression="zstd",
        BuildSecret="build",
    )
    variables = chosen.properties("ImageBuild")["Environment"]["EnvironmentVariables"]
    optional = {each["Fn::If"][0]: each["Fn::If"][1] for each in variables if "Fn::If" in each}

    assert {"Name": "DOCKERFILE_PATH", "Value": "docker/Dockerfile.prod"} in variables
    assert optional == {
        "HasBuildTarget": {"Name": "BUILD_TARGET", "Value": "runtime"},
        "HasTestTarget": {"Name": "TEST_TARGET", "Value": "test"},
        "HasBuildArguments": {"Name": "BUILD_ARGUMENTS", "Value": "A=1,B=2"},
        "CompressesWithZstd": {"Name": "COMPRESSION", "Value": "zstd"},
        "HasBuildSecret": {"Name": "BUILD_SECRET", "Value": "build"},
    }


@pytest.mark.parametrize(
    ("condition", "parameter"),
    [
        ("HasBuildTarget", "BuildTarget"),
        ("HasTestTarget", "TestTarget"),
        ("HasBuildArguments", "BuildArguments"),
        ("HasBuildSecret", "BuildSecret"),
        ("HasBaseRepositories", "BaseRepositoryArns"),
    ],
)
def test_what_is_optional_is_left_out_where_it_is_empty(stack: Stack, condition: str, parameter: str) -> None:
    assert stack.document["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}
    assert stack.document["Conditions"]["CompressesWithZstd"] == {"Fn::Equals": [{"Ref": "Compression"}, "zstd"]}


def test_the_builder_is_the_functions_folder_unchanged(symbols: Stack) -> None:
    assert symbols.resources("AWS::Serverless::LayerVersion").keys() == {"Builder"}
    assert symbols.properties("Builder") == {
        "LayerName": "AWS::StackName-builder",
        "Description": "The program that builds jwt-pizza-service. No function uses it as a layer.",
        "ContentUri": "functions/",
        "RetentionPolicy": "Delete",  # deleted with the stack
    }
    assert [name for name, function in symbols.functions().items() if "Layers" in function] == []
    assert "Metadata" not in symbols.document["Resources"]["Builder"]  # with a BuildMethod, SAM CLI would build it


def test_a_test_run_leaves_nothing_in_the_builder(tmp_path: Path) -> None:
    functions = shutil.copytree(
        ROOT / "functions", tmp_path / "functions", ignore=shutil.ignore_patterns("__pycache__")
    )
    before = dir_checksum(str(functions))  # SAM CLI names the builder's version by it
    subprocess.run([sys.executable, "-c", "import start_build, record_image"], cwd=functions, check=True)

    assert dir_checksum(str(functions)) == before
    assert sys.dont_write_bytecode


def test_builds_wait_rather_than_fail(stack: Stack) -> None:
    project = stack.properties("ImageBuild")

    assert project["QueuedTimeoutInMinutes"] == 480
    assert "ConcurrentBuildLimit" not in project  # StartBuild would be an error
    assert "AutoRetryLimit" not in project  # a retry is another build, of a tag that can't be put twice
