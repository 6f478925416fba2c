"""`ship rollback` and `ship forward`: have the parameter name another image."""

from contextlib import suppress

from botocore.exceptions import BotoCoreError, ClientError

from ship import deployments, targets
from ship.access import in_words, problem_of
from ship.asked import Asked
from ship.problem import Problem
from ship.records import KEEP, MANIFESTS, Naming, Records, records
from ship.terminal import Terminal, answer, answer_json


def roll_back(asked: Asked, to: str | None, terminal: Terminal, *, as_json: bool) -> None:
    """Goes back, to this build tag or to the image before, which is pinned first.

    Raises:
        Problem: there is nothing to go back to, or AWS says no.
    """
    with in_words():
        found = records(asked.access, asked.stack)
        given_up = deployments.seen(asked, terminal) or frozenset()
        tag = targets.older(found, to, given_up)
        if found.tagged[tag] in given_up:
            terminal.warn(f"ECS gave {tag} up: its newest deployment was rolled back.")
        pinned = pin(asked, found, tag)
        terminal.say(f"Pinned as {pinned}: it won't expire.")
        name(asked, found, tag, f"Rolled back to {tag} from {found.current_tag or found.current.uri}", terminal)
    terminal.say(f"It holds until an upload is recorded that is newer than {found.newest or tag}.")
    warn_of_builds(asked, found, terminal)
    tell(tag, uri_of(found, tag), as_json=as_json)


def go_forward(asked: Asked, terminal: Terminal, *, as_json: bool) -> None:
    """Ends a rollback: the newest recorded image again.

    Raises:
        Problem: nothing is rolled back, or AWS says no.
    """
    with in_words():
        found = records(asked.access, asked.stack)
        tag = targets.newest(found)
        while True:
            overwritten = name(asked, found, tag, f"Forward again to {tag}", terminal)
            newer = max((each.build_tag for each in overwritten if each.build_tag), default="")
            if newer <= tag:
                break
            found, tag = records(asked.access, asked.stack), newer  # was recorded meanwhile
    tell(tag, uri_of(found, tag), as_json=as_json)


def pin(asked: Asked, found: Records, build_tag: str) -> str:
    """Keeps an image from expiring, and gives the tag that does.

    Raises:
        Problem: the image is gone.
    """
    client, repository, pinned = asked.access.ecr, asked.stack.repository, f"{KEEP}{build_tag}"
    if found.tagged.get(pinned) == found.tagged[build_tag]:
        return pinned
    images = client.batch_get_image(
        repositoryName=repository, imageIds=[{"imageTag": build_tag}], acceptedMediaTypes=MANIFESTS
    )["images"]
    if not images:
        raise Problem(f"The image {build_tag} isn't in the repository any more.")
    with suppress(client.exceptions.ImageAlreadyExistsException):  # somebody was quicker
        client.put_image(
            repositoryName=repository,
            imageTag=pinned,
            imageDigest=images[0]["imageId"]["imageDigest"],
            imageManifest=images[0]["imageManifest"],
            imageManifestMediaType=images[0]["imageManifestMediaType"],
        )
    return pinned


def name(asked: Asked, found: Records, tag: str, description: str, terminal: Terminal) -> list[Naming]:
    """Has the parameter name the image. Returns what others had it name meanwhile, which this overwrote.

    RecordImage knows its own words from others'.
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
    terminal.say(f"{asked.stack.parameter} names {tag}, in place of {found.current_tag or found.current.uri}.", "green")
    overwritten = between(asked, found.current.version, written, terminal)
    for each in overwritten:
        what = f"{each.build_tag} was recorded" if each.build_tag else f"{each.by} had it name {each.uri}"
        terminal.warn(f"Meanwhile {what}. This overwrote that.")
    terminal.say("An ECS service with auto-deploy runs it soon. Any other runs it after its next deployment.")
    return overwritten


def between(asked: Asked, read: int, written: int, terminal: Terminal) -> list[Naming]:
    """What others had the parameter name between the version that was read and the one that was written."""
    if written == read + 1:
        return []
    try:
        return [each for each in records(asked.access, asked.stack).namings if read < each.version < written]
    except (ClientError, BotoCoreError) as error:  # the parameter is written by now: nothing fails
        terminal.warn(f"Meanwhile somebody changed the parameter. This overwrote that. {problem_of(error).what}")
        return []


def uri_of(found: Records, tag: str) -> str:
    """The URI of the image of a build tag."""
    return f"{found.repository_uri}@{found.tagged[tag]}"


def warn_of_builds(asked: Asked, found: Records, terminal: Terminal) -> None:
    """Warns of builds that will end the rollback. A failing lookup is a warning, as the rollback is done by now."""
    try:
        building = asked.running()
    except (ClientError, BotoCoreError) as error:
        terminal.warn(f"Couldn't check whether something newer is being built. {problem_of(error).what}")
        return
    for key in sorted({build.version.key for build in building if build.image_tag > found.newest}):
        to_stop = asked.stack.command("cancel", key=key)
        terminal.warn(f"{key} is being built, and will be recorded. To stop it: {to_stop}")


def tell(tag: str, uri: str, *, as_json: bool) -> None:
    """Says which image it is: the URI alone on stdout."""
    if as_json:
        answer_json({"imageTag": tag, "imageUri": uri})
    else:
        answer(uri)
