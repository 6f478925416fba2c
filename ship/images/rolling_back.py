"""Writes another recorded image to the parameter: an older one, or the newest again."""

from botocore.exceptions import BotoCoreError, ClientError

from aws import ecr
from ship.asked import Asked
from ship.aws.errors import problem_of
from ship.aws.records import KEEP, Naming, Records, records
from ship.images import rollback_targets
from ship.images.given_up import given_up
from ship.printable import json_of
from ship.problem import Problem
from ship.terminal import WARNING, Terminal


def roll_back(asked: Asked, to: str | None, terminal: Terminal, *, as_json: bool) -> None:
    """Pins an older image and writes it to the parameter: this build tag's, or the previous image.

    Raises:
        Problem: there is nothing to roll back to.
    """
    found = records(asked.access, asked.stack)
    digests = given_up(asked, terminal) or frozenset()
    tag = rollback_targets.older(found, to, digests)
    if found.tagged[tag] in digests:
        terminal.report(WARNING, f"The newest deployment of {tag} failed.")
    pinned = pin(asked, found, tag)
    terminal.note(f"Pinned as {pinned}: it won't expire.")
    name(asked, found, tag, f"Rolled back to {tag} from {found.current_tag or found.current.uri}", terminal)
    terminal.note(f"This holds until an upload newer than {found.newest or tag} is recorded.")
    warn_of_builds(asked, found, terminal)
    terminal.answer(answer_of(found, tag, as_json=as_json))


def go_forward(asked: Asked, terminal: Terminal, *, as_json: bool) -> None:
    """Ends a rollback: writes the newest recorded image to the parameter.

    Raises:
        Problem: nothing is rolled back.
    """
    found = records(asked.access, asked.stack)
    tag = rollback_targets.newest(found)
    while True:
        overwritten = name(asked, found, tag, f"Forward again to {tag}", terminal)
        newer = max((each.build_tag for each in overwritten if each.build_tag), default="")
        if newer <= tag:
            break
        found, tag = records(asked.access, asked.stack), newer  # a newer image was recorded meanwhile
    terminal.answer(answer_of(found, tag, as_json=as_json))


def pin(asked: Asked, found: Records, build_tag: str) -> str:
    """Keeps an image from expiring with one more tag, and returns that tag.

    Raises:
        Problem: the image is gone.
    """
    client, repository, pinned = asked.access.ecr, asked.stack.repository, f"{KEEP}{build_tag}"
    if found.tagged.get(pinned) == found.tagged[build_tag]:
        return pinned
    image = ecr.image(client, repository, found.tagged[build_tag])
    if image is None:
        raise Problem(f"The image {build_tag} isn't in the repository any more.")
    ecr.tag(client, repository, image, pinned)
    return pinned


def name(asked: Asked, found: Records, tag: str, description: str, terminal: Terminal) -> list[Naming]:
    """Writes the image to the parameter. Returns the versions that others wrote meanwhile, which this overwrote.

    RecordImage recognizes its own versions by their descriptions.
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    """
    written = asked.access.ssm.put_parameter(
        Name=asked.stack.parameter,
        Value=uri_of(found, tag),
        Description=description,
        Type="String",
        DataType="text",
        Overwrite=True,
    )["Version"]
    terminal.note(
        f"{asked.stack.parameter} names {tag}, in place of {found.current_tag or found.current.uri}.", "green"
    )
    overwritten = between(asked, found.current.version, written, terminal)
    for each in overwritten:
        what = f"{each.build_tag} was recorded" if each.build_tag else f"{each.by} wrote {each.uri}"
        terminal.report(WARNING, f"Meanwhile {what}. Your change overwrote that.")
    terminal.note("ECS services with auto-deploy run it soon, others after their next deployment.")
    return overwritten


def between(asked: Asked, read: int, written: int, terminal: Terminal) -> list[Naming]:
    """The versions that others wrote between the one that we read and the one that we wrote."""
    if written == read + 1:
        return []
    try:
        return [each for each in records(asked.access, asked.stack).namings if read < each.version < written]
    except (ClientError, BotoCoreError) as error:  # the parameter is already written, so this isn't a failure
        what = f"Meanwhile somebody changed the parameter. Your change overwrote that. {problem_of(error).what}"
        terminal.report(WARNING, what)
        return []


def uri_of(found: Records, tag: str) -> str:
    """The URI of a build tag's image, by digest."""
    return f"{found.repository_uri}@{found.tagged[tag]}"


def warn_of_builds(asked: Asked, found: Records, terminal: Terminal) -> None:
    """Warns of builds that will end the rollback. A failing lookup is only a warning, as the rollback is done."""
    try:
        building = asked.running()
    except (ClientError, BotoCoreError) as error:
        terminal.report(WARNING, f"Couldn't check whether something newer is being built. {problem_of(error).what}")
        return
    for key in sorted({build.version.key for build in building if build.image_tag > found.newest}):
        to_stop = asked.stack.command("cancel", key=key)
        terminal.report(WARNING, f"{key} is being built, and recording it will end the rollback. To stop it: {to_stop}")


def answer_of(found: Records, tag: str, *, as_json: bool) -> str:
    """The URI of a build tag's image, or its tag and URI as JSON."""
    uri = uri_of(found, tag)
    return json_of({"imageTag": tag, "imageUri": uri}) if as_json else uri
