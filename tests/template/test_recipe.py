"""`make recipe`: the reading of a zip gets into buildspec.yml, and that into the template, as they are."""

import pytest
from samcli.yamlhelper import yaml_parse

from local.progress import UserError
from local.recipe import with_block, with_entries
from tests.support.stack import ROOT

TEMPLATE, RECIPE, ENTRIES = (
    (ROOT / name).read_text() for name in ("template.yaml", "buildspec.yml", "functions/core/entries.py")
)


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param("version: 0.2\n", id="a shorter one"),
        pytest.param(f"{RECIPE}{RECIPE}", id="a longer one"),
        pytest.param("a: |\n  first\n\n\n  second\n", id="empty lines"),
        pytest.param("a: |\n  first\n   \n  second \t \n  end\n", id="spaces at the end of lines"),
        pytest.param("a: 1\n\n# b\n      c: 2\n", id="deeper indentation"),
        pytest.param("a: '\\1 \\n ${b} {{c}} !Sub'\n", id="characters with a meaning elsewhere"),
        pytest.param("BuildSpec: |\n  a\n", id="a line like the template's own"),
    ],
)
def test_yaml_reads_a_written_recipe_back_as_it_was(recipe: str) -> None:
    document = yaml_parse(with_block(TEMPLATE, "BuildSpec", recipe))

    assert document["Resources"]["ImageBuild"]["Properties"]["Source"]["BuildSpec"] == recipe


@pytest.mark.parametrize(
    "recipe", [pytest.param(RECIPE, id="ours"), "version: 0.2\n\nenv: {}\n", "BuildSpec: |\n  a\n"]
)
def test_writing_the_recipe_again_changes_nothing(recipe: str) -> None:
    once = with_block(TEMPLATE, "BuildSpec", recipe)

    assert with_block(once, "BuildSpec", recipe) == once


def test_writing_the_recipe_leaves_the_rest_of_the_template() -> None:
    assert with_block(with_block(TEMPLATE, "BuildSpec", "version: 0.2\n"), "BuildSpec", RECIPE) == TEMPLATE


@pytest.mark.parametrize("recipe", ["version: 0.2", "version: 0.2\n\n", "\nversion: 0.2\n", "  version: 0.2\n", ""])
def test_a_recipe_that_the_block_would_change_is_refused(recipe: str) -> None:
    with pytest.raises(UserError, match=r"What becomes BuildSpec"):
        with_block(TEMPLATE, "BuildSpec", recipe)


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(TEMPLATE.replace("BuildSpec: |", "BuildSpec: >"), id="none"),
        pytest.param(TEMPLATE * 2, id="two"),
    ],
)
def test_a_template_without_its_one_block_is_refused(template: str) -> None:
    with pytest.raises(UserError, match=r"one line `BuildSpec: \|`"):
        with_block(template, "BuildSpec", RECIPE)


# The reading of a zip


def test_the_recipe_reads_a_zip_by_the_code_of_the_check() -> None:
    assert with_entries(RECIPE, ENTRIES) == RECIPE, "Run `make recipe`"


def test_a_changed_reading_gets_into_the_recipe_and_nothing_else_changes() -> None:
    changed = with_entries(RECIPE, 'FAT = "\\\\1"\n\n\nUNIX = 3\n')

    assert '        FAT = "\\\\1"\n\n\n        UNIX = 3\n\n\n        # Unpacking is' in changed
    assert with_entries(changed, ENTRIES) == RECIPE


@pytest.mark.parametrize("recipe", [RECIPE.replace("# Unpacking is", "# Is"), f"{RECIPE}{RECIPE}"], ids=["none", "two"])
def test_a_recipe_without_its_one_program_is_refused(recipe: str) -> None:
    with pytest.raises(UserError, match=r"buildspec\.yml has to have one program"):
        with_entries(recipe, ENTRIES)
