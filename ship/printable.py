"""Makes text from builds, keys, tags and AWS safe to print: without commands to terminals and CI runners."""

import json
import re

# Complete control sequences of terminals: https://www.ecma-international.org/publications-and-standards/standards/ecma-48/
ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colors, the cursor
    # Titles, links, the clipboard. Without nesting, so that a line full of starts takes linear time.
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)"
)
STEP = re.compile(r"#\d+ \d+\.\d+ |\d+\.\d+ ")
"""BuildKit's prefix of a line that a step printed: the step and its seconds."""
# GitHub's runner reads `::` as a line's first word, and `##[` anywhere in it; Azure's agent reads `##vso[` anywhere:
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
# https://github.com/microsoft/azure-pipelines-agent/blob/master/src/Microsoft.VisualStudio.Services.Agent/Command.cs
# TeamCity reads `##teamcity[`: https://www.jetbrains.com/help/teamcity/service-messages.html
FIRST_WORD = re.compile(r"^( *):(?=:)")
ANYWHERE = re.compile(r"#(?=#\w*\[)")


def safe(line: str) -> str:
    """The text as one line without commands to terminals and CI runners."""
    line = ESCAPES.sub("", line)
    step = STEP.match(line)
    begins = step[0] if step else ""
    shown = line.removeprefix(begins).rstrip("\r").rpartition("\r")[2]  # the text that overwrote the rest
    text = "".join(each if each.isprintable() else " " for each in f"{begins}{shown}".replace("\t", "    "))
    return ANYWHERE.sub("# ", FIRST_WORD.sub(r"\1: ", text)).rstrip()


def safe_lines(text: str) -> str:
    """The text's safe lines, all but the first indented, so that quoted text can't imitate a line of ours."""
    first, *others = map(safe, text.split("\n"))
    return "\n".join([first, *(other if other.startswith("  ") else f"  {other}" for other in others)])


def json_of(value: object) -> str:
    """The value as one line of JSON without commands to CI runners."""
    return json.dumps(value).replace("##", r"#\u0023")
