"""The lines of a build's log that the builder prints for RecordImage and `ship`: one fact each, as JSON.

Each stands at the beginning of its line. BuildKit puts the step's number before what a step prints, and `foreign` keeps
all others from writing such a line: a frontend's error may have several.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.reasons import CODE, LONGEST, Reason, last_lines, printable, shortened

REASON, ENDING = "reason: ", "ending: "
# What a build prints that started before an update of the stack brought the builder.
OLDER = re.compile(r"reason: ([a-z-]+): (.+)")


@dataclass(frozen=True)
class Ending:
    """How the image's program ended while the builder tried it: one bounded sentence, and its last lines."""

    sentence: str
    output: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Bounds what an image may say of itself, as a reason does."""
        object.__setattr__(self, "sentence", shortened(printable(self.sentence), LONGEST))
        object.__setattr__(self, "output", last_lines(self.output))


def reason_line(reason: Reason) -> str:
    """The line that tells RecordImage why a build failed."""
    fact = {"code": reason.code, "sentence": reason.sentence, "output": reason.output}
    return REASON + json.dumps(fact)


def ending_line(ending: Ending) -> str:
    """The line that tells RecordImage how the image's program ended."""
    return ENDING + json.dumps({"sentence": ending.sentence, "output": ending.output})


def reason_in(messages: Iterable[str]) -> Reason | None:
    """The last reason in the messages of a build's log; None if there is none."""
    found = [reason for line in lines_of(messages) if (reason := reason_of(line))]
    return found[-1] if found else None


def ending_in(messages: Iterable[str]) -> Ending | None:
    """The last ending in the messages of a build's log; None if there is none."""
    found = [ending for line in lines_of(messages) if (ending := ending_of(line))]
    return found[-1] if found else None


def is_for_machines(line: str) -> bool:
    """Whether a line repeats, as JSON, what the builder has told people in the lines before it."""
    return (line.startswith(f"{REASON}{{") and reason_of(line) is not None) or ending_of(line) is not None


def foreign(line: str) -> str:
    """What a tool or an image printed, indented if it begins as one of the builder's lines does."""
    return f" {line}" if line.startswith((REASON, ENDING)) else line


def lines_of(messages: Iterable[str]) -> Iterator[str]:
    """The lines of a log's messages. Only a line feed ends one: other breaks may come from a step."""
    return (line for message in messages for line in message.split("\n"))


def reason_of(line: str) -> Reason | None:
    """The reason that a line states, as a build of this stack or of an older one writes it."""
    if older := OLDER.fullmatch(line):
        return Reason(older[1], older[2])
    match fact_in(line, REASON):
        case {"code": str(code), "sentence": str(sentence), "output": [*output]} if CODE.fullmatch(code):
            return Reason(code, sentence, tuple(output)) if are_texts(output) else None
    return None


def ending_of(line: str) -> Ending | None:
    """The ending that a line states."""
    match fact_in(line, ENDING):
        case {"sentence": str(sentence), "output": [*output]}:
            return Ending(sentence, tuple(output)) if are_texts(output) else None
    return None


def are_texts(values: list[Any]) -> bool:
    """Whether all of these are texts."""
    return all(isinstance(each, str) for each in values)


def fact_in(line: str, begins: str) -> Any:
    """What stands as JSON in a line that begins so; None if that is none."""
    if not line.startswith(begins):
        return None
    try:
        return json.loads(line.removeprefix(begins))
    except (ValueError, RecursionError):  # also what nests too deep
        return None
