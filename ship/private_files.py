"""What looks like a secret among the files that would be sent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cache
from itertools import chain

from ship.secret_rules import FAKES, HARMLESS_NAMES, HISTORIES, NAMES, RULES, Rule

LARGEST = 256 * 1024  # bytes: keys and credentials are small


def plain(patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns for a file's name."""
    return tuple(each for each in patterns if "/" not in each)


def paths(patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns for the end of a file's path."""
    return tuple(f"*/{each}" for each in patterns if "/" in each)


@cache
def one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """What matches one of these; thousands of names are compared with dozens of patterns. Nothing matches none."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


IN_NAMES = one_of(plain(chain.from_iterable(NAMES.values())))
IN_PATHS = one_of(paths(chain.from_iterable(NAMES.values())))


@dataclass(frozen=True)
class PrivateFile:
    """A file, or a folder of version control, that looks like a secret, by its name, and what it seems to hold."""

    name: str
    holds: str


def named_like_secrets(names: Iterable[str]) -> list[PrivateFile]:
    """The files, by their paths with slashes, that look like a secret by the name alone; each history once."""
    found: dict[str, PrivateFile] = {}
    for name in names:
        if history := history_of(name):
            found[history] = PrivateFile(history, "the history, and maybe logins")
        elif holds := by_name(name):
            found[name] = PrivateFile(name, holds)
    return list(found.values())


def history_of(name: str) -> str | None:
    """The folder of version control that a file is in."""
    parts = name.split("/")[:-1]
    first = next((depth for depth, part in enumerate(parts, 1) if part in HISTORIES), None)
    return "/".join(parts[:first]) if first else None


def by_name(name: str) -> str | None:
    """What a file of this path holds, if that is secret whatever it is."""
    path = f"/{name.lower()}"
    last = path.rpartition("/")[2]
    if not IN_NAMES.match(last) and not IN_PATHS.match(path):
        return None
    if any(fnmatchcase(last, pattern) for pattern in HARMLESS_NAMES):
        return None
    return next(
        holds
        for holds, patterns in NAMES.items()
        if one_of(plain(patterns)).match(last) or one_of(paths(patterns)).match(path)
    )


def by_content(name: str, content: bytes) -> str | None:
    """What of a file's content is secret."""
    text = content.replace(b"\0", b"")  # what is ASCII in UTF-16 is ASCII then
    lowered, last = text.lower(), name.rpartition("/")[2].lower()
    return next((rule.holds for rule in rules_of(last) if holds_secret(rule, text, lowered)), None)


@cache
def rules_of(last: str) -> tuple[Rule, ...]:
    """The rules for the content of files of this name."""
    return tuple(rule for rule in RULES if not rule.names or one_of(rule.names).match(last))


def holds_secret(rule: Rule, text: bytes, lowered: bytes) -> bool:
    """Whether a file has a secret of this kind that is no fake."""
    if not any(word in lowered for word in rule.words):
        return False
    group = "value" if "value" in rule.pattern.groupindex else 0
    return any(not FAKES.search(found[group]) for found in rule.pattern.finditer(text))
