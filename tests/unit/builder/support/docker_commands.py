"""Commands for the tests' docker: their words, and how they end."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Self

LISTS = {"label", "secret", "build-arg"}
DONE = "#7 exporting layers\n#7 DONE 0.1s\n"


class UnknownError(BaseException):
    """The builder gave an unknown command. A BaseException, since the builder reports each Exception."""


class Refused(Exception):  # noqa: N818  # docker's own words for why
    """Docker ends with an error message."""


@dataclass(frozen=True)
class Outcome:
    """A command's output and exit code."""

    output: str | bytes = DONE
    code: int = 0
    is_error: bool = False
    """Whether the output goes to stderr."""


@dataclass(frozen=True)
class Words:
    """A command's words after its name, its environment, and its input."""

    words: Sequence[str]
    env: Mapping[str, str]
    typed: bytes
    fail: Callable[[str], NoReturn]
    """Ends the test."""

    def read(
        self, values: tuple[str, ...] = (), flags: tuple[str, ...] = (), *, operands: int
    ) -> tuple[dict[str, Any], list[str]]:
        """The options with and without a value, as docker reads them, and this many operands."""
        found: dict[str, Any] = dict.fromkeys(values + flags) | {name: [] for name in LISTS}
        words = list(self.words)[::-1]
        while words and words[-1].startswith("-"):
            name, equals, value = words.pop().removeprefix("--").partition("=")
            if name in flags and not equals:
                found[name] = True
                continue
            self.require((name in values and found[name] is None) or name in LISTS)
            self.require(bool(equals or words))
            given = value if equals else words.pop()
            found[name] = [*found[name], given] if name in LISTS else given
        self.require(len(words) == operands)
        return found, words[::-1]

    def require(self, holds: bool) -> None:
        """Fails the test if docker or this engine wouldn't accept the command."""
        if not holds:
            self.fail(f"unknown option, or one that is missing: {self.words}")


@dataclass
class Process:
    """A command that ended before its output was read."""

    returncode: int
    stdout: io.BytesIO

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves nothing behind."""
