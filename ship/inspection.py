"""What is looked at before a source is sent: how much it is, what of it is slow or secret."""

from collections.abc import Sequence
from pathlib import Path

from ship.base_images import elsewhere, from_docker_hub
from ship.outcomes import command
from ship.packing import IGNORE
from ship.private_files import private_files
from ship.problem import Problem
from ship.sources import Source
from ship.terminal import Terminal, safe

LARGEST_SHOWN = 5
LARGE = 100 * 1024 * 1024


def show(path: Path, source: Source, terminal: Terminal) -> None:
    """Shows how much would be sent, and what most of it is."""
    files = source.files
    total = amount(sum(size for _, size in files))
    terminal.say(f"{path}: {len(files)} {'file' if len(files) == 1 else 'files'}, {total}")
    for name, size in sorted(files, key=lambda each: -each[1])[:LARGEST_SHOWN]:
        terminal.say(f"  {amount(size):>9}  {safe(name)}", "dim")


def warn(source: Source, size: int, dockerfile: str, terminal: Terminal) -> None:
    """Warns of what works, and may take long or fail at times; `size` is the zip's."""
    if size > LARGE:
        terminal.warn(f"{amount(size)} is much. What the image doesn't need goes into {IGNORE}.")
    if dockerfile in dict(source.files):
        for image in from_docker_hub(source.read(dockerfile).decode(errors="replace")):
            same = elsewhere(image)
            to_do = f" {same} is the same image." if same else ""
            terminal.warn(f"{image} comes from Docker Hub, which limits pulls.{to_do}")


def refuse_private(source: Source, allowed: Sequence[str]) -> None:
    """Refuses what looks like a secret, unless the caller allows it.

    Raises:
        Problem: there is something.
    """
    found = [each for each in private_files(source.files, source.read) if each.name not in allowed]
    if found:
        listed = "".join(f"\n  {safe(each.name)}: {each.holds}" for each in found)
        options = command("up", *(word for each in found for word in ("--allow", each.name))).removeprefix("ship up ")
        raise Problem(
            f"This looks like secrets, and what is sent may end up in the image:{listed}",
            f"Name it in {IGNORE}, or say that it may be sent: {options}",
        )


def amount(size: int) -> str:
    """A number of bytes for people."""
    number, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if number < 1024:
            break
        number, unit = number / 1024, larger
    return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
