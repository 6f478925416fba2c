"""The events of an upload while it is followed."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from ship.aws.errors import action_of
from ship.aws.s3 import State


@dataclass(frozen=True)
class Stage:
    """The upload's present stage, in words."""

    text: str


@dataclass(frozen=True)
class Still:
    """Nothing new for another half minute."""

    text: str


@dataclass(frozen=True)
class Phase:
    """A phase of the build has ended. `seconds` is its duration, if known."""

    name: str
    succeeded: bool
    seconds: int | None


@dataclass(frozen=True)
class Line:
    """The build has printed a line."""

    text: str


@dataclass(frozen=True)
class Note:
    """Something that the caller should know. Following continues."""

    text: str


@dataclass(frozen=True)
class Ended:
    """The upload has a final status."""

    state: State


Happening = Stage | Still | Phase | Line | Note | Ended


def unseen(what: str, refusal: ClientError) -> Note:
    """A note of what the caller can't see without the permission that AWS names."""
    return Note(f"You can't see {what} without the permission {action_of(refusal)}. The status will show the result.")
