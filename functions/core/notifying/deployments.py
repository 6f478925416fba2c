"""The status of each recorded upload whose deployment is decided.

It follows from two histories: that of the parameter that names the image, and that of the parameter in which
examples/ecs-service/auto-deploy.yaml keeps its records. Without auto-deploy there are no records.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import reasons
from core.notifying.statuses import Status
from core.recording import next_image
from core.recording.next_image import Version

LAST = 10
"""How many of the last records are taken for news. A deployment has two or three."""
RESULTS = {"running", "not-healthy"}
OPTIONAL = ("running", "reason", "exitCode", "log")
STATES = {*RESULTS, "deploying", "changed"}


@dataclass(frozen=True)
class Record:
    """A look of auto-deploy at its service: docs/reference/events.md describes the members.

    `running` is the image that the service runs, None if it runs nothing.
    """

    state: str
    image_uri: str
    running: str | None = None
    reason: str | None = None
    exit_code: str | None = None
    lines: tuple[str, ...] = ()
    log: str | None = None
    version: int | None = None

    @property
    def result(self) -> tuple[str, str, int | None]:
        """The state, the image and the version of the image's parameter."""
        return self.state, self.image_uri, self.version

    @classmethod
    def from_value(cls, value: str) -> "Record | None":
        """The record in a value of auto-deploy's parameter; None if it has none, as before the first look."""
        try:
            found = json.loads(value)
            if found["state"] not in STATES:
                return None
            lines = tuple(str(line) for line in found.get("lines") or ())
            running, reason, exit_code, log = (text_of(found, name) for name in OPTIONAL)
            version = found.get("version")
            return cls(found["state"], str(found["imageUri"]), running, reason, exit_code, lines, log, version)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def text_of(found: Mapping[str, Any], name: str) -> str | None:
    """A member as a text; None if it is missing or null."""
    value = found.get(name)
    return None if value is None else str(value)


def read(values: Sequence[str]) -> list[Record]:
    """The records in the versions of auto-deploy's parameter, the oldest first."""
    return [record for record in map(Record.from_value, values) if record]


@dataclass(frozen=True)
class Deployed:
    """The status of each recorded upload, by build tag, as far as its deployment is decided.

    `news` has the build tags whose status the last records may have changed. `fresh` is the one that the last record is
    about, if the record before it didn't say the same: its status is reported even if the upload can't carry it.
    `is_again` says that this image's deployment failed before, too, when the parameter named it earlier.
    """

    statuses: Mapping[str, Status]
    news: frozenset[str] = frozenset()
    fresh: str | None = None
    is_again: bool = False


def decide(history: Sequence[Version], records: Sequence[Record]) -> Deployed:
    """Decides from both histories. Without records, nothing is decided."""
    if not records:
        return Deployed({})
    named = Named(tuple(version.value for version in history), tuple(next_image.written_tags(history)))
    found = {tag: status_of(tag, uri, named, records) for tag, uri in next_image.recorded(history).items()}
    statuses = {tag: status for tag, status in found.items() if status}
    last_named = {uri for record in records[-LAST:] for uri in (record.image_uri, record.running)}
    news = frozenset(tag for tag, status in statuses.items() if status.image_uri in last_named)
    *before, last = records
    if before and before[-1].result == last.result:
        return Deployed(statuses, news)
    fresh = max((tag for tag in news if statuses[tag].image_uri == last.image_uri), default=None)
    failures = {record.result for record in before if record.state == "not-healthy"}
    is_again = last.state == "not-healthy" and any(image == last.image_uri for _, image, _ in failures)
    return Deployed(statuses, news, fresh, is_again)


@dataclass(frozen=True)
class Named:
    """Every image that the parameter named, the oldest first, each with its build tag, or None if a person named it."""

    uris: tuple[str, ...]
    tags: tuple[str | None, ...]

    def is_older(self, other: str | None, uri: str) -> bool:
        """Whether the other image was named before this one."""
        return other in self.uris and self.uris.index(other) < self.uris.index(uri)

    def is_left_for_older(self, uri: str) -> bool:
        """Whether a person chose an older image after this one."""
        following = len(self.uris) - self.uris[::-1].index(uri)
        return self.tags[following] is None and self.is_older(self.uris[following], uri)


def status_of(tag: str, uri: str, named: Named, records: Sequence[Record]) -> Status | None:
    """The status of one upload."""
    last, is_current = records[-1], named.uris[-1] == uri
    if last.running == uri:
        return Status("running", tag, image_uri=uri, is_recovery=last.image_uri == uri and is_recovery(records))
    if is_current and (last.image_uri != uri or last.state == "deploying"):
        return None  # its deployment has not ended, or not begun
    mine = [record for record in records if record.image_uri == uri and record.state != "deploying"]
    if mine and mine[-1].state == "not-healthy":
        why = reasons.not_healthy(mine[-1].reason, mine[-1].exit_code, mine[-1].lines)
        return Status("not-healthy", tag, str(why), uri, why.output, log=mine[-1].log)
    if named.is_older(last.running, uri) if is_current else named.is_left_for_older(uri):
        return Status("rolled-back", tag, str(reasons.ROLLED_BACK), uri)
    return Status("replaced", tag, str(reasons.CHANGED_BY_HAND if is_current else reasons.REPLACED), uri)


def is_recovery(records: Sequence[Record]) -> bool:
    """Whether the last deployment succeeded and the one before it didn't."""
    results = [record.state for record in records if record.state in RESULTS]
    return results[-2:] == ["not-healthy", "running"]
