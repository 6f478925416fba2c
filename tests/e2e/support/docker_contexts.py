"""What docker sends of a folder to a build: the content of the image that copies all of it.

As a program, it asks docker about all packing cases and writes tests/support/sent_by_docker/answers.json.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from itertools import batched
from pathlib import Path
from typing import Any

from local.docker.private_engine import engine
from tests.e2e.support.waiting import SECONDS
from tests.support.sent_by_docker.cases import ANSWERS, CASES, READER, REFUSED, Case
from tests.support.trees import Listing, listed_in_tar, write

AT_ONCE = 25  # with a hundred, a slow engine gives up on some


def buildx(engine: Mapping[str, str], folder: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[bytes]":
    """What buildx did in a folder, as one that never built before.

    An engine takes a file for that of an earlier build by its size and date, and in ship's zips all have one date.
    """
    return subprocess.run(
        ["docker", "buildx", *arguments],
        cwd=folder,
        env={**os.environ, **engine, "BUILDX_CONFIG": str(folder / "buildx"), "BUILDX_GIT_INFO": "false"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )


def images(engine: Mapping[str, str], work: Path, builds: Mapping[str, tuple[Path, Path]]) -> dict[str, Listing]:
    """The content of each context's image. They are built together, which is much faster."""
    targets = {
        f"{number}": {"context": str(context), "dockerfile": str(dockerfile), "output": [f"type=tar,dest={number}.tar"]}
        for number, (context, dockerfile) in enumerate(builds.values())
    }
    (work / "bake.json").write_text(json.dumps({"target": targets}))
    for some in batched(targets, AT_ONCE, strict=False):
        ended = buildx(engine, work, "bake", "--file", "bake.json", *some)
        assert ended.returncode == 0, ended.stderr.decode()
    return {name: listed_in_tar((work / f"{number}.tar").read_bytes()) for number, name in enumerate(builds)}


def sent(engine: Mapping[str, str], work: Path, cases: Mapping[str, Case]) -> dict[str, Listing]:
    """What docker sends of each case's folder."""
    builds = {}
    for number, (name, case) in enumerate(cases.items()):
        folder = write(work / f"folder-{number}", case.all_files())
        builds[name] = (folder, folder / case.dockerfile)
    return images(engine, work, builds)


def refuses(engine: Mapping[str, str], work: Path, rules: str) -> bool:
    """Whether docker refuses a folder for this line of its rules."""
    ended = buildx(engine, work, "build", write(work / "refused", Case(f"src\n{rules}").all_files()))
    # Docker reports the refusal, or the canceled transfer first.
    said = b"exclude" in ended.stderr or b"failed to solve: Canceled: context" in ended.stderr
    return ended.returncode != 0 and said


def asked(engine: Mapping[str, str], work: Path) -> dict[str, Any]:
    """Docker's answers about all cases, and what they hold for."""
    refused = []
    for number, rules in enumerate(REFUSED):
        (folder := work / f"refused-{number}").mkdir()
        refused += [rules] if refuses(engine, folder, rules) else []
    return {
        "reader": f"{READER}=={version(READER)}",
        "buildx": buildx(engine, work, "version").stdout.decode().split()[1],
        "refused": refused,
        "sent": {name: sorted(each) for name, each in sent(engine, work, CASES).items()},
    }


def main() -> None:
    """Writes docker's answers, a case in each line."""
    with engine() as environment, tempfile.TemporaryDirectory() as work:
        found = asked(environment, Path(work))
    cases = found.pop("sent")
    lines = [f"  {json.dumps(name)}: {json.dumps(each)}" for name, each in found.items()]
    sent_lines = [f"    {json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}" for name, each in cases.items()]
    lines.append('  "sent": {\n' + ",\n".join(sent_lines) + "\n  }")
    ANSWERS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
