"""The tests' own AWS clients, whose requests don't count as the builder's."""

from typing import Any

from botocore.config import Config

from aws import clients

OURS = Config()


def ours(service: str) -> Any:
    """A client that the builder doesn't share."""
    return clients.client(service, OURS)
