"""Foreign text as terminals and CI runners may show it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ship.printable import json_of, safe, safe_lines


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("#5 0.1 plain", "#5 0.1 plain"),
        ("   1 |  FROM x", "   1 |  FROM x"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;5;1mred\x1b[?25l", "red"),
        ("10%\r100%", "100%"),
        ("#6 0.170 10%\r100%", "#6 0.170 100%"),
        ("0.170 10%\r100%\r", "0.170 100%"),
        ("done\r", "done"),
        ("a\tb", "a    b"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;https://x\x1b\\a link\x1b]8;;\x1b\\", "a link"),
        ("\x1b]52;c;cm0gLXJmIH4=", " ]52;c;cm0gLXJmIH4="),
        ("\x9b31mred", "red"),
        ("\x9d0;title\x9cx", "x"),
        ("right\u202eto left", "right to left"),
        ("\x08\x08\x08gone\x07", "   gone"),
        ("one\x0btwo\x0cthree\u2028four\nfive", "one two three four five"),
        ("a\u00adb\ufeffc\U000e0041d", "a b c d"),
        ("naïve 日本 🙂", "naïve 日本 🙂"),
        ("", ""),
    ],
)
def test_a_line_is_shown_without_what_moves_colors_or_renames_a_terminal(line: str, shown: str) -> None:
    assert safe(line) == shown


def test_a_line_full_of_beginnings_without_an_end_is_read_in_one_go() -> None:
    """It takes minutes if each beginning looks for its end in all that follows."""
    assert safe("\x90" * 200_000 + "x").lstrip() == "x"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("   ::error::x", "   : :error::x"),
        ("std::string", "std::string"),
        (":::x", ": ::x"),
        ("##[group]x", "# #[group]x"),
        ("a ##vso[x]y", "a # #vso[x]y"),
        ("###[x]", "## #[x]"),
        ("## heading [x]", "## heading [x]"),
        ("#6 [2/3] RUN x", "#6 [2/3] RUN x"),
    ],
)
def test_a_runners_command_is_shown_as_text(line: str, shown: str) -> None:
    assert safe(line) == shown


@given(st.text())
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    assert safe(safe(text)) == safe(text)
    assert safe(text).isprintable()


def test_of_several_lines_the_later_ones_are_indented() -> None:
    assert safe_lines("one\ntwo\n   three\n::four") == "one\n  two\n   three\n  : :four"


@given(st.dictionaries(st.text(), st.text()))
def test_json_says_the_same_without_a_runners_command(value: dict[str, str]) -> None:
    assert json.loads(json_of(value)) == value
    assert "##" not in json_of(value)
    assert json_of(value).isprintable()
