"""BuildKit's plain progress, read as strictly as BuildKit writes it.

BuildKit begins each line of a step's output with `#<number> <seconds> `, so a line that begins with `#<number> ERROR: `
is its own, up to the first line `------`. Below that line BuildKit repeats output and may omit that beginning. The last
error is docker's own line, `ERROR: `. A Dockerfile can add lines to it: `${X:?first<line break>second}`.

The format: https://github.com/moby/buildkit/blob/master/util/progress/progressui/printer.go
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from core.reasons import LONGEST_LINE, printable, shortened

# assumes: engine-words
END_OF_STEPS = "------"
END_OF_EXCERPT = f"\n{'-' * 20}\n"
LONGEST_ERROR = 4000  # the middle of a longer error says nothing, and searching it takes long
ERROR = re.compile(r"^ERROR: (.+)$", re.MULTILINE)
# buildx, BuildKit and gRPC put their own words and codes before an error, sometimes repeatedly.
AROUND = re.compile(
    r"^(?:failed to (?:build|solve|(?:compute|load) cache key): |(?!Unavailable: )[A-Z][A-Za-z]+: )+|\r+$"
)
OTHER_FRONTEND = re.compile(
    r"^#(\d+) resolve image config for docker-image://(?!docker\.io/docker/dockerfile[:@])", re.MULTILINE
)
STEP_NAME = re.compile(r"#(\d+) \[[^\]]+\] (.+)")
STEP_STAGE = re.compile(r"#(\d+) \[(\S*?) *\d+/\d+\] .+")  # a Dockerfile of one stage has no name there
STEP_ERROR = re.compile(r"#(\d+) ERROR: (.+)")
PRINTED = re.compile(r"#(\d+) \d+\.\d+ (.*)", re.DOTALL)
REPEATED = re.compile(r"^ > (\[.+):$", re.MULTILINE)
PLACE = re.compile(r"^(\S+:\d+)\n-{20}\n((?: *\d+ \| .*\n)+)-{20}$", re.MULTILINE)
MARKED = re.compile(r"^ *\d+ \| >>> (.*)$", re.MULTILINE)
SUGGESTED = re.compile(r" \(did you mean (\S+)\?\)$")
CLIPPED = re.compile(r"\[output clipped, (log (?:speed )?limit \S+) reached\]$")
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9])")


def cleaned(line: str) -> str:
    """A line as a terminal would show it: without colors, and with only the last overwrite."""
    return printable(ESCAPES.sub("", line).rstrip("\r").rpartition("\r")[2])


@dataclass(frozen=True)
class Output:
    """The output of a failed `docker buildx build --progress plain`."""

    text: str

    @cached_property
    def error(self) -> str:
        """Docker's last error, from the operation that failed, or nothing."""
        below = self.text.rpartition(END_OF_EXCERPT)[2]
        errors = ERROR.findall(below)
        first_or_last = 0 if below != self.text else -1  # further lines below the excerpt belong to the error
        return shortened(AROUND.sub("", errors[first_or_last]), LONGEST_ERROR) if errors else ""

    @cached_property
    def cause(self) -> str:
        """The last error without docker's suggestion of another name."""
        return SUGGESTED.sub("", self.error)

    @cached_property
    def suggestion(self) -> str | None:
        """The name that docker suggests."""
        found = SUGGESTED.search(self.error)
        return found[1] if found else None

    @cached_property
    def is_certain(self) -> bool:
        """Whether nothing of the upload's can have written the last error: no step, Dockerfile or frontend."""
        frontends = [number for number in OTHER_FRONTEND.findall(self.text) if number != self.failed_step]
        return not frontends and len(ERROR.findall(self.text)) == 1

    @cached_property
    def failed_step(self) -> str | None:
        """The number of the step whose failure ended the build; if several failed alike, the one repeated first."""
        failed = [number for number, cause in self._found(STEP_ERROR) if self.cause.endswith(AROUND.sub("", cause))]
        repeated = REPEATED.search(self.text)
        named = [number for number in failed if repeated and f"\n#{number} {repeated[1]}\n" in f"\n{self.text}"]
        return next(reversed(named or failed), None)

    @cached_property
    def printed(self) -> tuple[str, ...]:
        """The lines that the failed step printed, cleaned and bounded."""
        raw = [line for number, line in self._found(PRINTED) if number == self.failed_step]
        return tuple(line for each in raw if (line := shortened(cleaned(each), LONGEST_LINE)))

    @cached_property
    def clipped(self) -> str | None:
        """The limit beyond which BuildKit omitted the step's output."""
        return next((match[1] for line in self.printed if (match := CLIPPED.match(line))), None)

    @cached_property
    def place(self) -> str:
        """The failed instruction's file and line, or nothing."""
        return self._excerpt[0]

    @cached_property
    def instruction(self) -> str:
        """The failed instruction in one line, as BuildKit quotes it from the Dockerfile, or else the step's name."""
        lines = MARKED.findall(self._excerpt[1])
        names = [name for number, name in self._found(STEP_NAME) if number == self.failed_step]
        joined = " ".join(line.rstrip("\r").removesuffix("\\") for line in lines or names[:1])
        return " ".join(joined.split())

    @cached_property
    def stage(self) -> str | None:
        """The failed step's stage in lower case, empty in a Dockerfile of one stage; None if no stage's step failed."""
        return next((name for number, name in self._found(STEP_STAGE) if number == self.failed_step), None)

    @cached_property
    def _excerpt(self) -> tuple[str, str]:
        """The place in the Dockerfile that BuildKit names, and the lines that it quotes."""
        found = PLACE.findall(self.text)
        return found[-1] if found else ("", "")

    def _found(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
        """The step's number and the rest of each matching line above the repeated output."""
        for line in self.text.split("\n"):
            if line == END_OF_STEPS:
                return
            if match := pattern.fullmatch(line):
                yield match[1], match[2]
