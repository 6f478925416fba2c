"""To which image a rollback goes, and which one ends it."""

from collections.abc import Collection

from core.build_tags import is_build_tag
from ship.problem import Problem
from ship.records import Records


def older(records: Records, to: str | None, given_up: Collection[str] = ()) -> str:
    """The build tag to go back to: the one that is asked for, or the newest recorded before the present image.

    Args:
        records: what was recorded.
        to: the one that is asked for.
        given_up: the digests of images that ECS gave up. Only `to` goes back to one of them.

    Raises:
        Problem: there is none, it is gone, or the parameter names it already.
    """
    current = records.current
    if to is None:
        return before(records, given_up)
    if not is_build_tag(to):
        raise Problem(f"{to} is no build tag.", "The history lists those that were recorded.")
    if not records.has(to):
        raise Problem(f"The image {to} isn't in the repository any more.", "The history marks those that expired.")
    if records.tagged[to] == current.digest:
        raise Problem(f"The parameter names {to} already.")
    return to


def before(records: Records, given_up: Collection[str]) -> str:
    """The newest build tag that was recorded before the present one, of another image that is still there."""
    present = records.current_tag
    older_ones = [
        tag
        for tag, uri in records.recorded.items()
        if (not present or tag < present) and uri != records.current.uri  # one source may give the same image twice
    ]
    there = [tag for tag in older_ones if records.has(tag)]
    healthy = [tag for tag in there if records.tagged[tag] not in given_up]
    if healthy:
        return healthy[-1]
    if there:
        raise Problem(
            "ECS gave up every image that was recorded before and is still there.", "Name another one: --to TAG."
        )
    if older_ones:
        raise Problem("The images that were recorded before have expired.", "Upload the older source again.")
    raise Problem("Nothing was recorded before this image.", "Name another image with --to TAG, or upload one.")


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
