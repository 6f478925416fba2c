"""Stops builds."""

from ship.asked import Asked
from ship.aws import codebuild
from ship.problem import Problem
from ship.terminal import Terminal


def stop(asked: Asked, terminal: Terminal) -> None:
    """Stops the waiting and running builds of an upload, by default the only one.

    Raises:
        Problem: there is none, or there are several.
    """
    version = asked.version() if asked.version_id else None
    running = asked.running(asked.key, version)
    if not running:
        raise Problem(
            f"There is no waiting or running build of {asked.key}."
            if asked.key
            else "There is no waiting or running build."
        )
    keys = sorted({build.version.key for build in running})
    if len(keys) > 1 and not asked.key:
        one = asked.stack.command("cancel", key=keys[0])
        raise Problem(
            f"There are several waiting or running builds: {', '.join(keys)}.", f"Choose one, for example: {one}"
        )
    for build in running:
        codebuild.stop(asked.access, build.id)
    terminal.answer(f"Stopped the build of {keys[0]}. The upload will fail with the reason stopped.")
