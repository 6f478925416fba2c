"""`ship up`: packs a source, looks at it, sends it, and follows it to its image."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.reasons import Reason
from core.uploads import ObjectVersion
from ship import inspection, project, sending, sources
from ship.access import in_words
from ship.asked import Asked
from ship.following import Follower
from ship.outcomes import EXIT_CODES, INTERRUPTED, detail_of, going_on, names_of
from ship.patience import FOLLOWED
from ship.problem import UNDONE, Problem
from ship.sources import Source
from ship.states import State
from ship.terminal import STYLES, Terminal, answer, answer_json

LOOKS_FOR_BUILD = 20
"""So many seconds an interrupted `ship up --cancel` waits for the build that it stops."""


@dataclass(frozen=True)
class Uploading:
    """What was asked for: `cancel` stops the build on Ctrl-C; after `timeout` seconds it is no longer followed."""

    asked: Asked
    terminal: Terminal
    as_json: bool = False
    cancel: bool = False
    pause: Callable[[float], None] = time.sleep
    timeout: float = FOLLOWED

    def up(self, path: Path, key: str | None, allowed: Sequence[str], *, dry_run: bool, follow: bool) -> int:
        """Does it, and gives the exit code.

        Raises:
            Problem: it can't be sent, or not be followed.
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
            self.terminal.say(f"  as a zip: {inspection.amount(size)}")
            inspection.warn(seen, size, stack, self.terminal)
            if dry_run:
                return 0
            version = self.send(zipped, size, key)
        return self.follow(version) if follow else self.leave(version)

    def refuse(self, key: str) -> None:
        """Refuses what would be sent in vain, or couldn't be done later.

        Raises:
            Problem: it is so.
        """
        try:
            key.encode()
        except UnicodeEncodeError:
            raise Problem("The folder's name isn't UTF-8.", "Give a key: --key app.zip.") from None
        if key.endswith("/"):
            raise Problem(f"{key} would be a folder, and folders are no uploads.", "Give a key such as app.zip.")
        if self.cancel:
            self.asked.require_stack()

    def list(self, source: Source) -> None:
        """Lists what would be sent."""
        files = source.files
        if self.as_json:
            answer_json([{"name": name, "size": size} for name, size in files])
        else:
            answer(*(name for name, _ in files))

    def send(self, zipped: Path, size: int, key: str) -> ObjectVersion:
        """Sends it."""
        with self.terminal.sending(key, size) as sent:
            version = sending.send(self.asked.access, self.asked.stack, key, zipped, sent)
        self.terminal.timed(f"sent as s3://{version.bucket}/{version.key}")
        return version

    def leave(self, version: ObjectVersion) -> int:
        """Doesn't follow it, and says how to."""
        self.terminal.say(f"To follow it: {going_on(self.asked.stack, version)}")
        if self.as_json:
            answer_json(names_of(self.asked.stack, version))
        return 0

    def follow(self, version: ObjectVersion) -> int:
        """Follows it to its end, and gives the exit code; Ctrl-C ends the following.

        Raises:
            Problem: it can't be followed any more; how to go on is said before.
        """
        follower = Follower(self.asked.access, self.asked.stack, version, self.pause, self.timeout)
        try:
            state = self.terminal.watch(follower.follow())
        except KeyboardInterrupt:
            self.interrupted(version)
            return INTERRUPTED
        except Problem:
            self.terminal.tell(f"To follow it: {going_on(self.asked.stack, version)}")
            raise
        return self.end(state, follower)

    def interrupted(self, version: ObjectVersion) -> None:
        """Says how to go on, or stops the build."""
        if not self.cancel:
            self.terminal.tell(f"Interrupted; the upload goes on. To follow it: {going_on(self.asked.stack, version)}")
            return
        self.terminal.tell("Interrupted. Stopping the build …")
        later = self.asked.stack.command("cancel", key=version.key)
        try:
            if self.stopped(version):
                self.terminal.tell("The build is stopped.")
            else:
                self.terminal.warn(f"There is no build to stop yet. To stop it later: {later}")
        except Problem as problem:
            self.terminal.fail(f"The build wasn't stopped. {problem.what}", problem.to_do)
            self.terminal.tell(f"To stop it later: {later}")

    def stopped(self, version: ObjectVersion) -> bool:
        """Stops the build, for which it waits a moment; False if none came."""
        for _ in range(LOOKS_FOR_BUILD):
            with in_words():
                running = self.asked.running(version=version)
                for build in running:
                    project.stop(self.asked.access, build.id)
            if running:
                return True
            self.pause(1)
        return False

    def reject(self, key: str, reason: Reason, *, dry_run: bool) -> int:
        """Says why nothing is sent, and gives the exit code. The answer of a dry run is its list."""
        state = State(ObjectVersion(self.asked.stack.bucket, key, ""), "rejected", reason=str(reason))
        self.terminal.timed(state.name, STYLES[state.name])
        if self.as_json and not dry_run:
            answer_json(detail_of(self.asked.stack, state))
        self.terminal.fail(state.reason, "Nothing was sent.")
        return EXIT_CODES[state.name]

    def end(self, state: State, follower: Follower) -> int:
        """Says the end, the URI alone on stdout, and gives the exit code."""
        self.terminal.timed(state.name, STYLES[state.name])
        reason = follower.reason() if state.name == "failed" else None
        ending = follower.ending() if state.name == "recorded" else None
        try:
            if self.as_json:
                build_id = follower.build["id"] if follower.build else None
                answer_json(detail_of(self.asked.stack, state, build_id, reason, ending))
            elif state.image_uri:
                answer(state.image_uri)
        except OSError as error:
            what = f"The upload is {state.name}, and stdout can't be written: {error.strerror}."
            self.terminal.fail(what, f"To see its image: {self.asked.stack.command('status', key=state.version.key)}")
            return EXIT_CODES[state.name] or UNDONE
        if ending:
            self.terminal.warn_of_ending(ending)
        if reason or state.reason:
            self.terminal.fail(str(reason or state.reason))
        return EXIT_CODES[state.name]


def key_of(path: Path) -> str:
    """The key of a source: the name of its folder, or the zip's own."""
    name = path.resolve().name
    return name if path.is_file() else f"{name or 'source'}.zip"
