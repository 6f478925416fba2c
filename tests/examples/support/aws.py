"""AWS's own models and exceptions, without AWS."""

from functools import cache
from typing import Any

import boto3


@cache
def real(service: str) -> Any:
    """AWS's own client, for its models and exceptions."""
    return boto3.client(service)  # type: ignore[call-overload]


def refused(service: str, code: str) -> Exception:
    """The exception with which the client says that AWS refused a request."""
    error: Exception = real(service).exceptions.from_code(code)({"Error": {"Code": code, "Message": code}}, "Request")
    return error
