"""What is looked at before a source is sent: how much it is, what of it is slow or secret."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from core.reasons import Reason
from ship.base_images import from_docker_hub, limited
from ship.packing import IGNORE
from ship.printable import safe
from ship.private_files import private_files
from ship.problem import Problem
from ship.sources import Folder, Source
from ship.stack import Stack
from ship.terminal import Terminal

LARGEST_SHOWN = 5
LARGE, LONG_TO_PACK = 100 * 1024 * 1024, 20 * 1024 * 1024


def show(path: Path, source: Source, terminal: Terminal) -> None:
    """Shows how much would be sent, and what most of it is."""
    files = source.files
    total = amount(sum(size for _, size in files))
    terminal.say(f"{path}: {len(files)} {'file' if len(files) == 1 else 'files'}, {total}")
    for name, size in sorted(files, key=lambda each: -each[1])[:LARGEST_SHOWN]:
        terminal.say(f"  {amount(size):>9}  {safe(name)}", "dim")
    if len(files) > LARGEST_SHOWN:
        terminal.say(f"             and {len(files) - LARGEST_SHOWN} more", "dim")
    if sum(size for _, size in files) > LONG_TO_PACK:
        terminal.say("  packing …")


def warn(source: Source, size: int, stack: Stack, terminal: Terminal) -> None:
    """Warns of what works, and may take long or fail at times; `size` is the zip's."""
    if size > LARGE:
        terminal.warn(f"{amount(size)} is much. What the image doesn't need goes into {IGNORE}.")
    if not stack.has_mirror and stack.dockerfile in dict(source.files):
        for image in from_docker_hub(source.read(stack.dockerfile).decode(errors="replace")):
            terminal.warn(limited(image))


def no_dockerfile(path: Path, source: Source, stack: Stack) -> Reason | None:
    """Why a folder can't be built that has no Dockerfile, with the command that sends the one which has."""
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
        hint = f" There is one deeper: {stack.command('up', key=str(path / nearest.removesuffix(stack.dockerfile)))}"
    return Reason("no-dockerfile", f"There is no file {stack.dockerfile} in {path}.{hint}")


def refuse_private(source: Source, allowed: Sequence[str]) -> None:
    """Refuses what looks like a secret, unless the caller allows it.

    Raises:
        Problem: there is something.
    """
    found = [each for each in private_files(source.files, source.read) if each.name not in allowed]
    if found:
        listed = "".join(f"\n  {safe(each.name)}: {each.holds}" for each in found)
        options = shlex.join(word for each in found for word in ("--allow", each.name))
        raise Problem(
            f"This looks like secrets, and what is sent may end up in the image:{listed}",
            f"{source.to_leave_out}, or say that it may be sent: {options}",
        )


def amount(size: int) -> str:
    """A number of bytes for people."""
    number, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if number < 1024:
            break
        number, unit = number / 1024, larger
    return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
