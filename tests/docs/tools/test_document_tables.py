"""How the documents' tables are made. `make check` finds tables that are stale."""

import re

import pytest

from tools.document_tables import explained, prose, table


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"]])
def test_a_table_explains_exactly_the_names_that_the_code_has(names: list[str]) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{sorted({*names} ^ {'a', 'b'})}")):
        explained(names, {"a": 1, "b": 2})


def test_names_stand_in_the_order_of_their_explanations() -> None:
    assert [*explained({"a", "b"}, {"b": 2, "a": 1})] == [("b", 2), ("a", 1)]


def test_a_text_of_the_template_names_resources_and_shows_its_placeholders() -> None:
    text = "See ${ServiceName}'s log (${StartBuildLogs}), ${UploadQueue.QueueName} and /<name>."

    assert prose(text) == r"See the service's log, `UploadQueue` and /\<name>."


def test_a_table_has_a_cell_for_each_head() -> None:
    assert table("a | b", [("1", "2")]) == "| a | b |\n|---|---|\n| 1 | 2 |"
