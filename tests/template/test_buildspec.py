"""buildspec.yml gets the stack's own builder, runs its verbs phase by phase, and decides nothing itself."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.stack import ROOT

TEXT = (ROOT / "buildspec.yml").read_text()
SPEC: dict[str, Any] = yaml.safe_load(TEXT)
(GET_BUILDER,) = SPEC["phases"]["install"]["commands"]
BUILDER = "arn:aws:lambda:us-east-1:123456789012:layer:source-to-ecr-builder:7"
AWS = """\
#!/bin/sh
echo "$@" > asked
test ! -e error || { cat error >&2; exit 254; }
cat answer
"""
"""The AWS CLI, with Lambda's answer in a file."""


def test_each_phase_runs_its_verbs_and_a_failure_stops_the_build() -> None:
    assert SPEC == {
        "version": 0.2,
        "env": {"shell": "bash"},
        "phases": {
            "install": {"on-failure": "ABORT", "commands": [GET_BUILDER]},
            "pre_build": {"on-failure": "ABORT", "commands": ["python3 -I builder.zip fetch"]},
            "build": {"on-failure": "ABORT", "commands": ["python3 -I builder.zip build try"]},
            "post_build": {"on-failure": "ABORT", "commands": ["python3 -I builder.zip push"]},
        },
    }


def test_it_is_read_at_a_glance() -> None:
    assert len(TEXT.splitlines()) <= 25


def test_it_survives_json_and_cloudformation() -> None:
    assert json.loads(json.dumps(SPEC)) == SPEC
    assert TEXT.isascii()  # CloudFormation gives other characters back as question marks
    assert "{{" not in TEXT  # a dynamic reference
    assert not re.search(r"\b(Fn::|Ref:)", TEXT)


def test_its_shell_passes_shellcheck() -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    found = subprocess.run(
        [
            shellcheck,
            "--shell=bash",
            "--severity=style",
            "--exclude=SC2015",
            "-",
        ],  # if a part of A && B fails, running C is right
        input=GET_BUILDER,
        text=True,
        capture_output=True,
        check=False,
    )

    assert (found.stdout, found.returncode) == ("", 0)


# Getting the builder


@dataclass(frozen=True)
class Install:
    """The phase INSTALL: Lambda's answer comes from a file, and the link leads to another one."""

    folder: Path

    def answer(self, content: bytes, sha256: str) -> None:
        """Makes Lambda return this content with this SHA-256."""
        (self.folder / "layer.zip").write_bytes(content)
        (self.folder / "answer").write_text(f"{sha256}\tfile://{self.folder}/layer.zip\n")

    def run(self) -> "subprocess.CompletedProcess[str]":
        """The phase's command when it has ended, with its output."""
        path = f"{self.folder}/bin{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", GET_BUILDER],
            cwd=self.folder,
            env={"PATH": path, "BUILDER": BUILDER},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """A build's folder, and an AWS CLI."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "aws").write_text(AWS)
    (tmp_path / "bin" / "aws").chmod(0o755)
    return Install(tmp_path)


def sha256(content: bytes) -> str:
    """A SHA-256 as Lambda writes it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


CONTENTS = [f"builder {number}".encode() for number in range(200)]


@pytest.mark.parametrize("byte", [b"\0", b"\n", b"\xff"])
def test_the_builder_matches_lambda_s_digest_whatever_bytes_are_in_it(install: Install, byte: bytes) -> None:
    content = next(each for each in CONTENTS if byte in hashlib.sha256(each).digest())
    install.answer(content, sha256(content))

    ended = install.run()

    assert (ended.returncode, ended.stdout) == (0, "")
    assert (install.folder / "builder.zip").read_bytes() == content
    assert f"get-layer-version-by-arn --arn {BUILDER} " in (install.folder / "asked").read_text()


def failure(install: Install) -> list[str]:
    """The lines of a failed phase, up to the last one, which explains them."""
    ended = install.run()
    *before, last = ended.stdout.splitlines()
    assert ended.returncode == 1
    assert last == (
        f"The builder {BUILDER} can't be used: the line above says why. The upload isn't at fault and is built again."
    )
    return before


def test_a_version_that_lambda_refuses_fails_the_phase_with_lambda_s_words(install: Install) -> None:
    refusal = "An error occurred (AccessDeniedException) when calling the GetLayerVersionByArn operation: no"
    (install.folder / "error").write_text(f"\n{refusal}\n")

    assert failure(install)[-1] == refusal


def test_a_link_that_leads_nowhere_fails_the_phase_with_curl_s_words(install: Install) -> None:
    install.answer(b"builder", sha256(b"builder"))
    (install.folder / "layer.zip").unlink()

    assert failure(install)[-1].startswith("curl: (37) ")


@pytest.mark.parametrize("digest", [sha256(b"another"), "None", ""], ids=["another", "none", "empty"])
def test_a_builder_of_another_digest_fails_the_phase(install: Install, digest: str) -> None:
    install.answer(b"builder", digest)

    assert failure(install)[-1].startswith("sha256sum: ")
