"""Pushes the image, and with it its tag."""

from builder.commands import Failed, follow, telling
from builder.variables import Variables
from core import reasons


def push(asked: Variables) -> None:
    """Pushes the image under its tag.

    Raises:
        Failed: the repository doesn't have the tag afterwards.
    """
    ended = follow(["docker", "push", asked.image])
    if ended.code == 0:
        print(f"Pushed {asked.image}")
        return
    from builder import registry  # it imports boto3, which only this case needs

    if not registry.has(asked):
        raise Failed(reasons.push_failed(telling(ended.output.decode(errors="replace"))))
    print(f"Another build of this upload was first to push {asked.image_tag}.")
