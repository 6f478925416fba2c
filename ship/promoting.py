"""`ship promote`: one digest goes from a stage to the next, without a build (docs/stages.md)."""

import base64
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.build_tags import is_build_tag
from ship.access import Access, in_words
from ship.problem import Problem
from ship.records import records
from ship.stack import Stack
from ship.terminal import Terminal, answer

LONGEST_SECONDS = 20 * 60  # the other stage looks every quarter of an hour
PAUSE_SECONDS = 5.0
SUPERSEDED = 3
TO_INSTALL = "Install skopeo, which copies an image as it is: Debian, Ubuntu, Fedora and Homebrew have it."


@dataclass(frozen=True)
class Stage:
    """A stack, and the access to it."""

    access: Access
    stack: Stack


def promote(source: Stage, target: Stage, terminal: Terminal, pause: Callable[[float], None] = time.sleep) -> int:
    """Copies what one stage's parameter names to the other, waits for its recording there, and gives the exit code.

    Raises:
        Problem: there is nothing to promote, it can't be copied, or isn't recorded in time.
    """
    if shutil.which("skopeo") is None:
        raise Problem("There is no skopeo on this machine.", TO_INSTALL)
    if source.stack.repository_uri == target.stack.repository_uri:
        raise Problem("Both stages are the same stack.", "Name the other: --to-profile, --to-service or --to-region.")
    with in_words():
        found = records(source.access, source.stack)
        digest, tag = found.current.uri.partition("@")[2], found.current_tag
        there = records(target.access, target.stack)
    if not is_build_tag(tag):
        raise Problem(f"{found.current.uri} has no build tag.", "Only what was built from an upload is promoted.")
    uri = f"{target.stack.repository_uri}@{digest}"
    if there.namings and there.current.uri == uri:
        terminal.say("It is recorded there already.")
        answer(uri)
        return 0
    if there.tagged.get(tag) == digest:  # ECR may refuse a tag that is there, though for the same image
        terminal.timed(f"{tag} is there already")
    else:
        terminal.timed(f"copying {tag}")
        copy(source, target, digest, tag)
        terminal.timed(f"copied to {target.stack.repository_uri}")
    if tag <= there.newest:
        terminal.fail(f"{there.newest}, which is newer, was recorded there: this one is there and won't be recorded.")
        return SUPERSEDED
    wait(target, uri, terminal, pause)
    terminal.timed("recorded", "green")
    answer(uri)
    return 0


def copy(source: Stage, target: Stage, digest: str, tag: str) -> None:
    """Copies the image byte for byte, under its build tag.

    Raises:
        Problem: skopeo or a registry says no.
    """
    with tempfile.TemporaryDirectory(prefix="ship-") as folder:
        logins = Path(folder) / "auth.json"
        for stage in (source, target):
            login(stage, logins)
        ended = run(
            logins,
            "copy",
            "--preserve-digests",
            f"docker://{source.stack.repository_uri}@{digest}",
            f"docker://{target.stack.repository_uri}:{tag}",
        )
    if ended.returncode:
        raise Problem(f"The image can't be copied: {last_line(ended.stderr)}", "docs/rights.md says what that takes.")


def login(stage: Stage, logins: Path) -> None:
    """Logs in to a stage's registry; the password goes through a pipe."""
    with in_words():
        token = stage.access.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode().partition(":")
    registry = stage.stack.repository_uri.partition("/")[0]
    ended = run(logins, "login", "--username", user, "--password-stdin", registry, typed=password)
    if ended.returncode:
        raise Problem(f"{registry} refuses the login: {last_line(ended.stderr)}")


def run(logins: Path, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    """What skopeo did."""
    return subprocess.run(
        ["skopeo", *arguments],
        env={**os.environ, "REGISTRY_AUTH_FILE": str(logins)},
        input=typed,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def last_line(text: str) -> str:
    """The last line of what a program said."""
    return (text.strip().splitlines() or [""])[-1]


def wait(target: Stage, uri: str, terminal: Terminal, pause: Callable[[float], None]) -> None:
    """Returns when the other stage's parameter names the image.

    Raises:
        Problem: it doesn't, in time.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    with terminal.waiting() as change:
        change("for the recording there, a quarter of an hour at most")
        while time.monotonic() < deadline:
            with in_words():
                found = records(target.access, target.stack)
            if found.namings and found.current.uri == uri:
                return
            pause(PAUSE_SECONDS)
    raise Problem("It is copied, and isn't recorded after 20 minutes.", "Look at the other stage: ship doctor.")
