"""`ship cancel`: the end of a build before its time."""

from ship import project
from ship.access import in_words
from ship.asked import Asked
from ship.problem import Problem
from ship.terminal import Terminal


def cancel(asked: Asked, terminal: Terminal) -> None:
    """Stops the builds of an upload that wait or run: by default the only one there is.

    Raises:
        Problem: there is none, or more than one, or AWS says no.
    """
    version = asked.version() if asked.version_id else None
    with in_words():
        running = asked.running(asked.key, version)
        if not running:
            raise Problem(f"No build of {asked.key} waits or runs." if asked.key else "No build waits or runs.")
        keys = sorted({build.version.key for build in running})
        if len(keys) > 1 and not asked.key:
            one = asked.stack.command("cancel", key=keys[0])
            raise Problem(f"Several builds wait or run: {', '.join(keys)}.", f"Name one, such as: {one}")
        for build in running:
            project.stop(asked.access, build.id)
    terminal.out(f"The build of {keys[0]} is stopped. The upload will say so: failed, stopped.")
