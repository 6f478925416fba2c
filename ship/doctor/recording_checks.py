"""Checks that the parameter names the newest image, and that the image can't expire."""

from collections.abc import Iterator
from datetime import UTC, datetime

from core.build_tags import BuildTags
from ship.asked import Asked
from ship.aws.records import Records, records
from ship.doctor.findings import OK, PROBLEM, WARNING, Finding


def of_recording(asked: Asked) -> Iterator[Finding]:
    """The image that the parameter names, and whether it exists and can't expire."""
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
        yield Finding(WARNING, f"Tags that look like build tags but aren't recorded: {listed}.", "Remove them.")


def of_parameter(found: Records, asked: Asked) -> Finding:
    """Whether the parameter names the newest image."""
    current, name = found.current, asked.stack.parameter
    if not current.uri.startswith(f"{found.repository_uri}@sha256:"):
        return Finding(
            PROBLEM,
            f"{name} names {current.uri}, which isn't an image of this stack.",
            f"To restore the previous image: {asked.stack.command('rollback')}",
        )
    if found.is_rolled_back:
        return Finding(
            WARNING,
            f"{name} is rolled back to {found.current_tag or current.uri}.",
            f"This holds until the next upload. To end it: {asked.stack.command('forward')}",
        )
    return Finding(OK, f"{name} names {found.current_tag}.")


def of_image(found: Records) -> Finding:
    """Whether the image that the parameter names exists and can't expire."""
    digest = found.current.uri.partition("@")[2]
    if digest not in found.tagged.values():
        return Finding(
            PROBLEM,
            "The image that the parameter names isn't in the repository.",
            "Roll back to an image that is there, or upload again.",
        )
    kept = found.protection(digest)
    if kept:
        return Finding(OK, f"The image exists, and the tag {kept} keeps it from expiring.")
    return Finding(
        WARNING, "The image has no tag that keeps it from expiring.", "RecordImage adds one within 15 minutes."
    )
