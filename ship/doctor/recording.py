"""Whether the parameter names the newest image, and whether that stays."""

from collections.abc import Iterator
from datetime import UTC, datetime

from core.build_tags import BuildTags
from ship.asked import Asked
from ship.doctor.findings import OK, PROBLEM, WARNING, Finding
from ship.records import Records, records


def of_recording(asked: Asked) -> Iterator[Finding]:
    """What the parameter names, and whether that is there and stays."""
    found = records(asked.access, asked.stack)
    if not found.namings:
        to_do = f"Upload a source: {asked.stack.command('up')}"
        yield Finding(WARNING, f"{asked.stack.parameter} doesn't exist yet.", to_do)
        return
    yield of_parameter(found, asked)
    yield of_image(found)
    foreign = BuildTags.classified(found.tagged, datetime.now(UTC)).foreign
    if foreign:
        listed = ", ".join(foreign)
        yield Finding(WARNING, f"Tags that look like a build's, and aren't recorded: {listed}.", "Remove them.")


def of_parameter(found: Records, asked: Asked) -> Finding:
    """Whether the parameter names the newest image."""
    current, name = found.current, asked.stack.parameter
    if not current.uri.startswith(f"{found.repository_uri}@sha256:"):
        return Finding(
            PROBLEM,
            f"{name} names {current.uri}, no image of this stack.",
            f"Put back what was: {asked.stack.command('rollback')}",
        )
    if found.is_rolled_back:
        return Finding(
            WARNING,
            f"{name} is rolled back to {found.current_tag}.",
            f"It holds until the next upload, or until: {asked.stack.command('forward')}",
        )
    return Finding(OK, f"{name} names {found.current_tag}.")


def of_image(found: Records) -> Finding:
    """Whether the image that the parameter names is there, and can't expire."""
    digest = found.current.uri.partition("@")[2]
    if digest not in found.tagged.values():
        return Finding(PROBLEM, "Its image isn't in the repository.", "Roll back to one that is, or upload again.")
    kept = found.protection(digest)
    if kept:
        return Finding(OK, f"Its image is there, and {kept} keeps it from expiring.")
    return Finding(WARNING, "Its image has no protection yet.", "RecordImage gives it within a quarter of an hour.")
