"""The report of a run, in Markdown and JSON, without anything that tells whose account it was."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from verify.assumptions import Assumption
from verify.run import Run
from verify.verdicts import Verdict

NOT_REACHED = Verdict("could not be tried", "The run ended before this check.")
PRIVATE = [
    (re.compile(r"https?://[^\s\"'<>|)]+"), "<address>"),
    (re.compile(r"arn:aws[\w-]*:[^\s\"',)]+"), "<arn>"),
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA|ANPA)[A-Z0-9]{12,}\b(?::[\w+=,.@-]+)?"), "<key>"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b"), "<address>"),
    (re.compile(r"\b(?:[\w-]+\.)+(?:com|cn|net|org|io|local|internal|aws|example)\b(?::\d+)?"), "<host>"),
    (re.compile(r"(?<!\d)\d{12}(?!\d)"), "<account>"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "<ip>"),
    (re.compile(r"(?:/(?:home|Users|root|tmp|var|work)\b|[A-Z]:\\)[^\s\"',)]*"), "<path>"),
]
"""The names of people and their things, and what the report has instead."""


def without_names(text: str, run: Run) -> str:
    """The text without account ids, ARNs, keys, hosts, paths and the run's own names."""
    for user in filter(None, {os.environ.get("USER", ""), Path.home().name} - {"root"}):
        text = re.sub(rf"\b{re.escape(user)}\b", "<user>", text)
    for pattern, word in PRIVATE:
        text = pattern.sub(word, text)
    own = re.compile(rf"{run.stack}[\w-]*|{run.service}[\w-]*|{run.id}")
    return own.sub("<name>", text)


def verdicts(run: Run, assumptions: Iterable[str]) -> dict[str, Verdict]:
    """A verdict for each assumption, in the order of the list."""
    found = {name: run.verdicts.get(name, NOT_REACHED) for name in assumptions}
    return {name: Verdict(each.outcome, without_names(each.seen, run)) for name, each in found.items()}


def as_markdown(run: Run, assumptions: dict[str, Assumption], version: str, is_aws: bool) -> str:
    """The report for people."""
    found = verdicts(run, assumptions)
    count = Counter(each.outcome for each in found.values())
    lines = [
        "# Assumptions about AWS, tried",
        "",
        f"Region {run.region}, begun {run.began}, version {version}.",
        *([] if is_aws else ["", "**The endpoint wasn't AWS's, so this report says nothing about AWS.**"]),
        "",
        *(f"- {outcome}: {number}" for outcome, number in sorted(count.items())),
        "",
        "| assumption | verdict | seen |",
        "|---|---|---|",
        *(f"| `{name}` | {each.outcome} | {cell(each.seen)} |" for name, each in found.items()),
    ]
    wrong = [name for name, each in found.items() if each.outcome == "did not hold"]
    if wrong:
        lines += ["", "## What did not hold", ""]
        for name in wrong:
            it = assumptions[name]
            lines += [f"- `{name}`: {it.claim} If that is false: {it.breaks} Until it is fixed: {it.fallback}"]
    if run.seconds:
        lines += ["", "## Times", "", "| measured | seconds |", "|---|---|"]
        lines += [f"| {what} | {seconds:.1f} |" for what, seconds in run.seconds.items()]
    return "\n".join([*lines, ""])


def cell(text: str) -> str:
    """A text in one cell of a table."""
    return " ".join(text.split()).replace("|", r"\|")


def as_json(run: Run, assumptions: Iterable[str], version: str, is_aws: bool) -> str:
    """The report for programs."""
    return json.dumps(
        {
            "region": run.region,
            "began": run.began,
            "version": version,
            "aws": is_aws,
            "assumptions": {
                name: {"outcome": each.outcome, "seen": each.seen} for name, each in verdicts(run, assumptions).items()
            },
            "seconds": run.seconds,
        },
        indent=2,
    )


def write(run: Run, assumptions: dict[str, Assumption], version: str, is_aws: bool) -> Path:
    """Writes both reports beside the run's state, and returns the one for people."""
    markdown = run.folder / "report.md"
    markdown.write_text(as_markdown(run, assumptions, version, is_aws))
    markdown.with_suffix(".json").write_text(as_json(run, assumptions, version, is_aws))
    return markdown
