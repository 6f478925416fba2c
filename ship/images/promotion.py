"""Copies an image by digest from one stage to the next, without a build (docs/operating/stages.md)."""

import base64
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from core.build_tags import is_build_tag
from ship.asked import Asked
from ship.aws.errors import is_passing, problem_of
from ship.aws.records import Records, records
from ship.outcomes import EXIT_CODES, UNRECORDED
from ship.problem import Problem
from ship.terminal import ERROR, Terminal

LONGEST_SECONDS = 20 * 60  # the other stage checks every 15 minutes
PAUSE_SECONDS = 5.0
TO_INSTALL = "Install skopeo from your package manager: Debian, Ubuntu, Fedora and Homebrew have it."


@dataclass(frozen=True)
class Promotion:
    """A promotion from one stage's stack to another's."""

    source: Asked
    target: Asked
    terminal: Terminal
    pause: Callable[[float], None] = time.sleep

    def promote(self) -> int:
        """Copies the recorded image, waits until it is recorded there, and returns the exit code.

        Raises:
            Problem: there is nothing to promote, it can't be copied, or isn't recorded in time.
        """
        self.refuse()
        found = records(self.source.access, self.source.stack)
        there = records(self.target.access, self.target.stack)
        digest, tag = found.current.digest, found.current_tag
        if not is_build_tag(tag):
            raise Problem(
                f"{found.current.uri} has no build tag.", "You can only promote an image that was built from an upload."
            )
        uri = f"{self.target.stack.repository_uri}@{digest}"
        if there.namings and there.current.uri == uri:
            self.terminal.note("It is already recorded there.")
            self.terminal.answer(uri)
            return EXIT_CODES["recorded"]
        if tag == there.newest:
            to_end = self.target.stack.command("forward")
            raise Problem("It was recorded there and then rolled back.", f"To end the rollback: {to_end}")
        self.bring(digest, tag, there)
        code = self.outcome(tag, there)
        if code == EXIT_CODES["recorded"]:
            self.terminal.note("recorded", "green", timed=True)
            self.terminal.answer(uri)
        return code

    def refuse(self) -> None:
        """Checks what a promotion needs.

        Raises:
            Problem: skopeo is missing, or both stages are the same stack.
        """
        if shutil.which("skopeo") is None:
            raise Problem("skopeo isn't installed.", TO_INSTALL)
        if self.source.stack.repository_uri == self.target.stack.repository_uri:
            raise Problem(
                "Both stages are the same stack.",
                "Choose the other with --to-profile, --to-region, --to-service or --to-stack.",
            )

    def bring(self, digest: str, tag: str, there: Records) -> None:
        """Copies the image unless it is there: ECR may refuse an existing tag, even for the same image.

        Raises:
            Problem: skopeo or a registry refuses.
        """
        if there.tagged.get(tag) == digest:
            self.terminal.note(f"{tag} is already there", timed=True)
            return
        self.terminal.note(f"copying {tag}", timed=True)
        with tempfile.TemporaryDirectory(prefix="ship-") as folder:
            logins = Path(folder) / "auth.json"
            for stage in (self.source, self.target):
                login(stage, logins)
            original = f"docker://{self.source.stack.repository_uri}@{digest}"
            copied = f"docker://{self.target.stack.repository_uri}:{tag}"
            # assumes: copy-keeps-digest
            ended = run(logins, "copy", "--preserve-digests", original, copied)
        if ended.returncode:
            raise Problem(
                f"skopeo couldn't copy the image: {last_line(ended.stderr)}",
                f"You must be able to pull {self.source.stack.repository} and push {self.target.stack.repository}.",
            )
        self.terminal.note(f"copied to {self.target.stack.repository_uri}", timed=True)

    def outcome(self, tag: str, there: Records) -> int:
        """Waits until the other stage has checked the image. Returns the exit code.

        Raises:
            Problem: the other stage doesn't check it in time.
        """
        waited = 0.0
        with self.terminal.waiting() as change:
            change("for the recording there, at most 15 minutes")
            while tag > there.newest:
                if waited > LONGEST_SECONDS:
                    look = self.target.stack.command("doctor")
                    raise Problem("The image is copied, but isn't recorded there after 20 minutes.", look, UNRECORDED)
                self.pause(PAUSE_SECONDS)
                waited += PAUSE_SECONDS
                there = self.looked() or there
        if tag < there.newest:
            newer = f"The newer {there.newest} is recorded there"
            self.terminal.report(ERROR, f"{newer}, so this image was copied but won't be recorded.")
            return EXIT_CODES["superseded"]
        return EXIT_CODES["recorded"]

    def looked(self) -> Records | None:
        """The records of the other stage. None if AWS doesn't answer right now."""
        try:
            return records(self.target.access, self.target.stack)
        except (ClientError, BotoCoreError) as error:
            if not is_passing(error):
                raise problem_of(error) from error
            return None


def login(stage: Asked, logins: Path) -> None:
    """Logs in to a stage's registry. The password goes through a pipe."""
    token = stage.access.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode().partition(":")
    registry = stage.stack.repository_uri.partition("/")[0]
    ended = run(logins, "login", "--username", user, "--password-stdin", registry, typed=password)
    if ended.returncode:
        raise Problem(f"{registry} refused the login: {last_line(ended.stderr)}")


def run(logins: Path, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    """Runs skopeo."""
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
    """The last line of a program's output."""
    return (text.strip().splitlines() or [""])[-1]
