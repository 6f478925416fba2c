"""`make screencast`: plays `ship` in a terminal of the local cloud, and draws that as docs/figures/ship.svg."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from operator import itemgetter

import pyte

from local.deployment import deployment
from local.emulator import ROOT, SHIP, Account
from local.exits import exit_code
from local.progress import say, step

TARGET = ROOT / "docs" / "figures" / "ship.svg"
WARM_UP = "ship up examples/hello --quiet"
"""Isn't shown. The very first build fills the cache."""
COMMANDS = ("ship up examples/hello", "ship up examples/broken", "ship history --limit 2")
NOTE = "# In the local cloud. What the builds print is left out here."
BUILD_OUTPUT = re.compile(rb"\x1b\[2m {10}[^\n]*(\n|$)")
"""A build's lines, which `ship` prints dim and indented. The last one may be incomplete."""
COLUMNS, ROWS = 110, 60
EVERY = 0.4  # seconds from screen to screen
TYPING, READING = 1.0, 2.5  # seconds before and after a command's output
WIDTH, HEIGHT, MARGIN = 7.25, 17, 14  # of a character, of a row, around all
INK, PAPER = "#d4d4d4", "#1e1e1e"
COLORS = {
    "green": "#6cc070",
    "red": "#f07178",
    "brown": "#e5c07b",
    "blue": "#82aaff",
    "magenta": "#c792ea",
    "cyan": "#7fdbca",
}

type Row = tuple[tuple[str, str, bool], ...]
"""Runs of characters of one color and weight: text, color, whether it is bold."""
type Screen = tuple[Row, ...]
type Frame = tuple[float, Screen]
"""The second from which a screen is shown, and the screen."""


def main() -> int:
    """Makes the screencast. Returns the exit code."""
    return exit_code(make)


def make() -> None:
    """Deploys the stack, runs the commands, and writes the animation."""
    with deployment() as deployed, step("Playing the commands"):
        TARGET.write_text(animation([*frames(deployed.here)]))
    say(f"Written: {TARGET.relative_to(ROOT)}")


def frames(here: Account) -> Iterator[Frame]:
    """The screens, one after the other, with a prompt before each command."""
    for _ in played(here, WARM_UP):
        pass
    printed, clock = f"{NOTE}\r\n".encode(), 0.0
    for command in COMMANDS:
        printed += f"$ {command}\r\n".encode()
        yield clock, screen(printed)
        for seconds, more in played(here, command):
            printed += more
            yield clock + TYPING + seconds, screen(printed)
        clock += TYPING + seconds + READING


def played(here: Account, command: str) -> Iterator[tuple[float, bytes]]:
    """A command's output in a terminal, in steps, with the time of each."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {**os.environ, **here.environment, "TERM": "xterm-256color", "PATH": f"{SHIP.parent}:/usr/bin:/bin"}
    began = time.monotonic()
    with subprocess.Popen(
        ["bash", "-c", command], cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        running = True
        while running:
            running = process.poll() is None
            until, printed = time.monotonic() + EVERY, b""
            while (left := until - time.monotonic()) > 0 and select.select([ours], [], [], left)[0]:
                try:
                    printed += os.read(ours, 65536)
                except OSError:  # Linux raises this once nobody has the terminal open
                    break
            yield time.monotonic() - began, printed
    os.close(ours)


def screen(printed: bytes) -> Screen:
    """The terminal's screen after this was printed, without the builds' lines and trailing blanks.

    Empty lines are the builds', too.
    """
    terminal = pyte.Screen(COLUMNS, ROWS)
    pyte.ByteStream(terminal).feed(BUILD_OUTPUT.sub(b"", printed))
    found = []
    for number in range(ROWS):
        characters = [terminal.buffer[number][column] for column in range(COLUMNS)]
        runs = groupby(characters, key=lambda each: (COLORS.get(each.fg, INK), each.bold))
        row = [("".join(each.data for each in run), color, bold) for (color, bold), run in runs]
        text, *look = row.pop()
        if shown := (*row, (text.rstrip(), *look)) if text.strip() else tuple(row):
            found.append(shown)
    return (*found, *[()] * (ROWS - len(found)))


def animation(shown: Sequence[Frame]) -> str:
    """An SVG that shows the screens one after the other. It shows the last one where nothing animates."""
    starts, screens = zip(*shown, strict=True)
    total = starts[-1] + 2 * READING
    ends = (*starts[1:], total)
    rules, rows = {}, []
    for number, history in enumerate(zip(*screens, strict=True)):
        for row, run in groupby(zip(history, starts, ends, strict=True), key=itemgetter(0)):
            times = [*run]
            start, end = times[0][1], times[-1][2]
            if row:
                name = f"from{start * 1000:.0f}to{end * 1000:.0f}"
                rules[name] = keyframes(name, start / total, end / total)
                rows.append(drawn(number, row, f'style="animation-name:{name}"', is_last=end == total))
    used = max(number for number, row in enumerate(screens[-1], start=1) if row)
    width, height = COLUMNS * WIDTH + 2 * MARGIN, HEIGHT * used + 2 * MARGIN
    style = f"@media(prefers-reduced-motion:no-preference){{text{{animation:{total:.1f}s step-end infinite}}}}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" xml:space="preserve">',
            f"<style>text{{white-space:pre}}{style}{''.join(rules.values())}</style>",
            f'<rect width="{width:g}" height="{height}" rx="8" fill="{PAPER}"/>',
            f'<g fill="{INK}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="{HEIGHT - 5}">',
            *rows,
            "</g>\n</svg>\n",
        ]
    )


def keyframes(name: str, start: float, end: float) -> str:
    """The rule that shows a row between two moments, given as parts of the whole animation."""
    steps = {0.0: "hidden", start: "visible"} | ({end: "hidden"} if end < 1 else {})
    return f"@keyframes {name}{{{''.join(f'{at:.2%}{{visibility:{state}}}' for at, state in steps.items())}}}"


def drawn(number: int, row: Row, attributes: str, *, is_last: bool) -> str:
    """A row of a screen. Rows that aren't on the last one are hidden where nothing animates."""
    parts = [
        f'<tspan fill="{color}"{" font-weight='bold'" if bold else ""}>{escape(text)}</tspan>'
        if (color, bold) != (INK, False)
        else escape(text)
        for text, color, bold in row
    ]
    hidden = "" if is_last else ' visibility="hidden"'
    return f'<text x="{MARGIN}" y="{MARGIN + HEIGHT * (number + 1) - 4}"{hidden} {attributes}>{"".join(parts)}</text>'


if __name__ == "__main__":
    sys.exit(main())
