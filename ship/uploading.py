"""`ship up`: packs a source, looks at it, sends it, and follows it to its image."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.uploads import ObjectVersion
from ship import project, sending, sources
from ship.access import Access, in_words
from ship.asked import Asked
from ship.base_images import elsewhere, from_docker_hub
from ship.following import Follower
from ship.packing import IGNORE
from ship.private_files import private_files
from ship.problem import Problem
from ship.sources import Source
from ship.stack import Stack
from ship.states import State
from ship.terminal import STYLES, Terminal, answer

LARGEST_SHOWN = 5
LARGE = 100 * 1024 * 1024
EXIT_CODES = {"recorded": 0, "failed": 1, "rejected": 1, "superseded": 3}
INTERRUPTED = 130


@dataclass(frozen=True)
class Uploading:
    """What was asked for."""

    access: Access
    stack: Stack
    terminal: Terminal
    as_json: bool = False

    def up(
        self, path: Path, key: str | None, allowed: Sequence[str], *, dry_run: bool, follow: bool, cancel: bool
    ) -> int:
        """Does it, and gives the exit code.

        Raises:
            Problem: it can't be sent.
        """
        source = sources.source_at(path, self.stack.dockerfile)
        self.show(path, source)
        refuse_private(source, allowed)
        with sources.opened(source) as (zipped, size):
            self.terminal.say(f"  as a zip: {amount(size)}")
            self.warn_of(source, size)
            if reason := sources.rejected(zipped, self.stack):
                self.terminal.fail(f"rejected: {reason}", "Nothing was sent.")
                return EXIT_CODES["rejected"]
            if dry_run:
                answer("\n".join(name for name, _ in source.files))
                return 0
            version = self.send(zipped, size, key or key_of(path))
        return self.follow(version, cancel=cancel) if follow else self.leave(version)

    def show(self, path: Path, source: Source) -> None:
        """Shows how much would be sent, and what most of it is."""
        files = source.files
        self.terminal.say(f"{path}: {counted(len(files), 'file')}, {amount(sum(size for _, size in files))}")
        for name, size in sorted(files, key=lambda each: -each[1])[:LARGEST_SHOWN]:
            self.terminal.say(f"  {amount(size):>9}  {shown(name)}", "dim")

    def warn_of(self, source: Source, size: int) -> None:
        """Warns of what works, and may take long or fail at times."""
        if size > LARGE:
            self.terminal.warn(f"{amount(size)} is much. What the image doesn't need goes into {IGNORE}.")
        dockerfile = self.stack.dockerfile
        if dockerfile in dict(source.files):
            for image in from_docker_hub(source.read(dockerfile).decode(errors="replace")):
                same = elsewhere(image)
                to_do = f" {same} is the same image." if same else ""
                self.terminal.warn(f"{image} comes from Docker Hub, which limits pulls.{to_do}")

    def send(self, zipped: Path, size: int, key: str) -> ObjectVersion:
        """Sends it."""
        with self.terminal.sending(key, size) as sent:
            version = sending.send(self.access, self.stack, key, zipped, sent)
        self.terminal.timed(f"sent as s3://{version.bucket}/{version.key}")
        return version

    def leave(self, version: ObjectVersion) -> int:
        """Doesn't follow it, and says how to."""
        self.terminal.say(f"To follow it: {going_on(version)}")
        if self.as_json:
            answer(json.dumps(names_of(self.stack, version)))
        return 0

    def follow(self, version: ObjectVersion, *, cancel: bool) -> int:
        """Follows it to its end; Ctrl-C ends the following, and the build too if that was asked for."""
        follower = Follower(self.access, self.stack, version)
        try:
            state = self.terminal.watch(follower.follow())
        except KeyboardInterrupt:
            if cancel:
                self.stop(version)
            else:
                self.terminal.say(f"Interrupted; the upload goes on. To follow it: {going_on(version)}")
            return INTERRUPTED
        return self.end(state, follower)

    def stop(self, version: ObjectVersion) -> None:
        """Stops the build, if there is one yet."""
        with in_words():
            running = Asked(self.access, self.stack).running(version)
            for build in running:
                project.stop(self.access, build.id)
        if running:
            self.terminal.say("Interrupted, and the build is stopped.")
        else:
            self.terminal.warn(f"Interrupted. There is no build to stop yet: ship cancel {version.key}")

    def end(self, state: State, follower: Follower) -> int:
        """Says the end: the URI alone on stdout, all else on stderr."""
        self.terminal.timed(state.name, STYLES[state.name])
        if self.as_json:
            answer(json.dumps(detail_of(self.stack, state, follower.build["id"] if follower.build else None)))
        elif state.image_uri:
            answer(state.image_uri)
        if state.name == "failed":
            self.terminal.fail(follower.reason() or state.reason)
        elif state.reason:
            self.terminal.fail(state.reason)
        return EXIT_CODES[state.name]


def refuse_private(source: Source, allowed: Sequence[str]) -> None:
    """Refuses what looks like a secret, unless the caller allows it.

    Raises:
        Problem: there is something.
    """
    found = [each for each in private_files(source.files, source.read) if each.name not in allowed]
    if found:
        listed = "".join(f"\n  {shown(each.name)}: {each.holds}" for each in found)
        names = " ".join(f"--allow {shown(each.name)}" for each in found)
        raise Problem(
            f"This looks like secrets, and what is sent may end up in the image:{listed}",
            f"Name it in {IGNORE}, or say that it may be sent: {names}",
        )


def key_of(path: Path) -> str:
    """The key of a source: the name of its folder, or the zip's own."""
    name = path.resolve().name
    return name if path.is_file() else f"{name or 'source'}.zip"


def going_on(version: ObjectVersion) -> str:
    """The command that follows an upload."""
    return f"ship logs {version.key} --version {version.version_id} --follow"


def names_of(stack: Stack, version: ObjectVersion) -> dict[str, str | None]:
    """Which upload it is, in the words of the events."""
    return {
        "service": stack.service or None,
        "bucket": version.bucket,
        "key": version.key,
        "versionId": version.version_id,
    }


def detail_of(stack: Stack, state: State, build_id: str | None) -> dict[str, str | None]:
    """What became of an upload, in the words of the events: docs/events.md."""
    return {
        **names_of(stack, state.version),
        "status": state.name,
        "reason": state.reason or None,
        "imageTag": state.image_tag,
        "imageUri": state.image_uri or None,
        "buildId": build_id,
    }


def amount(size: int) -> str:
    """A number of bytes for people."""
    number, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if number < 1024:
            break
        number, unit = number / 1024, larger
    return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"


def counted(number: int, what: str) -> str:
    """A number of things."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def shown(name: str) -> str:
    """A name as a terminal may show it."""
    return name.encode(errors="replace").decode()
