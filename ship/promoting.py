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

from botocore.exceptions import BotoCoreError, ClientError

from core.build_tags import is_build_tag
from ship.access import in_words, is_passing, problem_of
from ship.asked import Asked
from ship.outcomes import EXIT_CODES, UNRECORDED
from ship.problem import Problem
from ship.records import Records, records
from ship.terminal import Terminal, answer

LONGEST_SECONDS = 20 * 60  # the other stage looks every quarter of an hour
PAUSE_SECONDS = 5.0
TO_INSTALL = "Install skopeo, which copies an image as it is: Debian, Ubuntu, Fedora and Homebrew have it."


@dataclass(frozen=True)
class Promotion:
    """From one stage's stack to another's."""

    source: Asked
    target: Asked
    terminal: Terminal
    pause: Callable[[float], None] = time.sleep

    def promote(self) -> int:
        """Copies what the parameter names, waits for its recording there, and gives the exit code.

        Raises:
            Problem: there is nothing to promote, it can't be copied, or isn't recorded in time.
        """
        self.refuse()
        with in_words():
            found = records(self.source.access, self.source.stack)
            there = records(self.target.access, self.target.stack)
            digest, tag = found.current.digest, found.current_tag
        if not is_build_tag(tag):
            raise Problem(f"{found.current.uri} has no build tag.", "Only what was built from an upload is promoted.")
        uri = f"{self.target.stack.repository_uri}@{digest}"
        if there.namings and there.current.uri == uri:
            self.terminal.say("It is recorded there already.")
            answer(uri)
            return EXIT_CODES["recorded"]
        if tag == there.newest:
            to_end = self.target.stack.command("forward")
            raise Problem("It was recorded there, and is rolled back.", f"To end the rollback: {to_end}")
        self.bring(digest, tag, there)
        code = self.outcome(tag, there)
        if code == EXIT_CODES["recorded"]:
            self.terminal.timed("recorded", "green")
            answer(uri)
        return code

    def refuse(self) -> None:
        """Refuses what can't be done.

        Raises:
            Problem: it is so.
        """
        if shutil.which("skopeo") is None:
            raise Problem("There is no skopeo on this machine.", TO_INSTALL)
        if self.source.stack.repository_uri == self.target.stack.repository_uri:
            raise Problem("Both stages are the same stack.", "Name the other: --to-profile, --to-service …")

    def bring(self, digest: str, tag: str, there: Records) -> None:
        """Copies the image, unless it is there already: ECR may refuse a tag that is there, though for the same image.

        Raises:
            Problem: skopeo or a registry says no.
        """
        if there.tagged.get(tag) == digest:
            self.terminal.timed(f"{tag} is there already")
            return
        self.terminal.timed(f"copying {tag}")
        with tempfile.TemporaryDirectory(prefix="ship-") as folder:
            logins = Path(folder) / "auth.json"
            for stage in (self.source, self.target):
                login(stage, logins)
            original = f"docker://{self.source.stack.repository_uri}@{digest}"
            copied = f"docker://{self.target.stack.repository_uri}:{tag}"
            ended = run(logins, "copy", "--preserve-digests", original, copied)
        if ended.returncode:
            raise Problem(
                f"It can't be copied: {last_line(ended.stderr)}",
                f"You need to pull from {self.source.stack.repository} and to push to {self.target.stack.repository}.",
            )
        self.terminal.timed(f"copied to {self.target.stack.repository_uri}")

    def outcome(self, tag: str, there: Records) -> int:
        """What became of the image, when the other stage has looked at it, as an exit code.

        Raises:
            Problem: the other stage doesn't look, in time.
        """
        waited = 0.0
        with self.terminal.waiting() as change:
            change("for the recording there, a quarter of an hour at most")
            while tag > there.newest:
                if waited > LONGEST_SECONDS:
                    look = self.target.stack.command("doctor")
                    raise Problem("It is copied, and isn't recorded after 20 minutes.", look, UNRECORDED)
                self.pause(PAUSE_SECONDS)
                waited += PAUSE_SECONDS
                there = self.looked() or there
        if tag < there.newest:
            newer = f"{there.newest}, which is newer, was recorded there"
            self.terminal.fail(f"{newer}: this one is there, and won't be recorded.")
            return EXIT_CODES["superseded"]
        return EXIT_CODES["recorded"]

    def looked(self) -> Records | None:
        """What is recorded in the other stage; None where AWS doesn't answer just now."""
        try:
            return records(self.target.access, self.target.stack)
        except (ClientError, BotoCoreError) as error:
            if not is_passing(error):
                raise problem_of(error) from error
            return None


def login(stage: Asked, logins: Path) -> None:
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
