"""The record that auto-deploy keeps in a parameter: which image it deployed last, and what became of that."""

from dataclasses import dataclass
from datetime import datetime

from aws import ssm
from core.notifying.deployments import RESULTS, Record
from ship.aws.access import Access
from ship.aws.cloudformation import Stack


@dataclass(frozen=True)
class Deployment:
    """The value of auto-deploy's parameter, and its time. `record` is None before auto-deploy first looked."""

    record: Record | None
    since: datetime

    def of(self, image_uri: str) -> Record | None:
        """The record, if it is about this image."""
        return self.record if self.record and self.record.image_uri == image_uri else None


def service_of(stack: Stack, image_uri: str) -> str:
    """The name of the stack's service, which its repository has as well. Empty if neither is known."""
    return stack.service or image_uri.partition("@")[0].rpartition("/")[2]


def parameter_of(service: str) -> str:
    """The name of auto-deploy's parameter."""
    return f"/{service}/deployment"


def newest(access: Access, service: str) -> Deployment | None:
    """The parameter's newest value. None if there is no such parameter: auto-deploy isn't deployed.

    Raises:
        ClientError: AWS refuses.
    """
    client = access.ssm
    try:
        found = client.get_parameter(Name=parameter_of(service))["Parameter"]
    except client.exceptions.ParameterNotFound:
        return None
    return Deployment(Record.from_value(found["Value"]), found["LastModifiedDate"])


def is_failure(record: Record | None, image_uri: str) -> bool:
    """Whether a record says that this image's deployment failed."""
    return record is not None and record.state == "not-healthy" and record.image_uri == image_uri


def failure_of(access: Access, service: str, image_uri: str) -> Record | None:
    """The newest record that this image's deployment failed, among those that SSM keeps. None if there is none.

    Raises:
        ClientError: AWS refuses.
    """
    history = ssm.history(access.ssm, parameter_of(service))
    records = (Record.from_value(each["Value"]) for each in reversed(history))
    return next((each for each in records if is_failure(each, image_uri)), None)


def given_up(access: Access, service: str) -> frozenset[str]:
    """The digests of the images whose last deployment failed, by the records that SSM keeps. Empty without auto-deploy.

    Raises:
        ClientError: AWS refuses.
    """
    records = (Record.from_value(each["Value"]) for each in ssm.history(access.ssm, parameter_of(service)))
    newest = {each.image_uri: each.state for each in records if each and each.state in RESULTS}
    return frozenset(uri.partition("@")[2] for uri, state in newest.items() if state == "not-healthy")
