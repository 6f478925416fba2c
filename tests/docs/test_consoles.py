"""How what a document shows of a terminal is compared with what is printed."""

import pytest

from tests.docs.support.consoles import Console, consoles


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["one", "two"], ["one", "two"]),
        (["one", "…", "four"], ["one", "two", "three", "four"]),
        (["…", "four"], ["one", "four"]),
        (["one", "…"], ["one", "two"]),
        (["one", "…"], ["one"]),
        (["   0.1 s  sent", "sha256:" + "a" * 64], ["  12.5 s  sent", "sha256:" + "b" * 64]),
        ([], []),
    ],
)
def test_what_is_shown_was_printed(shown: list[str], printed: list[str]) -> None:
    assert Console("x", shown).differences(printed) == []


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["one"], ["two"]),
        (["one", "three"], ["one", "two", "three"]),
        (["two", "one"], ["one", "two"]),
        (["one"], ["one", "two"]),
        (["one", "…", "five"], ["one", "two"]),
        (["   0.1 s  sent"], ["   0.1 s  lost"]),
        (["one"], []),
        ([], ["one"]),
    ],
)
def test_what_is_shown_was_not_printed(shown: list[str], printed: list[str]) -> None:
    assert Console("x", shown).differences(printed)


def test_a_block_is_taken_apart() -> None:
    assert consoles("$ one\n$ two\na\nb\n") == [Console("one", []), Console("two", ["a", "b"])]
