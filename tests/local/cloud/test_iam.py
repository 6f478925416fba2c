"""IAM: the conditions and resources that the stack's policies name are looked at."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.pipeline import Pipeline
from tests.local.support.building import Builder
from tests.local.support.resources import PROJECT, statement
from tests.local.support.rights import BUILDS, taken
from tests.support.policies import every_policy
from tests.support.stack import Stack, statements
from tests.support.zips import zipped

START = statement(["codebuild:StartBuild"], BUILDS)
BUS = "arn:aws:events:us-east-1:000000000000:event-bus/default"
OURS = [{"name": name, "value": "x", "type": "PLAINTEXT"} for name in ("SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG")]


def refusal(call: Callable[[], Any]) -> str:
    """The code of the error that the call ends in."""
    with pytest.raises(ClientError) as refused:
        call()
    return refused.value.response["Error"]["Code"]


# codebuild:StartBuild


@pytest.fixture(scope="session")
def starter(cloud: Pipeline) -> Pipeline:
    """Somebody who may start builds as the functions may."""
    denials = [each for each in statements(Stack.from_file(), "StartBuildsPolicy") if each["Effect"] == "Deny"]
    return taken(cloud, "starter", START, *denials)


@pytest.fixture(scope="session")
def unbound(cloud: Pipeline) -> Pipeline:
    """Somebody who may start builds as he likes."""
    return taken(cloud, "unbound", START)


def test_the_buildspec_may_not_be_replaced(starter: Pipeline, unbound: Pipeline) -> None:
    request: dict[str, Any] = {"projectName": PROJECT, "buildspecOverride": "version: 0.2"}

    assert refusal(lambda: starter.codebuild.start_build(**request)) == "AccessDeniedException"
    assert refusal(lambda: unbound.codebuild.start_build(**request)) == "InvalidInputException"  # not honoured


def test_the_functions_may_set_our_variables(starter: Pipeline, builder: Builder) -> None:
    builder.set(concurrent_builds=0)
    request: dict[str, Any] = {"projectName": PROJECT, "environmentVariablesOverride": OURS, "idempotencyToken": "own"}

    assert refusal(lambda: starter.codebuild.start_build(**request)) == "AccountLimitExceededException"


@pytest.mark.parametrize("name", ["BASH_ENV", "BUILDER"])
def test_the_functions_may_not_set_another_variable_not_even_beside_ours(
    starter: Pipeline, unbound: Pipeline, builder: Builder, name: str
) -> None:
    builder.set(concurrent_builds=0)
    variables = [*OURS, {"name": name, "value": "x", "type": "PLAINTEXT"}]
    request: dict[str, Any] = {"projectName": PROJECT, "environmentVariablesOverride": variables}

    assert refusal(lambda: starter.codebuild.start_build(**request)) == "AccessDeniedException"
    assert refusal(lambda: unbound.codebuild.start_build(**request)) == "AccountLimitExceededException"


def test_a_build_of_another_project_may_not_be_started(unbound: Pipeline) -> None:
    assert refusal(lambda: unbound.codebuild.start_build(projectName="strange")) == "AccessDeniedException"


# Builds and their logs


@pytest.fixture(scope="session")
def reader(cloud: Pipeline) -> Pipeline:
    """Somebody who may look at builds of one project, and at their logs."""
    actions = ["codebuild:BatchGetBuilds", "codebuild:ListBuildsForProject", "codebuild:StopBuild"]
    logs = statement(["logs:GetLogEvents"], cloud.outputs["LogGroupArn"])
    return taken(cloud, "reader", statement(actions, BUILDS), logs)


def test_builds_of_the_project_may_be_looked_at_and_stopped(reader: Pipeline, builder: Builder) -> None:
    build = builder.run("echo printed")

    assert reader.codebuild.list_builds_for_project(projectName=PROJECT)["ids"][0] == build["id"]
    assert reader.codebuild.batch_get_builds(ids=[build["id"]])["builds"] == [build]
    assert "printed" in reader.log(build)
    assert refusal(lambda: reader.codebuild.stop_build(id="builds:1")) == "ResourceNotFoundException"


def test_builds_and_logs_of_another_project_may_not_be_looked_at(
    cloud: Pipeline, reader: Pipeline, unique: str
) -> None:
    codebuild, logs = reader.codebuild, reader.logs
    cloud.logs.create_log_group(logGroupName=unique)
    cloud.logs.create_log_stream(logGroupName=unique, logStreamName="stream")

    assert refusal(lambda: logs.get_log_events(logGroupName=unique, logStreamName="stream")) == "AccessDeniedException"
    assert refusal(lambda: codebuild.batch_get_builds(ids=["strange:1"])) == "AccessDeniedException"
    assert refusal(lambda: codebuild.batch_get_builds(ids=["builds:1", "strange:1"])) == "AccessDeniedException"
    assert refusal(lambda: codebuild.list_builds_for_project(projectName="strange")) == "AccessDeniedException"
    assert refusal(lambda: codebuild.stop_build(id="strange:1")) == "AccessDeniedException"


def test_a_right_may_name_one_stream_of_a_log(cloud: Pipeline, unique: str) -> None:
    cloud.logs.create_log_group(logGroupName=unique)
    for stream in ("mine", "other"):
        cloud.logs.create_log_stream(logGroupName=unique, logStreamName=stream)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{unique}:log-stream:mine"
    logs = taken(cloud, unique, statement(["logs:GetLogEvents"], arn)).logs

    assert logs.get_log_events(logGroupName=unique, logStreamName="mine")["events"] == []
    assert refusal(lambda: logs.get_log_events(logGroupName=unique, logStreamName="other")) == "AccessDeniedException"


def test_a_right_to_filter_a_log_ends_at_its_group(cloud: Pipeline, unique: str) -> None:
    groups = [f"{unique}-mine", f"{unique}-other"]
    for group in groups:
        cloud.logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{groups[0]}:*"  # as CloudFormation gives it
    logs = taken(cloud, unique, statement(["logs:FilterLogEvents"], arn)).logs

    assert logs.filter_log_events(logGroupName=groups[0])["events"] == []
    assert refusal(lambda: logs.filter_log_events(logGroupName=groups[1])) == "AccessDeniedException"


# Versions of layers


def versions(cloud: Pipeline, layer: str) -> list[str]:
    """The ARNs of two versions of a new layer."""
    content = zipped({"__main__.py": "print('runs')\n"})
    publish = cloud.client("lambda").publish_layer_version
    return [publish(LayerName=layer, Content={"ZipFile": content})["LayerVersionArn"] for _ in range(2)]


def test_a_right_to_a_layer_ends_at_its_version_and_publishes_none(cloud: Pipeline, unique: str) -> None:
    first, second = versions(cloud, unique)
    functions = taken(cloud, unique, statement(["lambda:GetLayerVersion"], first)).client("lambda")

    assert functions.get_layer_version_by_arn(Arn=first)["LayerVersionArn"] == first
    assert refusal(lambda: functions.get_layer_version_by_arn(Arn=second)) == "AccessDeniedException"
    assert refusal(functions.list_layers) == "AccessDeniedException"
    another = {"ZipFile": zipped({"__main__.py": "print('another')\n"})}
    publish = functions.publish_layer_version
    assert refusal(lambda: publish(LayerName=unique, Content=another)) == "AccessDeniedException"


# events:PutEvents


@pytest.fixture(scope="session")
def speaker(cloud: Pipeline) -> Pipeline:
    """Somebody who may put events in one name."""
    condition = {"StringEquals": {"events:source": "source-to-ecr"}}
    return taken(cloud, "speaker", statement(["events:PutEvents"], BUS, Condition=condition))


def entries(*sources: str) -> list[dict[str, str]]:
    """Events in these names."""
    return [{"Source": source, "DetailType": "Image Recorded", "Detail": "{}"} for source in sources]


@pytest.mark.parametrize("sources", [["source-to-ecr"], ["source-to-ecr", "source-to-ecr"]])
def test_events_may_be_put_under_the_permitted_source(speaker: Pipeline, sources: list[str]) -> None:
    answer = speaker.client("events").put_events(Entries=entries(*sources))

    assert answer["FailedEntryCount"] == 0
    assert len(answer["Entries"]) == len(sources)


@pytest.mark.parametrize(
    "sources", [["other"], ["source-to-ecr.other"], ["source-to-ecr", "other"], ["source-to-ecr", "z"], [""]]
)
def test_events_may_not_be_put_under_another_source(speaker: Pipeline, sources: list[str]) -> None:
    events = speaker.client("events")

    assert refusal(lambda: events.put_events(Entries=entries(*sources))) == "AccessDeniedException"


# TLS and callers


def over_http(client: Any) -> Any:
    """The client, whose requests from now on say that they weren't sent over TLS."""

    def mark(request: Any, **_: Any) -> None:
        request.headers["X-Forwarded-Proto"] = "http"

    client.meta.events.register("before-send.s3", mark)
    return client


def test_the_source_bucket_is_used_over_tls_only(cloud: Pipeline, unique: str) -> None:
    cloud.s3.create_bucket(Bucket=unique)
    cloud.s3.put_object(Bucket=unique, Key="key", Body=b"read")
    bucket = f"arn:aws:s3:::{unique}"
    somebody = taken(cloud, unique, statement(["s3:*"], [bucket, f"{bucket}/*"]))
    http = over_http(somebody.client("s3"))
    assert http.get_object(Bucket=unique, Key="key")["Body"].read() == b"read"

    denial = list(statements(Stack.from_file().named(**{"SourceBucket.Arn": bucket}), "SourceBucketPolicy"))
    cloud.s3.put_bucket_policy(Bucket=unique, Policy=json.dumps({"Version": "2012-10-17", "Statement": denial}))

    assert refusal(lambda: http.get_object(Bucket=unique, Key="key")) == "AccessDenied"
    assert refusal(lambda: http.put_object(Bucket=unique, Key="key", Body=b"written")) == "AccessDenied"
    assert refusal(lambda: http.list_objects_v2(Bucket=unique)) == "AccessDenied"
    assert somebody.s3.get_object(Bucket=unique, Key="key")["Body"].read() == b"read"


def test_a_parameters_history_names_the_role_that_wrote(cloud: Pipeline, unique: str) -> None:
    somebody = taken(cloud, unique, statement(["ssm:PutParameter"], "*"))
    somebody.ssm.put_parameter(Name=f"/{unique}", Value="written", Type="String")
    (version,) = cloud.ssm.get_parameter_history(Name=f"/{unique}")["Parameters"]

    assert version["LastModifiedUser"] == somebody.client("sts").get_caller_identity()["Arn"]
    assert version["LastModifiedUser"].endswith("/somebody")


# Denies

TRIED = {
    "NoOtherBuildspec": test_the_buildspec_may_not_be_replaced,
    "NoOtherVariables": test_the_functions_may_not_set_another_variable_not_even_beside_ours,
    "TlsOnly": test_the_source_bucket_is_used_over_tls_only,
}
"""Each Deny of a policy, and the test that tries what it denies, with and without it."""


def test_every_deny_is_tried() -> None:
    denies = [part for policy in every_policy() for part in policy.statements if part["Effect"] == "Deny"]

    assert sorted(part["Sid"] for part in denies) == sorted(TRIED)
