"""Chooses the image for `ship rollback` and `ship forward`."""

from collections.abc import Collection

from core.build_tags import is_build_tag
from ship.aws.records import Records
from ship.problem import Problem


def older(records: Records, to: str | None, given_up: Collection[str] = ()) -> str:
    """The build tag to roll back to: the given one, or the newest recorded before the current image.

    Args:
        records: the recorded images.
        to: the build tag that the caller asks for.
        given_up: digests of images that ECS gave up. They are skipped unless `to` names one.

    Raises:
        Problem: there is none, it is gone, or the parameter already names it.
    """
    current = records.current
    if to is None:
        return before(records, given_up)
    if not is_build_tag(to):
        raise Problem(f"{to} isn't a build tag.", "The history lists the recorded build tags.")
    if not records.has(to):
        raise Problem(f"The image {to} isn't in the repository any more.", "The history marks expired images.")
    if records.tagged[to] == current.digest:
        raise Problem(f"The parameter already names {to}.")
    return to


def before(records: Records, given_up: Collection[str]) -> str:
    """The newest build tag recorded before the current one, of a different image that still exists."""
    present = records.current_tag
    older_ones = [
        tag
        for tag, uri in records.recorded.items()
        if (not present or tag < present) and uri != records.current.uri  # two uploads can result in the same image
    ]
    there = [tag for tag in older_ones if records.has(tag)]
    healthy = [tag for tag in there if records.tagged[tag] not in given_up]
    if healthy:
        return healthy[-1]
    if there:
        raise Problem("ECS gave up every earlier image that still exists.", "Choose one anyway: --to TAG.")
    if older_ones:
        raise Problem("All earlier images have expired.", "Upload the older source again.")
    raise Problem("Nothing was recorded before this image.", "Choose another image with --to TAG, or upload one.")


def newest(records: Records) -> str:
    """The build tag to go forward to.

    Raises:
        Problem: nothing is rolled back, or it is gone.
    """
    tag = records.newest
    if not records.current or not records.is_rolled_back:
        raise Problem("Nothing is rolled back: the parameter names the newest recorded image.")
    if not records.has(tag):
        raise Problem(f"The image {tag} isn't in the repository any more.", "Upload its source again.")
    return tag
