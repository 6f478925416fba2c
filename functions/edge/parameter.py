"""The parameter that names the recorded image, and its history."""

from core.images import Version
from edge import clients


def history(name: str) -> list[Version]:
    """The parameter's versions, the oldest first; none if there is no parameter. SSM keeps 100."""
    client = clients.ssm()
    try:
        pages = list(client.get_paginator("get_parameter_history").paginate(Name=name))
    except client.exceptions.ParameterNotFound:
        return []
    versions = sorted((each for page in pages for each in page["Parameters"]), key=lambda each: each["Version"])
    return [Version(each["Value"], each.get("Description", "")) for each in versions]


def put(name: str, version: Version) -> None:
    """Writes a new version, in one request that is sent once.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    """
    clients.ssm().put_parameter(
        Name=name,
        Value=version.value,
        Description=version.description,
        Type="String",
        DataType="text",
        Overwrite=True,
    )
