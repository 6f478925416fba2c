"""The tests' own clients of AWS: what they ask for isn't counted as the builder's."""

from typing import Any

from botocore.config import Config

from edge import clients

OURS = Config()


def ours(service: str) -> Any:
    """A client that the builder doesn't share."""
    return clients.client(service, OURS)
