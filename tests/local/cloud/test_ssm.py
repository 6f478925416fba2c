"""SSM: events of changed parameters, and who changed them."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from local.pipeline import Pipeline
from tests.local.support.inbox import Inbox, differences, sample


@pytest.fixture
def name(unique: str) -> str:
    """A parameter that isn't there yet."""
    return f"/{unique}/image-uri"


@pytest.fixture
def changes(name: str, inbox: Callable[[dict[str, Any]], Inbox]) -> Inbox:
    """Gets the events of the parameter."""
    return inbox({"source": ["aws.ssm"], "detail-type": ["Parameter Store Change"], "detail": {"name": [name]}})


def put(cloud: Pipeline, name: str, value: str) -> None:
    """Writes the parameter as RecordImage does."""
    cloud.ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True, Description=f"of {value}")


def test_the_event_of_a_parameter_has_the_shape_of_its_file_and_its_history_names_the_caller(
    cloud: Pipeline, name: str, changes: Inbox
) -> None:
    put(cloud, name, "1")
    (event,) = changes.wait_for(1)

    assert differences(event, sample("parameter-changed")) == []
    assert datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007  # in whole seconds, or this fails
    assert event["resources"] == [cloud.ssm.get_parameter(Name=name)["Parameter"]["ARN"]]
    assert (event["detail"]["name"], event["detail"]["type"]) == (name, "String")
    (version,) = cloud.ssm.get_parameter_history(Name=name)["Parameters"]
    assert version["LastModifiedUser"] == cloud.client("sts").get_caller_identity()["Arn"]


def test_each_change_of_a_parameter_has_an_event(cloud: Pipeline, name: str, changes: Inbox) -> None:
    put(cloud, name, "1")
    put(cloud, name, "2")
    cloud.ssm.delete_parameter(Name=name)
    found = [(each["detail"]["operation"], each["detail"]["description"]) for each in changes.wait_for(3)]

    assert found == [("Create", "of 1"), ("Update", "of 2"), ("Delete", "of 2")]


def test_parameters_that_are_deleted_together_have_an_event_each(
    cloud: Pipeline, unique: str, inbox: Callable[[dict[str, Any]], Inbox]
) -> None:
    detail = {"name": [{"prefix": f"/{unique}/"}], "operation": ["Delete"]}
    changes = inbox({"source": ["aws.ssm"], "detail": detail})
    names = [f"/{unique}/{each}" for each in ("a", "b", "missing")]
    for each in names[:2]:
        put(cloud, each, "1")
    cloud.ssm.delete_parameters(Names=names)
    put(cloud, names[0], "1")
    cloud.ssm.delete_parameter(Name=names[0])

    found = [each["detail"]["name"] for each in changes.wait_for(3)]
    assert (sorted(found[:2]), found[2:]) == (names[:2], names[:1])


def test_the_event_of_a_parameter_without_a_description_has_none(cloud: Pipeline, name: str, changes: Inbox) -> None:
    cloud.ssm.put_parameter(Name=name, Value="1", Type="String")
    (event,) = changes.wait_for(1)

    assert event["detail"] == {"operation": "Create", "name": name, "type": "String"}


def test_a_change_of_a_parameter_that_is_refused_has_no_event(cloud: Pipeline, name: str, changes: Inbox) -> None:
    put(cloud, name, "1")
    with pytest.raises(cloud.ssm.exceptions.ParameterAlreadyExists):
        cloud.ssm.put_parameter(Name=name, Value="2", Type="String")
    with pytest.raises(cloud.ssm.exceptions.ParameterNotFound):
        cloud.ssm.delete_parameter(Name=f"{name}-missing")
    cloud.ssm.delete_parameter(Name=name)

    assert [each["detail"]["operation"] for each in changes.wait_for(2)] == ["Create", "Delete"]


@pytest.mark.parametrize("value", ["{{x", "x}}", '{"a": "{{ssm:b}}"}'])
def test_a_value_with_double_braces_is_refused(cloud: Pipeline, name: str, value: str) -> None:
    with pytest.raises(cloud.ssm.exceptions.ClientError, match="ValidationException"):
        put(cloud, name, value)


def test_braces_that_json_escapes_are_taken(cloud: Pipeline, name: str) -> None:
    put(cloud, name, '{"a": "\\u007b\\u007bx\\u007d\\u007d"}')

    assert json.loads(cloud.ssm.get_parameter(Name=name)["Parameter"]["Value"]) == {"a": "{{x}}"}
