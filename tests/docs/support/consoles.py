"""What a document shows of a terminal: commands and their output, of which lines may be left out."""

import re
from dataclasses import dataclass

LEFT_OUT = "…"
# What differs from run to run, and what stands for it.
VARYING = (
    (re.compile(r"\bbuild-\d{8}T\d{6}Z-[0-9A-F]+-[0-9a-f]{8}\b"), "build-TAG"),
    (re.compile(r"\bsha256:[0-9a-f]{64}\b"), "sha256:DIGEST"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r"\bAIDA[0-9A-Z]+\b"), "USER"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "REGISTRY"),
    (re.compile(r"\bsource-to-ecr-sourcebucket-[0-9a-f]+"), "BUCKET"),
    (re.compile(r"\b[\d.,]+ (?:bytes|KB|MB|GB)\b"), "SIZE"),
    (re.compile(r"^ *\d+\.\d s "), "SECONDS "),
)


@dataclass(frozen=True)
class Console:
    """A command, and what a document shows of its output."""

    command: str
    shown: list[str]

    def differences(self, output: list[str]) -> list[str]:
        """The lines that are shown and weren't printed, in this order; what is left out may be anything."""
        printed, place, missing, may_skip = [constant(line) for line in output], 0, [], False
        for line in self.shown:
            if line == LEFT_OUT:
                may_skip = True
                continue
            wanted = constant(line)
            found = [at for at in range(place, len(printed)) if printed[at] == wanted and (may_skip or at == place)]
            if found:
                place = found[0] + 1
            else:
                missing.append(line)
            may_skip = False
        if not may_skip and place < len(printed) and not missing:
            missing.append(f"and it printed {output[place]}")
        return missing


def constant(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, name in VARYING:
        line = pattern.sub(name, line)
    return line


def consoles(block: str) -> list[Console]:
    """The commands in a block of a document, each with its output."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [Console(part.partition("\n")[0], part.splitlines()[1:]) for part in parts]
