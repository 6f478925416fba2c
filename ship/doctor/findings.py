"""What a check of the doctor finds."""

from dataclasses import dataclass

OK, WARNING, PROBLEM, UNSEEN = "ok", "warning", "problem", "unseen"


@dataclass(frozen=True)
class Finding:
    """One fact about the stack and, unless all is well, what to do about it. A problem needs a person."""

    level: str
    what: str
    to_do: str = ""
