"""Why the service isn't deployed, in words for the user."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError


class Problem(Exception):  # noqa: N818  # a message for the user, not a fault of the program
    """Why the service isn't deployed or runs another image, and what to do."""


@contextmanager
def looking_up(what: str) -> Iterator[None]:
    """Turns a failed request of the block into a problem that names what was looked up.

    Raises:
        Problem: AWS refuses a request of the block, or doesn't answer it.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Problem(f"deploy.sh stopped, because it couldn't look up {what}. {error}") from error
