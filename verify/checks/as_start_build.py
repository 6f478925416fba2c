"""Checks of what AWS answers to StartBuild's role, with its credentials."""

from typing import Any

from botocore.exceptions import ClientError

from local.pipeline import Pipeline
from ship.aws.errors import action_of, is_refusal
from verify.checking import Check
from verify.gathering.as_role import as_role
from verify.gathering.evidence import Evidence
from verify.verdicts import DidNotHold, NotTried, Partly

ROLE = "StartBuildRole"
NO_VERSION, MARKER = 404, 405
VARIABLES = ("SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG")


def missing_version_404(evidence: Evidence) -> str:
    """S3's answers about the tags of a missing version and of a delete marker."""
    s3: Any = evidence.pipeline.s3
    named = {"Bucket": evidence.pipeline.bucket, "Key": "deleted.zip"}
    gone = s3.delete_object(**named)["VersionId"]
    s3.delete_object(**named, VersionId=gone)
    marker = s3.delete_object(**named)["VersionId"]
    with as_role(evidence.access, evidence.pipeline.stack, ROLE) as session:
        client = session.client("s3")
        found = tuple(status_of(client, **named, VersionId=version) for version in (gone, marker))
    seen = f"To StartBuild's role, S3 answers {found[0]} for a missing version, and {found[1]} for a delete marker."
    if found != (NO_VERSION, MARKER):
        raise DidNotHold(seen)
    return seen


def status_of(s3: Any, **version: str) -> int:
    """The status of S3's answer about a version's tags."""
    try:
        answer = s3.get_object_tagging(**version)
    except ClientError as error:
        answer = error.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def start_build_denies(evidence: Evidence) -> str:
    """Whether StartBuild's role may start a build with another buildspec, or with a fourth variable."""
    pipeline = evidence.pipeline
    _ = evidence.first_build  # with the three variables it could be started
    three = [{"name": name, "value": "verify", "type": "PLAINTEXT"} for name in VARIABLES]
    fourth = {"name": "BUILDER", "value": "verify", "type": "PLAINTEXT"}
    overrides: dict[str, dict[str, Any]] = {
        "another buildspec": {"environmentVariablesOverride": three, "buildspecOverride": "version: 0.2"},
        "a fourth variable": {"environmentVariablesOverride": [*three, fourth]},
    }
    with as_role(evidence.access, pipeline.stack, ROLE) as session:
        client = session.client("codebuild")
        started = {what: build for what, override in overrides.items() if (build := start(client, pipeline, override))}
    for build in started.values():
        pipeline.codebuild.stop_build(id=build)
    if started:
        raise DidNotHold(f"StartBuild's role could start a build with {' and with '.join(started)}.")
    return (
        "StartBuild's role, which started the first build, may start none with another buildspec or a fourth variable."
    )


def start(codebuild: Any, pipeline: Pipeline, override: dict[str, Any]) -> str:
    """The id of a build that is started so. Empty if AWS refuses it."""
    try:
        return str(codebuild.start_build(projectName=pipeline.outputs["ProjectName"], **override)["build"]["id"])
    except ClientError as error:
        if not is_refusal(error):
            raise
        return ""


def refusal_words(evidence: Evidence) -> str:
    """Whether each service that refuses StartBuild's role names the action that the role lacks."""
    pipeline = evidence.pipeline
    said: dict[str, str] = {}
    with as_role(evidence.access, pipeline.stack, ROLE) as session:
        for action, (service, operation, members) in forbidden(pipeline).items():
            try:
                getattr(session.client(service), operation)(**members)
            except ClientError as error:
                if is_refusal(error):
                    said[action] = action_of(error)
    if wrong := {action: named for action, named in said.items() if named != action}:
        raise DidNotHold("; ".join(f"for a missing {action}, AWS names {named}" for action, named in wrong.items()))
    if not said:
        raise NotTried("AWS refused StartBuild's role nothing that it may not do.")
    return Partly(f"AWS names {', '.join(said)} where the role lacks it. The push of an image wasn't tried.")


def forbidden(pipeline: Pipeline) -> dict[str, tuple[Any, str, dict[str, Any]]]:
    """Requests that only read, and that StartBuild's role may not make, by their actions."""
    return {
        "codebuild:BatchGetProjects": ("codebuild", "batch_get_projects", {"names": [pipeline.outputs["ProjectName"]]}),
        "ecr:ListImages": ("ecr", "list_images", {"repositoryName": pipeline.repository}),
        "ssm:GetParameter": ("ssm", "get_parameter", {"Name": pipeline.outputs["ParameterName"]}),
        "s3:ListAllMyBuckets": ("s3", "list_buckets", {}),
        "ecs:ListTaskDefinitions": ("ecs", "list_task_definitions", {}),
    }


CHECKS = [
    Check("missing-version-404", missing_version_404),
    Check("start-build-denies", start_build_denies),
    Check("refusal-words", refusal_words),
]
