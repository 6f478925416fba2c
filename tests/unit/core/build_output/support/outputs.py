"""Real outputs of failed `docker build`s, and what is said of them.

The outputs in tests/build_outputs/docker/ are BuildKit's own, from Docker 26.1, with other addresses and folders.
run-clipped.txt was shortened, and stage-typo-denied.txt has Docker Hub's answer.
"""

import json

from core.build_output.build_failures import explained
from core.reasons import Reason
from tests.support.stack import ROOT

OUTPUTS = {
    path.stem: path.read_bytes().decode(errors="replace")
    for path in (ROOT / "tests" / "build_outputs" / "docker").rglob("*.txt")
}
DOCKERFILE = """\
FROM public.ecr.aws/docker/library/busybox:stable AS builder
ADD --checksum=sha256:0000000000000000000000000000000000000000000000000000000000000000 http://127.0.0.1:5999/v2/ /x
"""
SOURCE = {"dist", "dist/index.html", "Dockerfile"}
WITH_CR = {"crlf", "heredoc-crlf"}


def said(output: str, dockerfile: str = DOCKERFILE) -> Reason:
    """What the output of a failure says."""
    return explained(output, dockerfile, SOURCE.__contains__)


def found(name: str) -> Reason:
    """The reason for one of the outputs."""
    return said(OUTPUTS[name], DOCKERFILE.replace("\n", "\r\n") if name in WITH_CR else DOCKERFILE)


def failed(*lines: str, command: str = "make", end: str = "exit code: 1") -> Reason:
    """What is said of a step that printed this and ended so."""
    printed = "\n".join(f"#5 0.1 {line}" for line in lines)
    error = f"process {json.dumps(f'/bin/sh -c {command}')} did not complete successfully: {end}"
    return said(f"{printed}\n#5 ERROR: {error}\nERROR: failed to solve: {error}")
