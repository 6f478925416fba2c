"""Folders with a `.dockerignore`, and which of their files docker sends to a build.

Docker's answers are in answers.json. After an upgrade of what reads the rules here, ask docker again:

    python -m tests.e2e.support.docker_contexts
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.trees import Program
from tests.support.zips import Link

ANSWERS = Path(__file__).with_name("answers.json")
READER = "e2b-dockerfile-utils"
"""The package that reads the rules for `ship`."""
DOCKERFILE = "FROM scratch\nCOPY . /\n"
TREE: dict[str, str | bytes] = {
    ".env": "TOKEN=1",
    ".git/HEAD": "ref: refs/heads/main",
    ".git/config": "[core]",
    ".git/objects/ab/cd": b"\0\1\2",
    ".github/workflows/ci.yml": "on: push",
    "!bang": "!",
    "#hash": "#",
    "(a|b)+$": "a name that regular expressions read otherwise",
    "README.md": "top",
    "abc.def": ".",
    "abcXdef": "X",
    "absolute": Link("/etc/passwd"),
    "app/[slug]/page.js": "brackets",
    "app/page.js": "page",
    "app/s/page.js": "one of the letters",
    "back\\slash.txt": "\\",
    "bin/run": Program("#!/bin/sh\n"),
    "bin/tool": Program("#!/bin/sh\n"),
    "build/cache/app.js": "cache",
    "build/output/app.js": "output",
    "dangling": Link("nowhere"),
    "docs/README.md": "docs",
    "docs/guide/README.md": "guide",
    "docs/guide/notes.txt": "notes",
    "docs/untidy": Link(".//guide/../guide/notes.txt"),
    "empty/": "",
    "größe/日本.txt": "unicode",
    "link": Link("src/main.py"),
    "nested/empty/": "",
    "node_modules/a/index.js": "a",
    "src/__pycache__/main.pyc": b"\xff",
    "src/lib/__pycache__/util.pyc": b"\xfe",
    "src/lib/deep/er/x.py": "x",
    "src/lib/util.py": "util",
    "src/main.py": "main",
    "src/node_modules/b/index.js": "b",
    "src/up": Link("../README.md"),
    "star*.txt": "*",
    "star1.txt": "1",
    "to-folder": Link("src/lib"),
    "with space/a b.txt": "spaces",
    "zeros": bytes(100_000),
}


@dataclass(frozen=True)
class Case:
    """A `.dockerignore`, and how the rest of the folder differs from TREE."""

    rules: str | bytes | None = None
    dockerfile: str = "Dockerfile"
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    tree: Mapping[str, str | bytes] = field(default_factory=lambda: TREE)

    def keeps_history(self) -> bool:
        """Whether the rules take `.git` back, which is left out otherwise."""
        rules = self.rules.decode(errors="replace") if isinstance(self.rules, bytes) else self.rules or ""
        return any(line.startswith("!.git") for line in rules.splitlines())

    def all_files(self) -> dict[str, str | bytes]:
        """All files of the folder, as `trees.write` takes them."""
        rules = {} if self.rules is None else {".dockerignore": self.rules}
        return {**self.tree, self.dockerfile: DOCKERFILE, **rules, **self.files}


PLAIN = {
    "no rules": Case(),
    "an empty file": Case(""),
    "comments and blank lines": Case("# all of it\n\n   \nsrc\n#docs\n"),
    "a comment after spaces is a pattern": Case("  #hash\n"),
    "a hash that is escaped": Case("\\#hash\n"),
    "an exclamation mark that is escaped": Case("\\!bang\n"),
    "two exclamation marks": Case("*\n!!bang\n"),
    "Windows' line ends": Case("src\r\ndocs\r\n!docs/README.md\r\n"),
    "a byte order mark": Case("\ufeffsrc\ndocs\n"),
    "no line end at the end": Case("src\ndocs"),
    "spaces around": Case("  src  \n\tdocs\t\n  !  docs/README.md  \n"),
    "a name that isn't UTF-8": Case(b"caf\xe9\nsrc\n"),
}
PATHS = {
    "a file at the top": Case("README.md\n"),
    "a file in a folder": Case("docs/README.md\n"),
    "a name is no pattern for deeper ones": Case("node_modules\n"),
    "a folder with a slash": Case("src/\n"),
    "a leading slash": Case("/src\n/docs/README.md\n"),
    "a leading dot": Case("./src\n././docs\n"),
    "dots in between": Case("app/../src\nsrc/./../docs\n"),
    "two slashes": Case("docs//guide\n//src\n"),
    "above the folder": Case("../src\n/../docs\n"),
    "the folder itself": Case(".\n/\n./\n"),
    "dot-files": Case(".*\n"),
    "names with spaces": Case("with space\n"),
    "a name in Unicode": Case("größe/日本.txt\n"),
    "a link, not what it leads to": Case("link\nto-folder\n"),
    "what a link leads to, not the link": Case("src/main.py\nsrc/lib\n"),
    "nothing is below a link": Case("to-folder/util.py\n"),
    "an empty folder": Case("empty\nnested/empty\n"),
    "the only thing in a folder": Case("bin/*\n"),
    "upper case": Case("SRC\nreadme.md\n"),
}
WILDCARDS = {
    "a star": Case("*.md\n"),
    "a star is no folder": Case("src/*.py\n*/README.md\n"),
    "a star matches dot-files": Case("*env\n"),
    "a question mark": Case("abc?def\nstar?.txt\n"),
    "a class": Case("[a-d]*\n"),
    "a negated class": Case("[^.D]*\n"),
    "brackets in a name": Case("app/[[]slug]\n"),
    "brackets that aren't escaped": Case("app/[slug]\n"),
    "a star that is escaped": Case("star\\*.txt\n"),
    "a backslash that is escaped": Case("back\\\\slash.txt\n"),
    "what regular expressions read otherwise": Case("(a|b)+$\nabc.def\n"),
    "braces are no choice": Case("{src,docs}\n"),
    "two stars before": Case("**/README.md\n"),
    "two stars after": Case("docs/**\n"),
    "two stars in between": Case("src/**/*.pyc\n"),
    "two stars in a name": Case("**.md\nsrc**/x.py\n"),
    "two stars twice": Case("**/**/__pycache__/**\n"),
    "folders anywhere": Case("**/node_modules\n**/__pycache__/\n"),
    "everything by a star": Case("*\n"),
    "everything by two": Case("**\n"),
}
TAKEN_BACK = {
    "a file of all": Case("*\n!README.md\n"),
    "a folder of all": Case("*\n!src\n"),
    "a folder of all, with a slash": Case("*\n!/src/\n"),
    "a file in folders of all": Case("**\n!src/lib/deep/er/x.py\n"),
    "one kind of file, in any folder": Case("**\n!**/*.py\n"),
    "one kind of file by a star": Case("*\n!*.md\n!*/*.md\n"),
    "a folder between by a star": Case("*\n!src/*/deep\n"),
    "a folder between by two": Case("**\n!src/**/er\n"),
    "a file of a folder's content": Case("docs/*\n!docs/README.md\n"),
    "and ignored again": Case("**\n!src\nsrc/lib\n!src/lib/util.py\n"),
    "before it is ignored": Case("!src/main.py\nsrc\n"),
    "an empty folder of all": Case("*\n!nested\n"),
    "links of all": Case("*\n!link\n!to-folder\n!dangling\n"),
    "nothing that there is": Case("*\n!nowhere\n!src/nowhere\n"),
    # Docker doesn't look whether a third pattern matches a folder that is ignored already, and so takes its files back.
    "in spite of a second pattern for its folder": Case("src*\n!src/main.py\nsrc\n"),
    "in spite of a second pattern for itself": Case("src*\n!src/main.py\nsrc/main.py\n"),
}
# From reports of what others pack otherwise than docker.
REPORTED = {
    "azure-cli#6896: all is ignored, then some taken back": Case("**\n!src/**\n!docs\n!*.md\n"),
    "azure-cli#7084: .git": Case(".git\n"),
    "azure-cli#17493: a folder of an ignored one": Case("**/build\n!/build/output\n"),
    "azure-cli#17493: a file of an ignored folder": Case("src\n!/src/main.py\n"),
    "azure-cli#20413: a slash at the end": Case("**/bin/\n**/__pycache__/\n"),
    "azure-cli#30231: the Dockerfile's own rules": Case("src\n", files={"Dockerfile.dockerignore": "docs\n"}),
    "azure-cli#30231: in a folder": Case(
        "src\n", "docker/dev.Dockerfile", {"docker/dev.Dockerfile.dockerignore": "docs\n"}
    ),
    "azure-cli#31250: a large folder, and .git taken back": Case(".*\nnode_modules\n!.git\n"),
    "azure-cli#31250: a file of .git taken back": Case(".git\n!.git/HEAD\n"),
    "acr#613, AgentCore#71, flyctl#2245: the Dockerfile": Case("Dockerfile\n.dockerignore\n"),
    "flyctl#456: node_modules by the name alone": Case("node_modules\n.env\n"),
    "flyctl#3228: rules in a folder are none": Case(None, "docker/Dockerfile", {"docker/.dockerignore": "src\n"}),
    "moby#30018: taken back by a star for a folder": Case("*\n!hi.txt\n!app/*.js\n!*/*.txt\n"),
    "moby#37700: a folder with another Dockerfile": Case("docker*\nDockerfile\n", "docker/Dockerfile"),
    "moby#40318: the same name here and deeper": Case("*\n!README.md\n!**/README.md\n"),
    "moby#41433: two stars and a file taken back": Case("**/lib\n!src/lib/util.py\n.git\n"),
    "moby#45608: a star in a path taken back": Case("*\n\n!src/*/deep/er\n"),
    "buildx#850: taken back, and a file of it ignored": Case("**\n!docs/guide\ndocs/guide/README.md\n"),
    "cli#2847: one kind and a file": Case("*\n!**/*.py\n!README.md\n"),
    "for-linux#585: a Dockerfile by a star": Case("*\n!docker/*/Dockerfile\n", "docker/app/Dockerfile"),
    "zenml#5030: what a build made, beside its source": Case("build\n!build/output\n**/*.pyc\n"),
}
DOCKERFILES = {
    "own rules that are empty": Case("src\n", files={"Dockerfile.dockerignore": ""}),
    "own rules that ignore all rules": Case("src\n", files={"Dockerfile.dockerignore": "*ignore\nDockerfile\n"}),
    "another Dockerfile's rules": Case("src\n", "Dockerfile.prod", {"Dockerfile.dockerignore": "docs\n"}),
    "a Dockerfile in an ignored folder": Case("docker\n", "docker/Dockerfile"),
    "a Dockerfile where all is ignored": Case("**\n", "docker/app/Dockerfile"),
    "own rules of a Dockerfile in an ignored folder": Case(
        None, "docker/Dockerfile", {"docker/Dockerfile.dockerignore": "docker\n"}
    ),
    "rules behind a link that leads nowhere": Case(None, files={".dockerignore": Link("nowhere")}),
    "a folder alone": Case("app/**/page.js\n", "app/Dockerfile", tree={"app/page.js": "", "app/main.js": ""}),
    "a folder alone, beside dot-files": Case("", "app/Dockerfile", {".env": "", "app/main.js": ""}, tree={}),
    "a folder alone, beside macOS's": Case(None, "app/Dockerfile", {"__MACOSX/._app": ""}, tree={}),
    "a folder alone where all else is ignored": Case("*\n!app\n", "app/Dockerfile"),
    "a Dockerfile alone": Case(tree={}),
}
CASES = PLAIN | PATHS | WILDCARDS | TAKEN_BACK | REPORTED | DOCKERFILES

# What docker refuses: by moby's own check, by Go's regular expressions, and when it sends the folder.
REFUSED = ["!", "!/", "[", "[x-]", "\\", "[Local-Only]/", "build\\output", "a\rb\n"]


def answers() -> dict[str, Any]:
    """Docker's answers: the names that it sends for each case, and the refused patterns."""
    found: dict[str, Any] = json.loads(ANSWERS.read_text())
    return found
