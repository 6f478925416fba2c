"""`make recipe`: writes buildspec.yml into template.yaml, which puts it on the CodeBuild project as it stands.

Before that it writes the reading of a zip into buildspec.yml, from the code that StartBuild's check reads it by.
"""

import re
import sys
from textwrap import indent

from local.account import ROOT
from local.progress import UserError

TEMPLATE, RECIPE, ENTRIES = ROOT / "template.yaml", ROOT / "buildspec.yml", ROOT / "functions/core/entries.py"
PROGRAM = re.compile(r"(?<= << 'PROGRAM'\n).*?(?=^( +)# Unpacking is the recipe's own\.)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^( *)BuildSpec: \|\n(?:\1 .*\n| *\n)*", re.MULTILINE)


def main() -> int:
    """Writes it; the process's exit code."""
    try:
        recipe = with_entries(RECIPE.read_text(), ENTRIES.read_text())
        text = with_recipe(TEMPLATE.read_text(), recipe)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    RECIPE.write_text(recipe)
    TEMPLATE.write_text(text)
    return 0


def with_entries(recipe: str, entries: str) -> str:
    """The recipe whose program reads the entries of a zip by this text, in place of the one that it has.

    Raises:
        UserError: the recipe has no place for it.
    """
    text, places = PROGRAM.subn(
        lambda found: indent(f"{entries}\n\n", found[1], lambda line: bool(line.strip())), recipe
    )
    if places != 1:
        raise UserError(f"buildspec.yml has to have one program with the line `# Unpacking is …`, and has {places}.")
    return text


def with_recipe(template: str, recipe: str) -> str:
    """The template with this recipe as its literal block, in place of the one that it has.

    Raises:
        UserError: YAML wouldn't read the recipe back from the block as it is, or there is no block.
    """
    if recipe != f"{recipe.strip()}\n":
        raise UserError("buildspec.yml has to begin without a space or an empty line, and to end with one line break.")

    def block(found: "re.Match[str]") -> str:
        lines = indent(recipe, f"{found[1]}  ", lambda line: line != "\n")
        return f"{found[1]}BuildSpec: |\n{lines}"

    text, blocks = BLOCK.subn(block, template)
    if blocks != 1:
        raise UserError(f"template.yaml has to have one line `BuildSpec: |`, and has {blocks}.")
    return text


if __name__ == "__main__":
    sys.exit(main())
