"""What the output of a failed `docker build` says: which step it was, how it ended, and what it printed last."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core import reasons
from core.reasons import Reason, printable, shortened

MOST_LINES = 20
LONGEST_LINE = 200
LONGEST_COMMAND = 60
LAST_LINES = 3
LONGEST_ERROR = 4000  # of a longer one the middle says nothing, and takes long to search
# BuildKit's plain progress: https://github.com/moby/buildkit/blob/master/util/progress/progressui/printer.go
BEGINNING = '\n#0 building with "'
ERROR = re.compile(r"^ERROR: (.+)$", re.MULTILINE)
STEP_ERROR = re.compile(r"^#(\d+) ERROR: (.+)$", re.MULTILINE)
HEADER = re.compile(r"^ > (\[.+):$", re.MULTILINE)
PLACE = re.compile(r"^(\S+:\d+)\n-{20}\n((?: *\d+ \| .*\n)+)-{20}$", re.MULTILINE)
MARKED = re.compile(r"^ *\d+ \| >>> (.*)$", re.MULTILINE)
ENDED = re.compile(r'process ".*" did not complete successfully: (?:exit code: )?(.+)$', re.DOTALL)
PREFIXES = re.compile(
    r"failed to (?:build|solve|compute cache key): |failed to calculate checksum of ref \S+ "
    r"|(?<!\S)\S+: failed to resolve source metadata for \S+: "
)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
TELLING = re.compile(
    r"\b(?:error|fatal|failed|exception|panic|cannot|can't|could not|unable|undefined|denied|not found|no such)\b"
    r"|(?-i:[a-z](?:Error|Exception)\b)",
    re.IGNORECASE,
)
COMPILER = re.compile(r"\berror\b ?(?:[:\[(]|TS\d)", re.IGNORECASE)
NOT_TELLING = re.compile(r"\bwarn|\b0 errors|complete log of this run", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    """What another failure than the step's own looks like, in BuildKit's error.

    The command of a step is no part of that, but where `in_command` says so; its output is, where `in_output` does.
    """

    reason: Reason
    pattern: re.Pattern[str]
    in_output: bool = False
    in_command: bool = False


RULES = (
    Rule(
        reasons.ENGINE_GONE,
        re.compile(
            r"Cannot connect to the Docker daemon|code = Unavailable|reading from server: EOF|transport is closing"
        ),
    ),
    Rule(reasons.DISK_FULL, re.compile("no space left on device$", re.IGNORECASE), in_output=True),
    Rule(reasons.RATE_LIMITED, re.compile(r"toomanyrequests|429 Too Many Requests", re.IGNORECASE)),
    Rule(
        reasons.BASE_UNREACHABLE,
        re.compile(
            r"time-?out|timed out|deadline exceeded|connection (?:reset|refused)|unreachable|server misbehaving"
            r"|temporary failure|\bEOF$|GOAWAY|stream error|unexpected status.*: 5\d\d\b",
            re.IGNORECASE,
        ),
    ),
    Rule(
        reasons.BASE_REFUSED,
        re.compile(
            r"failed to resolve source metadata.*(?:40[13] |denied|authorization failed|insufficient_scope)"
            r"|no basic auth credentials",
            re.IGNORECASE,
        ),
    ),
    Rule(
        reasons.OUT_OF_MEMORY,
        re.compile(r"^137$|signal: killed|cannot allocate memory"),
    ),
    Rule(reasons.NOT_FOR_ARM64, re.compile("exec format error$", re.IGNORECASE), in_output=True),
    Rule(reasons.DOCKERFILE_WITH_CR, re.compile(r"\\r\\n|unterminated heredoc"), in_command=True),
)
"""The first that fits counts."""


def explained(messages: Iterable[str]) -> Reason | None:
    """Why `docker build` failed, with its last lines; None if the messages don't show such a failure."""
    text = "\n".join(line for message in messages for line in message.rstrip("\n").split("\n"))
    text = text[max(0, text.rfind(BEGINNING)) :]  # of what was built again without the cache, the second counts
    errors = ERROR.findall(text)
    if not errors:
        return None
    output, error = output_of(text, errors[-1]), shortened(errors[-1], LONGEST_ERROR)
    ended = ENDED.search(error)
    cause = ended[1] if ended else error
    sentence = f"{failed_step(text, error)} {summary(output)}".strip()
    for rule in RULES:
        said = [error if rule.in_command else cause, *(output if rule.in_output else ())]
        if any(map(rule.pattern.search, said)):
            return Reason(rule.reason.code, f"{rule.reason.sentence} {sentence}", output)
    return Reason("build-failed", sentence, output)


def failed_step(text: str, error: str) -> str:
    """The step's place and command, and how it ended; or BuildKit's error where no step did."""
    places = PLACE.findall(text)
    place, lines = places[-1] if places else ("", "")
    command = " ".join(" ".join(line.removesuffix("\\") for line in MARKED.findall(lines)).split())
    where = f"{place} {shortened(command, LONGEST_COMMAND)}".strip()
    ended = ENDED.search(error)
    if ended:
        where = where or "A step"
        return f"{where} ended with exit code {ended[1]}." if ended[1].isdigit() else f"{where}: {ended[1]}."
    cause = PREFIXES.sub("", error)
    return f"{where}: {cause}" if where else cause


def output_of(text: str, error: str) -> tuple[str, ...]:
    """The last lines that the failed step printed, cleaned; none if no step failed.

    Of several steps with the same cause it is the one whose output BuildKit repeats first.
    """
    failed = [number for number, cause in STEP_ERROR.findall(text) if error.endswith(cause)]
    if not failed:
        return ()
    headers = HEADER.findall(text)
    named = [number for number in failed if headers and f"\n#{number} {headers[0]}\n" in f"\n{text}"]
    failed = named or failed
    printed = re.findall(rf"^#{failed[-1]} \d+\.\d+ (.*)$", text, re.MULTILINE)
    lines = [shortened(cleaned(line), LONGEST_LINE) for line in printed]
    return tuple([line for line in lines if line][-MOST_LINES:])


def cleaned(line: str) -> str:
    """A line as a terminal would leave it: without colours, and of what was written over it the last."""
    return printable(ESCAPES.sub("", line).rstrip("\r").rpartition("\r")[2])


def summary(output: tuple[str, ...]) -> str:
    """The most telling line, then the last ones."""
    telling = [line for line in output if TELLING.search(line) and not NOT_TELLING.search(line)]
    first = [line for line in telling if COMPILER.search(line)][:1] or telling[:1] or output[-1:]
    return " / ".join([*first, *(line for line in output[-LAST_LINES:] if line not in first)])
