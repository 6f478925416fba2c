"""Finds the lines of a failed step's output that say why it failed.

Most tools end with a summary or their usage, so the cause is often far above the end. The tables hold words that tools
write only about failures. The more a pattern says about the cause, the earlier we look for it.
"""

import re
from collections.abc import Sequence

from core.reasons import MOST_LINES

MOST_SEARCHED = 20_000
MOST_TOLD = 3
GAP = "..."

CAUSES = (
    # Compilers and checkers: gcc, javac, go, tsc, MSBuild, rustc, Kotlin, Maven, webpack, esbuild, Next.js
    r"\S+:\d+(?::\d+)?: (?:fatal )?error: ",
    r"\S*\.go:\d+(?::\d+)?: ",
    r"\S+\(\d+(?:,\d+)*\): error \w*\d+: ",
    r"\S+:\d+:\d+ - error TS\d+: ",
    r"(?:\S+|MSBUILD) : error [A-Z]+\d+: ",
    r"error\[E\d+\]: ",
    r"e: (?:file://)?/",
    r"\[ERROR\] \S+:\[\d+,\d+\] ",
    r"ERROR in |✘ \[ERROR\] |Failed to compile\.|Type error: |Module not found: ",
    r"error during build:|\[vite\]: Rollup failed |Error: \[vite\]",
    # Tests
    r"FAILED \S+::|--- FAIL: |● |E {2,}\S|\S.* > .+ FAILED$",
    # Runtimes
    r"FATAL ERROR: ",
    r"(?:Uncaught )?(?:[\w.]*\.)?[A-Z]\w*(?:Error|Exception|Interrupt)\b(?: \[\w+\])?(?::|$)",
    r"Error: ",
    r"Exception in thread |panic: |thread '.+' .*panicked at |Segmentation fault",
    # Package managers, about one cause only
    r"(?:npm (?:error|ERR!) )?gyp ERR! stack \w*Error: ",
    r"\[?ERR_PNPM_(?!RECURSIVE)\w+",
    r"(?:So, )?[Bb]ecause .+ (?:depends on|version solving failed|match)",
    r".*poetry\.lock\b.*|Package \S+ \(\S+\) not found\.",
)
SUMMARIES = (
    r"npm (?:error|ERR!) \S",
    r"error:? \S",
    r"Execution failed for task |A problem occurred ",
    r"\[ERROR\] \S",
    r"ERROR:? \S",
    r"E: \S",
    r"go: \S",
    r"\N{MULTIPLICATION SIGN} \S",
)
GENERIC = re.compile(
    r"\b(?:error|fatal|failed|exception|panic|cannot|can't|could not|couldn't|unable|undefined|denied|forbidden"
    r"|not found|no such|missing|mismatch|emerg)\b|(?-i:[a-z](?:Error|Exception)\b)",
    re.IGNORECASE,
)
LAST_COUNTS = re.compile(r"(?:Uncaught )?[\w.]*(?:Error|Exception|Interrupt)\b")
"""The last of several exceptions ended the program; the first of several compiler errors caused the others."""
NOISE = re.compile(
    r"npm (?:error|ERR!)(?:$| \d+$| (?:code|errno|syscall|path|dest|command|workspace|location|cwd|signal|cmd) "
    r"|.*(?:complete log of this run|full report see|Lifecycle script|_logs/|command failed$))"
    r"|npm (?:warn|WARN|notice|(?:error|ERR!) gyp info)\b|.*\bELIFECYCLE\b|error:? Command failed|E: Sub-process "
    r"|(?i:error: (?:subprocess-exited-|failed (?:building wheel|to build )|could not build wheels))"
    r"|note: This error originates|\[end of output\]|.* did not run successfully\.|(?i:(?:failure: )?build failed)"
    r"|go: (?:downloading|finding|extracting|added|upgraded) "
    r"|\[ERROR\](?:$| (?:-> )?(?:\[Help |To see the full|Re-run Maven|For more information|After correcting))"
    r"|➤ YN0000|\d+ errors?\b|Found \d+ error|\[?(?:INFO|WARN)|info |W: |Node\.js v|at \S+ ?\(?|\d+: 0x"
    r"|-{3,}$|-{4,}|={3,}|[|│~^ ]+$|│ exit code|╰─>|\* What went wrong:|debconf: |invoke-rc\.d: "
    r"|\[output clipped, "
)
WARNING = re.compile(r"\bwarn|\b0 errors|\bchecking (?:for|whether) ", re.IGNORECASE)


def either(rules: Sequence[str]) -> re.Pattern[str]:
    """One pattern for all rules, whose last group shows which rule matched."""
    return re.compile("|".join(f"(?P<rule_{number}>{rule})" for number, rule in enumerate(rules)))


RANKS = (either(CAUSES), either(SUMMARIES))
PREFIX = re.compile(r"npm (?:error|ERR!) |\[ERROR\] ")


def quoted(lines: Sequence[str], telling: int | None) -> str:
    """The telling line and those after it; the last lines if no line is telling."""
    if telling is None:
        return " / ".join(lines[-MOST_TOLD:])
    first, rest = lines[telling], lines[telling + 1 : telling + MOST_SEARCHED]
    following = [PREFIX.sub("", line) for line in rest if line != first and not NOISE.match(line)]
    return " / ".join([first, *following[: MOST_TOLD - 1]])


def shown(lines: Sequence[str], telling: int | None) -> tuple[str, ...]:
    """At most 20 lines: the last ones, and the telling line with its surroundings if it isn't among them."""
    if telling is None or telling >= len(lines) - MOST_LINES:
        return tuple(lines[-MOST_LINES:])
    around = MOST_LINES // 2
    first = max(telling - 1, 0)
    return (*lines[first : first + around], GAP, *lines[first + around :][-(MOST_LINES - around - 1) :])


def telling_line(lines: Sequence[str]) -> int | None:
    """The index of the line that best explains why the step failed."""
    start = max(0, len(lines) - MOST_SEARCHED)
    places = [place for place in range(start, len(lines)) if not NOISE.match(lines[place])]
    for rank in RANKS:
        found = [(place, match.lastgroup) for place in places if (match := rank.match(lines[place]))]
        if found:
            last, rule = found[-1]
            return last if LAST_COUNTS.match(lines[last]) else next(place for place, each in found if each == rule)
    generic = [place for place in places if GENERIC.search(lines[place]) and not WARNING.search(lines[place])]
    at_the_end = [place for place in generic if place >= len(lines) - MOST_LINES]
    return at_the_end[0] if at_the_end else next(reversed(generic), None)
