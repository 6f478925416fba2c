"""The moving picture of a terminal: one screen after the other, in a file that browsers show."""

import re
from xml.etree import ElementTree

import pyte

from tools import screencast
from tools.screencast import COLUMNS, READING, ROWS, picture, rows

SVG = "{http://www.w3.org/2000/svg}"


def screen(printed: str) -> tuple[screencast.Row, ...]:
    """What a terminal shows of this."""
    terminal = pyte.Screen(COLUMNS, ROWS)
    pyte.Stream(terminal).feed(printed)
    return rows(terminal)


def texts(group: ElementTree.Element) -> list[str]:
    """The lines of a screen in the picture."""
    return ["".join(line.itertext()) for line in group.iter(f"{SVG}text")]


def test_each_screen_has_its_time_and_the_last_one_stays() -> None:
    drawn = picture([(1.0, screen("$ one\r\n")), (3.0, screen("$ one\r\n  two & <three>\r\n"))])

    root = ElementTree.fromstring(drawn)  # noqa: S314  # it was written here
    first, second = root.iter(f"{SVG}g")
    assert texts(first) == ["$ one"]
    assert texts(second) == ["$ one", "  two & <three>"]
    total = 3.0 + 2 * READING
    assert f"@keyframes f0{{{100 * 3.0 / total:.2f}%{{visibility:hidden}}}}" in drawn
    assert f"{100 * 3.0 / total:.2f}%{{visibility:visible}}" in drawn
    assert (first.get("class"), second.get("class")) == ("still", None)


def test_colours_and_weight_are_kept() -> None:
    ((row, *_),) = [screen("plain \x1b[1;32mgood\x1b[0m \x1b[31mbad\x1b[0m")]

    assert [(text.strip(), colour, bold) for text, colour, bold in row if text.strip()] == [
        ("plain", screencast.INK, False),
        ("good", screencast.COLOURS["green"], True),
        ("bad", screencast.COLOURS["red"], False),
    ]


def test_the_picture_in_the_documents_shows_the_commands_that_are_recorded() -> None:
    drawn = screencast.TARGET.read_text()

    shown = set(re.findall(r">\$ (ship [^<]*?) *<", drawn))
    assert set(screencast.COMMANDS[screencast.UNSEEN :]) <= shown
