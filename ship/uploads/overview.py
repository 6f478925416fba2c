"""The status of an upload, or the recorded image, the ECS service that runs it, and the last uploads."""

from botocore.exceptions import ClientError

from ship.asked import Asked
from ship.aws.ecs_service import digest_of
from ship.aws.errors import action_of, is_refusal
from ship.aws.records import Records, records
from ship.aws.s3 import State
from ship.deployments import comparison
from ship.deployments.comparison import Images
from ship.outcomes import detail_of
from ship.printable import json_of
from ship.terminal import STYLES, WARNING, Terminal, moment, of_tag

UPLOADS_SHOWN = 10


def of_upload(asked: Asked, key: str, terminal: Terminal, *, as_json: bool) -> None:
    """Shows the status of an upload.

    Raises:
        Problem: there is none.
    """
    state = asked.state(key)
    if as_json:
        terminal.answer(json_of(detail_of(asked.stack, state)))
        return
    terminal.answer(state.name or "no status yet", style=STYLES.get(state.name, ""))
    for line in (state.reason, state.image_tag, state.image_uri):
        if line:
            terminal.answer(line)


def of_service(asked: Asked, terminal: Terminal, *, as_json: bool) -> None:
    """Shows the recorded image, what the ECS service runs, and the last uploads."""
    asked.require_stack()
    found = records(asked.access, asked.stack)
    last = asked.last(UPLOADS_SHOWN)
    images = images_of(asked, terminal) if found.namings else None
    if as_json:
        terminal.answer(json_of(summary(asked, found, last, images)))
        return
    tell_recorded(asked, found, last, terminal)
    if images:
        tell_images(asked, found.current.uri, images, terminal)
    terminal.answer("The last uploads that were built:" if last else "Nothing has been built yet.")
    for state in last:
        terminal.answer(
            f"  {of_tag(state.image_tag)}  {state.name:11}  {state.version.key}", style=STYLES.get(state.name, "")
        )
        if state.reason:
            terminal.answer(f"      {state.reason}", style="dim")


def images_of(asked: Asked, terminal: Terminal) -> Images | None:
    """The images of the ECS service. None if there is none, or, with a warning, if the caller can't see it."""
    try:
        return comparison.look(asked)
    except ClientError as error:
        if not is_refusal(error):
            raise
        what = f"You can't see what the ECS service runs without the permission {action_of(error)}."
        terminal.report(WARNING, what)
        return None


def tell_recorded(asked: Asked, found: Records, last: list[State], terminal: Terminal) -> None:
    """Shows the image that the parameter names, and the newest one if that is another."""
    parameter = asked.stack.parameter
    if not found.namings:
        terminal.answer(f"{parameter}: nothing is recorded yet.")
        return
    current = found.current
    terminal.answer(f"{parameter} names {found.current_tag or 'an image without a build tag'}", style="bold")
    terminal.answer(f"  {current.uri}")
    how = "recorded" if current.build_tag else f"by {current.by}: {current.description or 'no description'}"
    terminal.answer(f"  since {moment(current.since)}, {how}")
    if found.is_rolled_back:
        failed = any((state.image_tag, state.name) == (found.newest, "not-healthy") for state in last)
        to_do = "its deployment failed." if failed else asked.stack.command("forward")
        terminal.answer(f"  Rolled back. The newest recorded image is {found.newest}: {to_do}", style="yellow")


def tell_images(asked: Asked, recorded: str, images: Images, terminal: Terminal) -> None:
    """Shows the recorded image, the one that the service should run, and those that its tasks run."""
    terminal.answer(f"The {images.place}:", style="bold")
    tasks = sum(images.running.values())
    many = tasks > 1
    running = [f"{image}  {count} of {tasks} tasks" if many else image for image, count in images.running.items()]
    rows = [("parameter", digest_of(recorded)), ("task definition", images.defined or "nothing")]
    rows += [("running", image) for image in running or ["nothing"]]
    for title, image in rows:
        terminal.answer(f"  {title:15}  {image}")
    difference = comparison.difference(images, recorded, asked)
    if difference is None:
        terminal.answer("  The service runs the parameter's image.", style="green")
        return
    terminal.answer(f"  {difference.what}", style="yellow")
    terminal.answer(f"  {difference.advice(asked)}")


def summary(asked: Asked, found: Records, last: list[State], images: Images | None) -> dict[str, object]:
    """The recorded image, the ECS service and the last uploads, as the JSON has them."""
    return {
        "service": asked.stack.service,
        "parameter": asked.stack.parameter,
        "imageTag": found.current_tag if found.namings else None,
        "imageUri": found.current.uri if found.namings else None,
        "isRolledBack": bool(found.namings) and found.is_rolled_back,
        "ecsService": service_of(asked, found.current.uri, images) if images else None,
        "uploads": [detail_of(asked.stack, state) for state in last],
    }


def service_of(asked: Asked, recorded: str, images: Images) -> dict[str, object]:
    """The ECS service's images, as the JSON has them."""
    difference = comparison.difference(images, recorded, asked)
    return {
        "cluster": images.place.cluster,
        "service": images.place.service,
        "parameter": digest_of(recorded),
        "taskDefinition": images.defined or None,
        "running": [*images.running],
        "difference": difference.what if difference else None,
        "toDo": difference.advice(asked) if difference else None,
    }
