"""`make recipe`: writes buildspec.yml into template.yaml, as it stands.

Before that, buildspec.yml gets the reading of a zip from the code by which StartBuild checks.
"""

import re
import sys
from textwrap import indent

from local.account import ROOT
from local.progress import UserError

TEMPLATE, RECIPE, ENTRIES = ROOT / "template.yaml", ROOT / "buildspec.yml", ROOT / "functions/core/entries.py"
PROGRAM = re.compile(r"(?<= << 'PROGRAM'\n).*?(?=^( +)# Unpacking is the recipe's own\.)", re.MULTILINE | re.DOTALL)
BLOCK = r"^( *)%s: \|\n(?:\1 .*\n| *\n)*"


def main() -> int:
    """Writes it; the process's exit code."""
    try:
        recipe = with_entries(RECIPE.read_text(), ENTRIES.read_text())
        text = with_block(TEMPLATE.read_text(), "BuildSpec", recipe)
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


def with_block(template: str, member: str, text: str) -> str:
    """The template with this text as the literal block of its one member of that name, in place of the one that it has.

    Raises:
        UserError: YAML wouldn't read the text back from the block as it is, or there is no block.
    """
    if text != f"{text.strip()}\n":
        raise UserError(f"What becomes {member} begins with no space or line break, and ends with one line break.")

    def block(found: "re.Match[str]") -> str:
        lines = indent(text, f"{found[1]}  ", lambda line: line != "\n")
        return f"{found[1]}{member}: |\n{lines}"

    written, blocks = re.subn(BLOCK % member, block, template, flags=re.MULTILINE)
    if blocks != 1:
        raise UserError(f"The template has to have one line `{member}: |`, and has {blocks}.")
    return written


if __name__ == "__main__":
    sys.exit(main())
