"""The build: the trusted recipe, on arm64, with a source that it fetches itself."""

import json

import yaml

from tests.support.stack import ROOT, Stack


def test_the_recipe_is_buildspec_yml(stack: Stack) -> None:
    include = {"Name": "AWS::Include", "Parameters": {"Location": "buildspec.yml"}}

    assert stack.properties("ImageBuild")["Source"] == {
        "Type": "NO_SOURCE",
        "BuildSpec": {"Fn::ToJsonString": {"Fn::Transform": include}},
    }


def test_includes_are_made_json_before_sam_reads_the_template(stack: Stack) -> None:
    assert stack.document["Transform"] == ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]


def test_the_recipe_passes_through_cloudformation_as_it_is() -> None:
    recipe = yaml.safe_load((ROOT / "buildspec.yml").read_text())
    text = json.dumps(recipe)  # an unquoted date would be none of JSON's

    assert json.loads(text) == recipe
    assert "{{resolve:" not in text  # a dynamic reference
    assert '"Ref"' not in text
    assert '"Fn::' not in text


def test_nothing_leaves_a_build_but_by_the_recipe(stack: Stack) -> None:
    project = stack.properties("ImageBuild")

    assert project["Artifacts"] == {"Type": "NO_ARTIFACTS"}
    assert (
        not {"SecondarySources", "SecondaryArtifacts", "Triggers", "VpcConfig", "FileSystemLocations"} & project.keys()
    )


def test_it_builds_on_arm64_with_an_engine(symbols: Stack) -> None:
    assert symbols.properties("ImageBuild")["Environment"] == {
        "Type": "ARM_CONTAINER",
        "ComputeType": "BUILD_GENERAL1_SMALL",
        "Image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
        "ImagePullCredentialsType": "CODEBUILD",
        "PrivilegedMode": True,
        "EnvironmentVariables": [
            {"Name": "REPOSITORY_URI", "Value": "Repository.RepositoryUri"},
            {"Name": "SOURCE_BUCKET", "Value": "SourceBucket"},
        ],
    }


def test_builds_wait_rather_than_fail(stack: Stack) -> None:
    project = stack.properties("ImageBuild")

    assert project["QueuedTimeoutInMinutes"] == 480
    assert "ConcurrentBuildLimit" not in project  # StartBuild would be an error
    assert "AutoRetryLimit" not in project  # a retry is another build, of a tag that can't be put twice
