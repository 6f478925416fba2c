"""`make screencast`: records `ship` in a terminal with the local cloud, as the animation docs/ship.svg."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

import pyte

from local.deployment import deployment
from local.emulator import ROOT, SHIP, Account
from local.exits import exit_code
from local.progress import say, step

TARGET = ROOT / "docs" / "ship.svg"
COMMANDS = (
    "ship up examples/hello --quiet",
    "ship up examples/hello",
    "ship up examples/broken",
    "ship history --limit 3",
)
UNSEEN = 1
"""The number of commands that run before the recording: the very first build fills the cache."""
COLUMNS, ROWS = 110, 30
EVERY = 0.4  # seconds from picture to picture
TYPING, READING = 1.0, 2.5  # seconds before and after a command
WIDTH, HEIGHT, MARGIN = 7.25, 17, 14  # of a character, of a line, around all
INK, PAPER = "#d4d4d4", "#1e1e1e"
COLOURS = {
    "green": "#6cc070",
    "red": "#f07178",
    "brown": "#e5c07b",
    "blue": "#82aaff",
    "magenta": "#c792ea",
    "cyan": "#7fdbca",
}

type Row = tuple[tuple[str, str, bool], ...]
"""Runs of characters of one color and weight: text, color, whether it is bold."""
type Frame = tuple[float, tuple[Row, ...]]
"""The second from which a screen is shown, and the screen."""


def main() -> int:
    """Records. Returns the exit code."""
    return exit_code(record)


def record() -> None:
    """Deploys the stack, runs the commands, and writes the picture."""
    with deployment() as deployed, step("Recording"):
        TARGET.write_text(picture([*frames(deployed.here)]))
    say(f"Written: {TARGET.relative_to(ROOT)}")


def frames(here: Account) -> Iterator[Frame]:
    """The screen each time that it has changed, with a prompt before each command."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    clock, last = 0.0, None
    for number, command in enumerate(COMMANDS):
        stream.feed(f"$ {command}\r\n".encode())
        for seconds, printed in played(here, command):
            stream.feed(printed)
            if number < UNSEEN:
                continue
            if (now := rows(screen)) != last:
                last = now
                yield clock + TYPING + seconds, now
        if number < UNSEEN:
            screen.reset()
        else:
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


def rows(screen: pyte.Screen) -> tuple[Row, ...]:
    """The screen's rows, without trailing blanks."""
    found = []
    for number in range(ROWS):
        characters = [screen.buffer[number][column] for column in range(COLUMNS)]
        runs = groupby(characters, key=lambda each: (COLOURS.get(each.fg, INK), each.bold))
        row = [("".join(each.data for each in run), colour, bold) for (colour, bold), run in runs]
        text, *look = row.pop()
        found.append((*row, (text.rstrip(), *look)) if text.strip() else tuple(row))
    return tuple(found)


def picture(recorded: Sequence[Frame]) -> str:
    """An SVG that shows the screens one after the other, or only the last if the reader prefers reduced motion."""
    total = recorded[-1][0] + 2 * READING
    ends = [since for since, _ in recorded[1:]] + [total]
    style = [f"text{{font:{HEIGHT - 5}px ui-monospace,Menlo,Consolas,monospace;white-space:pre}}"]
    groups = []
    for number, ((since, shown), end) in enumerate(zip(recorded, ends, strict=True)):
        first, after = (100 * moment / total for moment in (0 if number == 0 else since, end))
        before = "" if number == 0 else f"0%{{visibility:hidden}}{first:.2f}%{{visibility:visible}}"
        style.append(f"@keyframes f{number}{{{before}{after:.2f}%{{visibility:hidden}}}}")
        hidden = "" if number == len(recorded) - 1 else ' class="still"'
        groups.append(
            f'<g{hidden} style="animation:f{number} {total:.1f}s step-end infinite">{"".join(lines(shown))}</g>'
        )
    style.append("@media(prefers-reduced-motion){g{animation:none!important}.still{visibility:hidden}}")
    width, height = COLUMNS * WIDTH + 2 * MARGIN, ROWS * HEIGHT + 2 * MARGIN
    body = "\n".join(groups)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" xml:space="preserve">\n'
        f"<style>{''.join(style)}</style>\n"
        f'<rect width="{width:g}" height="{height}" rx="8" fill="{PAPER}"/>\n{body}\n</svg>\n'
    )


def lines(shown: tuple[Row, ...]) -> Iterator[str]:
    """The lines of a screen."""
    for number, row in enumerate(shown):
        parts = [
            f'<tspan fill="{colour}"{" font-weight='bold'" if bold else ""}>{escape(text)}</tspan>'
            for text, colour, bold in row
        ]
        if parts:
            yield f'<text x="{MARGIN}" y="{MARGIN + HEIGHT * (number + 1) - 4}">{"".join(parts)}</text>'


if __name__ == "__main__":
    sys.exit(main())
