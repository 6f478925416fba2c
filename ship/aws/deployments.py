"""The record that the service's follower keeps: which image it deployed last, and what became of that."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws import ssm
from ship.aws.access import Access


@dataclass(frozen=True)
class Deployment:
    """What a follower found when it looked at its service: the image that the parameter named, and its deployment.

    `state` is `new` before the first look. `running` is the image that the service runs, empty if none is known.
    `lines` are the last ones that the deployment's task printed, `log` its log group and stream.
    """

    state: str
    since: datetime
    image_uri: str = ""
    running: str = ""
    reason: str = ""
    exit_code: str = ""
    log: str = ""
    lines: tuple[str, ...] = ()

    @classmethod
    def from_value(cls, value: str, since: datetime) -> "Deployment":
        """The record in a value of the parameter. A value that can't be read counts as `new`."""
        try:
            found = json.loads(value)
            lines = tuple(str(line) for line in found.get("lines") or ())
            names = {"image_uri": "imageUri", "running": "running", "reason": "reason", "exit_code": "exitCode"}
            texts = {ours: text_of(found, theirs) for ours, theirs in {**names, "log": "log"}.items()}
            return cls(str(found["state"]), since, **texts, lines=lines)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls("new", since)

    def is_failure_of(self, image_uri: str) -> bool:
        """Whether this image's deployment failed."""
        return self.state == "not-healthy" and self.image_uri == image_uri


def text_of(found: Mapping[str, Any], name: str) -> str:
    """A member as text. Empty if it is missing or null."""
    value = found.get(name)
    return "" if value is None else str(value)


def parameter_of(service: str) -> str:
    """The name of the parameter that has the record, by the name of the stack's service."""
    return f"/{service}/deployment"


def service_in(image_uri: str) -> str:
    """The name of the stack's service, which the repository in an image's URI has as well."""
    return image_uri.partition("@")[0].rpartition("/")[2]


def newest(access: Access, service: str) -> Deployment | None:
    """The newest record. None if there is no such parameter: nothing follows the stack.

    Raises:
        ClientError: AWS refuses.
    """
    client = access.ssm
    try:
        found = client.get_parameter(Name=parameter_of(service))["Parameter"]
    except client.exceptions.ParameterNotFound:
        return None
    return Deployment.from_value(found["Value"], found["LastModifiedDate"])


def failure_of(access: Access, image_uri: str) -> Deployment | None:
    """The newest record that this image's deployment failed, among those that SSM keeps. None if there is none.

    Raises:
        ClientError: AWS refuses.
    """
    history = ssm.history(access.ssm, parameter_of(service_in(image_uri)))
    records = (Deployment.from_value(each["Value"], each["LastModifiedDate"]) for each in reversed(history))
    return next((each for each in records if each.is_failure_of(image_uri)), None)
