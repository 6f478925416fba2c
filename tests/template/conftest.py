"""The template, read once."""

import pytest

from tests.support.stack import Stack, event


@pytest.fixture(scope="session")
def symbols() -> Stack:
    """The stack by default, with the resources' own names: `ImageBuild.Arn`, `SourceBucket`."""
    return Stack.from_file()


@pytest.fixture(scope="session")
def stack(symbols: Stack) -> Stack:
    """The same with the project's name and with that of the bucket in events/."""
    bucket = event("object-created")["detail"]["bucket"]["name"]
    return symbols.named(ImageBuild=symbols.properties("ImageBuild")["Name"], SourceBucket=bucket)
