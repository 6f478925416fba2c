"""The lines of a build's log that the builder prints for RecordImage and `ship`: one fact each, as JSON.

Only the builder can begin a line so: BuildKit puts the step's number before a step's output, and `foreign` indents
everything else, such as a frontend's error of several lines.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.reasons import CODE, LONGEST, Reason, last_lines, printable, shortened

# assumes: codebuild-log-lines
REASON, ENDING = "reason: ", "ending: "
# The line of a build that started before an update of the stack brought the builder.
OLDER = re.compile(r"reason: ([a-z-]+): (.+)")


@dataclass(frozen=True)
class Ending:
    """The end of the image's program during the trial: one bounded sentence, and the last lines of its output."""

    sentence: str
    output: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Bounds an image's own words, as a reason does."""
        object.__setattr__(self, "sentence", shortened(printable(self.sentence), LONGEST))
        object.__setattr__(self, "output", last_lines(self.output))


def reason_line(reason: Reason) -> str:
    """The line from which RecordImage reads why a build failed."""
    fact = {"code": reason.code, "sentence": reason.sentence, "output": reason.output}
    return REASON + json.dumps(fact)


def ending_line(ending: Ending) -> str:
    """The line from which RecordImage reads how the image's program ended."""
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
    """Whether a line repeats, as JSON, what the lines before it say for people."""
    return (line.startswith(f"{REASON}{{") and reason_of(line) is not None) or ending_of(line) is not None


def foreign(line: str) -> str:
    """A line of a tool or an image, indented if it begins like one of the builder's."""
    return f" {line}" if line.startswith((REASON, ENDING)) else line


def lines_of(messages: Iterable[str]) -> Iterator[str]:
    """The lines of a log's messages. Only a line feed ends a line: other breaks may come from a step."""
    return (line for message in messages for line in message.split("\n"))


def reason_of(line: str) -> Reason | None:
    """The reason that a line states, in the current form or an older stack's."""
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
    """Whether all values are strings."""
    return all(isinstance(each, str) for each in values)


def fact_in(line: str, begins: str) -> Any:
    """The JSON in a line that begins so; None if there is none."""
    if not line.startswith(begins):
        return None
    try:
        return json.loads(line.removeprefix(begins))
    except (ValueError, RecursionError):  # the latter: nested too deeply
        return None
