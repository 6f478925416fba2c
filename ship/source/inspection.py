"""The checks before a source is sent: size, secrets, foreign packages and Docker Hub images."""

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from core.reasons import Reason
from ship.aws.cloudformation import Stack
from ship.printable import safe
from ship.problem import Problem
from ship.source.docker_hub import from_docker_hub, limited
from ship.source.packing import IGNORE
from ship.source.private_files import PrivateFile, by_content, named_like_secrets, packages_of, private_files
from ship.source.sources import Folder, Source
from ship.terminal import WARNING, Terminal

LARGEST_SHOWN = 5
MOST_LISTED = 10
LARGE, LONG_TO_PACK = 100 * 1024 * 1024, 20 * 1024 * 1024


def show(path: Path, source: Source, terminal: Terminal) -> None:
    """Shows how much would be sent, and the largest files."""
    there = source.files
    total = sum(size for _, size in there)
    terminal.note(f"{path}: {len(there)} {files(len(there))}, {amount(total)}")
    for name, size in sorted(there, key=lambda each: -each[1])[:LARGEST_SHOWN]:
        terminal.note(f"  {amount(size):>9}  {safe(name)}", "dim")
    if len(there) > LARGEST_SHOWN:
        terminal.note(f"             and {len(there) - LARGEST_SHOWN} more", "dim")


def say_packing(source: Source, terminal: Terminal) -> None:
    """Announces the packing if it will take a while."""
    if isinstance(source, Folder) and sum(size for _, size in source.files) > LONG_TO_PACK:
        terminal.note("  packing …")


@dataclass
class Seen:
    """The findings in the source's small files, each of which is read only once. `dockerfile` is a path."""

    dockerfile: str
    private: list[PrivateFile] = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    def see(self, name: str, content: bytes) -> None:
        """Checks a file."""
        if holds := by_content(name, content):
            self.private.append(PrivateFile(name, holds))
        if name == self.dockerfile:
            self.images = from_docker_hub(content.decode(errors="replace"))


def warn_of_programs(source: Source, terminal: Terminal) -> None:
    """Warns of packages that were installed for the uploader's machine, which may not run in the image."""
    counts = Counter(folder for name, _ in source.files if (folder := packages_of(name)))
    if counts:
        folders = listed([f"{safe(name)} ({count} {files(count)})" for name, count in counts.most_common()], ", ", 3)
        terminal.report(
            WARNING,
            f"Packages that were installed for this machine are sent: {folders}. Their programs may not run on arm64, "
            f"and the Dockerfile can install its own. {source.to_leave_out}.",
        )


def warn(seen: Seen, size: int, stack: Stack, terminal: Terminal) -> None:
    """Warns of what works but may be slow or fail at times. `size` is the zip's size in bytes."""
    if size > LARGE:
        terminal.report(WARNING, f"{amount(size)} is a lot. List what the image doesn't need in {IGNORE}.")
    if not stack.has_mirror:
        for image in seen.images:
            terminal.report(WARNING, limited(image))


def no_dockerfile(path: Path, source: Source, stack: Stack) -> Reason | None:
    """The reason if a folder has no Dockerfile, with the command for a subfolder that has one."""
    names = [name for name, _ in source.files]
    if not isinstance(source, Folder) or stack.dockerfile in names or not stack.is_known:
        return None
    wanted = stack.dockerfile.rpartition("/")[2]
    nested = [name for name in names if name.endswith(f"/{stack.dockerfile}") and "node_modules/" not in name]
    similar = [name for name in names if re.fullmatch(r"(?i)(dockerfile|containerfile)(\.\w+)?", name)]
    hint = ""
    if similar:
        hint = f" There is {similar[0]}: name it {wanted}"
    elif nested:
        nearest = min(nested, key=lambda name: name.count("/"))
        hint = f" A subfolder has one: {stack.command('up', key=str(path / nearest.removesuffix(stack.dockerfile)))}"
    return Reason("no-dockerfile", f"There is no {stack.dockerfile} in {path}.{hint}")


def refuse_names(source: Source, allowed: Sequence[str]) -> None:
    """Refuses files whose names look secret, before anything is packed.

    Raises:
        Problem: there are some. It also lists files whose content looks secret.
    """
    if not_allowed(named_like_secrets(name for name, _ in source.files), allowed):
        refuse_private(private_files(source.files, source.read), source, allowed)


def refuse_private(found: Iterable[PrivateFile], source: Source, allowed: Sequence[str]) -> None:
    """Refuses files that look like secrets, unless the caller allows them.

    Raises:
        Problem: there are some.
    """
    private = not_allowed(found, allowed)
    if not private:
        return
    lines = listed([f"{safe(each.name)}: {each.holds}" for each in private], "\n  ", MOST_LISTED)
    to_allow = [each.name for each in private[:MOST_LISTED]]
    options = shlex.join(word for name in to_allow for word in ("--allow", name))
    more = " …; a pattern allows many at once: --allow 'tests/*'" if len(private) > MOST_LISTED else ""
    raise Problem(
        f"These files look like secrets, and the image may contain what you send:\n  {lines}",
        f"{source.to_leave_out}, or allow it: {options}{more}",
    )


def not_allowed(found: Iterable[PrivateFile], allowed: Sequence[str]) -> list[PrivateFile]:
    """The findings that are allowed neither by their name nor by a pattern."""
    return [
        each
        for each in found
        if each.name not in allowed and not any(fnmatchcase(each.name, pattern) for pattern in allowed)
    ]


def listed(texts: Sequence[str], between: str, most: int) -> str:
    """The first texts, and how many more there are."""
    more = [f"… and {len(texts) - most} more"] if len(texts) > most else []
    return between.join([*texts[:most], *more])


def files(count: int) -> str:
    """`file` or `files`."""
    return "file" if count == 1 else "files"


def amount(size: int) -> str:
    """A number of bytes for people."""
    number, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if number < 1024:
            break
        number, unit = number / 1024, larger
    return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
