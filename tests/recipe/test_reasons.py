"""The recipe's reasons: each is in the table of all reasons, and fits a tag of S3."""

import re

import pytest

from core.reasons import FAULTS, RECIPE, Reason
from core.statuses import clean
from tests.recipe.support.sandbox import BUILDSPEC

SAID = re.compile(r"""\bfail ([a-z-]+) (?:'([^']*)'|"((?:[^"\\]|\\.)*?)")(?=[ ;\n])""")
VARIABLE = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+")


def said() -> list[Reason]:
    """The reasons in the recipe, in order, what is variable in them as in the table."""
    recipe = BUILDSPEC.read_text()
    (first,) = re.findall(r"^ *reason='([a-z-]+): (.*)'$", recipe, re.MULTILINE)
    found = [(code, plain or VARIABLE.sub("…", quoted)) for code, plain, quoted in SAID.findall(recipe)]
    assert len(found) == len(re.findall(r"\bfail [a-z]", recipe)), "Each is written in one of the two forms."
    return [Reason(code, sentence) for code, sentence in [first, *found]]


def test_the_table_of_reasons_has_what_the_recipe_says() -> None:
    assert said() == list(RECIPE)


@pytest.mark.parametrize("reason", RECIPE, ids=str)
def test_each_reason_of_the_recipe_fits_a_tag_as_it_is_written(reason: Reason) -> None:
    written = str(reason).replace("…", "x")

    assert clean(written) == written


def test_no_reason_that_is_built_again_sends_the_uploader_to_upload_again() -> None:
    assert [
        reason for reason in RECIPE if reason.code in FAULTS and "pload" in reason.sentence.partition(". ")[2]
    ] == []
