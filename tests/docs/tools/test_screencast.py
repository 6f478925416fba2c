"""The animation of a terminal: one screen after the other in a browser, the last one where nothing animates."""

import re
from xml.etree import ElementTree

import pytest

from tools import screencast
from tools.screencast import READING, animation, screen

SVG = "{http://www.w3.org/2000/svg}"
NAME = "animation-name:"


def texts(drawn: str) -> list[ElementTree.Element]:
    """The rows that are drawn."""
    return [*ElementTree.fromstring(drawn).iter(f"{SVG}text")]  # noqa: S314  # it was written here


def still(drawn: str) -> list[str]:
    """The rows that are seen where nothing animates."""
    return ["".join(each.itertext()) for each in texts(drawn) if each.get("visibility") != "hidden"]


def steps(drawn: str, row: str) -> dict[float, str]:
    """The states of the row with this text, by the percentage of the animation's time at which they begin."""
    (found,) = [each for each in texts(drawn) if "".join(each.itertext()) == row]
    (rule,) = re.findall(rf"@keyframes {found.attrib['style'].removeprefix(NAME)}{{(.*?}})}}", drawn)
    return {float(at): state for at, state in re.findall(r"([\d.]+)%{visibility:(\w+)}", rule)}


def test_each_row_has_its_time_and_the_last_screen_stays() -> None:
    drawn = animation(
        [(0.0, screen(b"$ one\r\n")), (1.0, screen(b"$ one\r\nwait")), (3.0, screen(b"$ one\r\n  <two> & 3"))]
    )

    first, second = (pytest.approx(100 * second / (3 + 2 * READING), abs=0.01) for second in (1, 3))
    assert steps(drawn, "$ one") == {0: "visible"}
    assert [*steps(drawn, "wait").items()] == [(0, "hidden"), (first, "visible"), (second, "hidden")]
    assert [*steps(drawn, "  <two> & 3").items()] == [(0, "hidden"), (second, "visible")]
    assert still(drawn) == ["$ one", "  <two> & 3"]


def test_colors_and_weight_are_kept() -> None:
    row, *_ = screen(b"plain \x1b[1;32mgood\x1b[0m \x1b[31mbad\x1b[0m")

    assert [(text.strip(), color, bold) for text, color, bold in row if text.strip()] == [
        ("plain", screencast.INK, False),
        ("good", screencast.COLORS["green"], True),
        ("bad", screencast.COLORS["red"], False),
    ]


@pytest.mark.parametrize("end", [b"\x1b[0m\r\n   9.9 s  recorded", b""])
def test_what_a_build_prints_is_left_out(end: bytes) -> None:
    shown = screen(b"   0.1 s  sent\r\n\x1b[2m          #1 DONE\x1b[0m\r\n\r\n\x1b[2m          #2 RUN" + end)

    rows = ["".join(text for text, *_ in row) for row in shown[:2]]
    assert rows == ["   0.1 s  sent", "   9.9 s  recorded" if end else ""]


def test_the_picture_in_the_documents_shows_the_commands_and_no_output_of_builds() -> None:
    drawn = screencast.TARGET.read_text()

    assert {f"$ {command}" for command in screencast.COMMANDS} < {*still(drawn)}
    assert [each for each in still(drawn) if each.startswith(" " * 10)] == []
