"""Unresolved errors in the functions' logs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.notifying.statuses import Status
from ship.doctor.function_logs import KILLED, MAILED, PUBLISHED, Record
from ship.doctor.permissions import MissingPermission, missing_permission
from ship.uploads.patience import FOLLOWED

LOOK_BACK = timedelta(seconds=FOLLOWED)
"""As long as StartBuild retries an upload."""
RETRIED_WITHIN = timedelta(minutes=20)
"""The schedule's 15 minutes plus some: by then a retried failure has failed again."""
ANSWER = re.compile(r"An error occurred \(\w+\) when calling the \w+ operation")


@dataclass(frozen=True)
class Failure:
    """A function's log message for a failure, and its messages once the same step works again."""

    logged: str
    works: frozenset[str]
    of_same_upload: bool = False
    is_retried: bool = True

    def is_over(self, record: Record, later: Sequence[Record], now: datetime) -> bool:
        """Whether the step works again: a later run shows it, or it was due again and didn't fail."""
        if self.is_retried and now - record.at > RETRIED_WITHIN:
            return True
        failed_again = {each.run for each in later if each.message == self.logged}
        return any(
            each.shows & self.works
            and each.run not in failed_again | {record.run}
            and (not (self.of_same_upload and record.upload) or each.upload == record.upload)
            for each in later
        )


ENDS = frozenset(Status(name, "").counted_as for name in ("rejected", "superseded"))
OUTCOMES = ENDS | {"BuildStarted", "UploadDoneBefore", "FolderIgnored"}
FAILURES = (
    Failure("The message goes back to the queue", OUTCOMES, of_same_upload=True),
    Failure("Recording failed: the triggers come again", frozenset({"Decided"})),
    Failure("An upload wasn't notified: the next resync does it", frozenset({PUBLISHED}), of_same_upload=True),
    Failure("No status can be written", frozenset({PUBLISHED})),
    Failure("The status can't be written", frozenset({PUBLISHED, "BuildStarted"}), is_retried=False),
    Failure("The mail can't be sent", frozenset({MAILED}), is_retried=False),
    Failure(KILLED, frozenset()),
)


@dataclass(frozen=True)
class Trouble:
    """The unresolved errors with one cause, the oldest first."""

    missing: MissingPermission | None
    records: tuple[Record, ...]

    @property
    def last(self) -> Record:
        """The newest of them."""
        return self.records[-1]


def troubles(records: Sequence[Record], now: datetime) -> list[Trouble]:
    """The unresolved errors, by cause.

    Errors count, and warnings that name a missing permission. If Lambda stopped a run that had logged its own error,
    only that error counts.
    """
    known = {each.logged: each for each in FAILURES}
    explained = {each.run for each in records if each.level == "ERROR" and each.message != KILLED}
    still: dict[str, list[Record]] = {}
    for number, record in enumerate(records):
        if not record.counts or (record.message == KILLED and record.run in explained):
            continue
        failure = known.get(record.message, Failure(record.message, frozenset()))
        if not failure.is_over(record, records[number + 1 :], now):
            still.setdefault(cause_of(record), []).append(record)
    return [Trouble(missing_permission(found[0].cause), tuple(found)) for found in still.values()]


def cause_of(record: Record) -> str:
    """A text that is equal for records with the same cause."""
    missing = missing_permission(record.cause)
    if missing:
        return f"{missing.role} {missing.action}"
    answer = ANSWER.search(record.cause)  # the rest of AWS's message differs per request
    return f"{record.message} {answer[0] if answer else record.cause}"
