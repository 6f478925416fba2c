"""The result of one of the doctor's checks."""

from dataclasses import dataclass

OK, WARNING, PROBLEM, UNSEEN = "ok", "warning", "problem", "unseen"


@dataclass(frozen=True)
class Finding:
    """A fact about the stack and what to do about it. Only a problem needs a person."""

    level: str
    what: str
    to_do: str = ""
