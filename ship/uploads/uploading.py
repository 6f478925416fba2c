"""Packs a source, checks it, sends it, and follows it to its result."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.reasons import Reason
from core.uploads import ObjectVersion
from ship.asked import Asked
from ship.aws import codebuild, s3_transfer
from ship.aws.errors import in_words
from ship.aws.s3 import State
from ship.deployments.following import require_follower
from ship.outcomes import EXIT_CODES, INTERRUPTED, detail_of, going_on, names_of
from ship.printable import json_of, safe
from ship.problem import UNDONE, Problem
from ship.source import inspection, sources
from ship.source.sources import Source
from ship.terminal import ERROR, STYLES, WARNING, Terminal
from ship.until import Until
from ship.uploads.following import Follower
from ship.uploads.patience import FOLLOWED
from ship.uploads.results import Result

LOOKS_FOR_BUILD = 20
"""Seconds that an interrupted `ship up --cancel` waits for the build to stop."""


@dataclass(frozen=True)
class Uploading:
    """An upload. `cancel` stops the build on Ctrl-C; following stops after `timeout` seconds."""

    asked: Asked
    terminal: Terminal
    as_json: bool = False
    cancel: bool = False
    pause: Callable[[float], None] = time.sleep
    timeout: float = FOLLOWED
    until: Until = Until.RECORDED

    def up(self, path: Path, key: str | None, allowed: Sequence[str], *, dry_run: bool, follow: bool) -> int:
        """Uploads the source and returns the exit code.

        Raises:
            Problem: it can't be sent or followed.
        """
        stack, key = self.asked.stack, key or key_of(path)
        self.refuse(key)
        source = sources.source_at(path, stack.dockerfile)
        inspection.show(path, source, self.terminal)
        if dry_run:
            self.list(source)
        inspection.warn_of_programs(source, self.terminal)
        inspection.refuse_names(source, allowed)
        if reason := inspection.no_dockerfile(path, source, stack) or sources.too_much(source):
            return self.reject(key, reason, dry_run=dry_run)
        inspection.say_packing(source, self.terminal)
        seen = inspection.Seen(stack.dockerfile)
        with sources.opened(source, seen.see, stack.largest_mib) as (zipped, size):
            inspection.refuse_private(seen.private, source, allowed)
            if reason := sources.rejected(zipped, stack):
                return self.reject(key, reason, dry_run=dry_run)
            self.terminal.note(f"  as a zip: {inspection.amount(size)}")
            inspection.warn(seen, size, stack, self.terminal)
            if dry_run:
                return 0
            version = self.send(zipped, size, key)
        return self.follow(version) if follow else self.leave(version)

    def refuse(self, key: str) -> None:
        """Checks the key, and whether `cancel` and `until` are possible, before anything is sent.

        Raises:
            Problem: the key can't be built, the build couldn't be canceled, or nothing follows the stack.
        """
        try:
            key.encode()
        except UnicodeEncodeError:
            raise Problem("The folder's name isn't UTF-8.", "Choose a key: --key app.zip.") from None
        if key.endswith("/"):
            raise Problem(
                f"The key {key} ends with a slash, and folders aren't built.", "Choose a key such as app.zip."
            )
        if self.cancel:
            self.asked.require_stack()
        if self.until is Until.RUNNING:
            require_follower(self.asked, self.terminal)

    def list(self, source: Source) -> None:
        """Lists what would be sent."""
        files = source.files
        if self.as_json:
            self.terminal.answer(json_of([{"name": name, "size": size} for name, size in files]))
        else:
            self.terminal.answer(*(safe(name) for name, _ in files))

    def send(self, zipped: Path, size: int, key: str) -> ObjectVersion:
        """Sends the zip."""
        with self.terminal.sending(key, size) as sent:
            version = s3_transfer.send(self.asked.access, self.asked.stack, key, zipped, sent)
        self.terminal.note(f"sent as s3://{version.bucket}/{version.key}", timed=True)
        return version

    def leave(self, version: ObjectVersion) -> int:
        """Shows how to follow the upload, and returns the exit code."""
        self.terminal.note(f"To follow it: {self.going_on(version)}")
        if self.as_json:
            self.terminal.answer(json_of(names_of(self.asked.stack, version)))
        return 0

    def follow(self, version: ObjectVersion) -> int:
        """Follows the upload and returns the exit code. Ctrl-C stops following.

        Raises:
            Problem: it can't be followed any longer. The command to continue was printed before.
        """
        follower = Follower(self.asked.access, self.asked.stack, version, self.until, self.pause, self.timeout)
        try:
            state = self.terminal.watch(follower.follow())
        except KeyboardInterrupt:
            self.interrupted(version)
            return INTERRUPTED
        except Problem:
            self.terminal.note(f"To follow it: {self.going_on(version)}", even_if_quiet=True)
            raise
        return self.end(state, follower)

    def interrupted(self, version: ObjectVersion) -> None:
        """Shows how to continue following, or stops the build."""
        if not self.cancel:
            to_follow = self.going_on(version)
            self.terminal.note(f"Interrupted. The upload continues. To follow it: {to_follow}", even_if_quiet=True)
            return
        self.terminal.note("Interrupted. Stopping the build …", even_if_quiet=True)
        later = self.asked.stack.command("cancel", key=version.key)
        try:
            if self.stopped(version):
                self.terminal.note("The build was stopped.", even_if_quiet=True)
            else:
                self.terminal.report(WARNING, f"There is no build to stop yet. To stop it later: {later}")
        except Problem as problem:
            self.terminal.report(ERROR, f"The build wasn't stopped. {problem.what}", problem.to_do)
            self.terminal.note(f"To stop it later: {later}", even_if_quiet=True)

    def stopped(self, version: ObjectVersion) -> bool:
        """Stops the build, for which it waits some seconds. Returns False if there was none."""
        for _ in range(LOOKS_FOR_BUILD):
            with in_words():
                running = self.asked.running(version=version)
                for build in running:
                    codebuild.stop(self.asked.access, build.id)
            if running:
                return True
            self.pause(1)
        return False

    def reject(self, key: str, reason: Reason, *, dry_run: bool) -> int:
        """Reports why nothing is sent and returns the exit code. A dry run has printed its list as the answer."""
        state = State(ObjectVersion(self.asked.stack.bucket, key, ""), "rejected", reason=str(reason))
        self.terminal.note(state.name, STYLES[state.name], timed=True)
        if self.as_json and not dry_run:
            self.terminal.answer(json_of(detail_of(self.asked.stack, state)))
        self.terminal.report(ERROR, state.reason, "Nothing was sent.")
        return EXIT_CODES[state.name]

    def end(self, state: State, follower: Follower) -> int:
        """Reports the result, with only the URI on stdout, and returns the exit code."""
        result = Result.of(state, follower)
        result.name(self.terminal)
        try:
            if self.as_json:
                self.terminal.answer(result.json)
            elif state.image_uri:
                self.terminal.answer(state.image_uri)
        except OSError as error:
            what = f"The upload is {state.name}, but stdout can't be written: {error.strerror}."
            to_see = self.asked.stack.command("status", key=state.version.key)
            self.terminal.report(ERROR, what, f"To see its image: {to_see}")
            return result.exit_code or UNDONE
        result.explain(self.terminal)
        return result.exit_code

    def going_on(self, version: ObjectVersion) -> str:
        """The command that follows the upload."""
        return going_on(self.asked.stack, version, self.until)


def key_of(path: Path) -> str:
    """The default key of a source: its folder's name with .zip, or the zip's name."""
    name = path.resolve().name
    return name if path.is_file() else f"{name or 'source'}.zip"
