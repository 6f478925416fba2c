"""`ship logs`."""

from typing import Annotated

import typer

from ship.options import Key, Timeout, UntilOption, Version, verb
from ship.place import Place
from ship.problem import Problem
from ship.until import Until


@verb
def logs(
    place: Place,
    key: Key = None,
    version: Version = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Continue until the upload has its result.")] = False,
    until: UntilOption = Until.RECORDED,
    app: Annotated[bool, typer.Option("--app", help="Print the log of the ECS service's newest task instead.")] = False,
    timeout: Timeout = 300,
) -> int | None:
    """Print a build's log; with --follow, while the build runs. With --app, print what the running image prints.

    With --follow, the exit codes are those of `ship up`. With --app --follow, it ends with Ctrl-C.

    Example: `ship logs hello.zip --follow`
    """
    if app and key:
        raise Problem("With --app, the log is the ECS service's, not an upload's.", "Leave out the key.")
    if until is Until.RUNNING and (app or not follow):
        raise Problem("--until is for following an upload.", "Use it with --follow and without --app.")
    from ship.asked import asked_at
    from ship.deployments.task_log import TaskLog
    from ship.terminal import Terminal
    from ship.uploads import log_printing

    asked = asked_at(place, key, version)
    if app:
        return TaskLog(asked, Terminal()).show(follow=follow)
    if follow:
        return log_printing.follow(asked, Terminal(), timeout * 60, until)
    log_printing.show(asked, Terminal())
    return None
