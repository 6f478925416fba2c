"""Foreign text as output: what a build, a key, a tag or AWS says, without what a terminal or a CI runner obeys."""

import json
import re

# What moves, colors or renames a terminal, whole: https://www.ecma-international.org/publications-and-standards/standards/ecma-48/
ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colors, the cursor
    # Titles, links, the clipboard. No other one begins inside, so that a line full of beginnings is read once.
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)"
)
STEP = re.compile(r"#\d+ \d+\.\d+ |\d+\.\d+ ")
"""What BuildKit puts before a line that a step printed: the step, and its seconds."""
# GitHub's runner reads `::` as a line's first word, and `##[` anywhere in it; Azure's agent reads `##vso[` anywhere:
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
# https://github.com/microsoft/azure-pipelines-agent/blob/master/src/Microsoft.VisualStudio.Services.Agent/Command.cs
# TeamCity reads `##teamcity[`: https://www.jetbrains.com/help/teamcity/service-messages.html
FIRST_WORD = re.compile(r"^( *):(?=:)")
ANYWHERE = re.compile(r"#(?=#\w*\[)")


def safe(line: str) -> str:
    """The text in one line that terminals and CI runners show, and don't obey."""
    line = ESCAPES.sub("", line)
    step = STEP.match(line)
    begins = step[0] if step else ""
    shown = line.removeprefix(begins).rstrip("\r").rpartition("\r")[2]  # what was written over the rest
    text = "".join(each if each.isprintable() else " " for each in f"{begins}{shown}".replace("\t", "    "))
    return ANYWHERE.sub("# ", FIRST_WORD.sub(r"\1: ", text)).rstrip()


def safe_lines(text: str) -> str:
    """The text in lines, of which only the first begins at the margin: no quote can look like a line of ours."""
    first, *others = map(safe, text.split("\n"))
    return "\n".join([first, *(other if other.startswith("  ") else f"  {other}" for other in others)])


def json_of(value: object) -> str:
    """The value as one line of JSON, which no CI runner obeys."""
    return json.dumps(value).replace("##", r"#\u0023")
