"""Finds files that look like secrets."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cache
from itertools import chain

from ship.source.secret_rules import FAKES, HARMLESS_NAMES, HISTORIES, NAMES, RULES, Rule

LARGEST = 256 * 1024  # bytes: keys and credentials are small
PACKAGES = re.compile(r"((?:[^/]+/)*?(?:node_modules|site-packages))/")


def plain(patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns for a file's name."""
    return tuple(each for each in patterns if "/" not in each)


def paths(patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns for the end of a file's path."""
    return tuple(f"*/{each}" for each in patterns if "/" in each)


@cache
def one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all patterns, as thousands of names are matched. Without patterns it matches nothing."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


IN_NAMES = one_of(plain(chain.from_iterable(NAMES.values())))
IN_PATHS = one_of(paths(chain.from_iterable(NAMES.values())))


@dataclass(frozen=True)
class PrivateFile:
    """A file or version control folder that looks secret: its name, and what it seems to contain."""

    name: str
    holds: str


def private_files(files: Sequence[tuple[str, int]], read: Callable[[str], bytes]) -> list[PrivateFile]:
    """The files that look like secrets by name or content.

    Args:
        files: the paths of the files, with slashes, and their sizes in bytes.
        read: returns a file's content.
    """
    found = {each.name: each for each in named_like_secrets(name for name, _ in files)}
    for name, size in files:
        if name not in found and size <= LARGEST and (holds := by_content(name, read(name))):
            found[name] = PrivateFile(name, holds)
    return [found[name] for name in sorted(found)]


def named_like_secrets(names: Iterable[str]) -> list[PrivateFile]:
    """The files whose names look secret, and each version control folder once. `names` are paths with slashes."""
    found: dict[str, PrivateFile] = {}
    for name in names:
        if history := history_of(name):
            found[history] = PrivateFile(history, "the history, and maybe logins")
        elif holds := by_name(name):
            found[name] = PrivateFile(name, holds)
    return list(found.values())


def history_of(name: str) -> str | None:
    """The version control folder that contains the file."""
    parts = name.split("/")[:-1]
    first = next((depth for depth, part in enumerate(parts, 1) if part in HISTORIES), None)
    return "/".join(parts[:first]) if first else None


def packages_of(name: str) -> str | None:
    """The outermost folder of installed packages that contains the file."""
    found = PACKAGES.match(name)
    return found[1] if found else None


def by_name(name: str) -> str | None:
    """The kind of secret that a file's name suggests, if any."""
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
    """The kind of secret in a file's content, if any.

    Version control folders are reported as a whole. Installed packages are public, and so are their test keys.
    """
    if history_of(name) or packages_of(name):
        return None
    text = content.replace(b"\0", b"")  # UTF-16's ASCII characters become ASCII
    lowered, last = text.lower(), name.rpartition("/")[2].lower()
    return next((rule.holds for rule in rules_of(last) if holds_secret(rule, text, lowered)), None)


@cache
def rules_of(last: str) -> tuple[Rule, ...]:
    """The content rules for files of this name."""
    return tuple(rule for rule in RULES if not rule.names or one_of(rule.names).match(last))


def holds_secret(rule: Rule, text: bytes, lowered: bytes) -> bool:
    """Whether a file has a secret of this kind that isn't a placeholder."""
    if not any(word in lowered for word in rule.words):
        return False
    group = "value" if "value" in rule.pattern.groupindex else 0
    return any(not FAKES.search(found[group]) for found in rule.pattern.finditer(text))
