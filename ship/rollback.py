"""`ship rollback` and `ship forward`: has the parameter name another image, and says what follows."""

import json
from contextlib import suppress

from botocore.exceptions import BotoCoreError, ClientError

from ship import targets
from ship.access import in_words, problem_of
from ship.asked import Asked
from ship.outcomes import command
from ship.problem import Problem
from ship.records import KEEP, MANIFESTS, Records, records
from ship.terminal import Terminal, answer


def roll_back(asked: Asked, to: str | None, terminal: Terminal, *, as_json: bool) -> None:
    """Goes back, to this build tag or to the image before, which is pinned first.

    Raises:
        Problem: there is nothing to go back to, or AWS says no.
    """
    with in_words():
        found = records(asked.access, asked.stack)
        tag = targets.older(found, to)
        pinned = pin(asked, found, tag)
        terminal.say(f"Pinned as {pinned}: it won't expire.")
        uri = name(asked, found, tag, f"Rolled back to {tag} from {found.current_tag or found.current.uri}", terminal)
    terminal.say(f"It holds until an upload is recorded that is newer than {found.newest or tag}.")
    warn_of_builds(asked, found, terminal)
    tell(tag, uri, as_json=as_json)


def go_forward(asked: Asked, terminal: Terminal, *, as_json: bool) -> None:
    """Ends a rollback: the newest recorded image again.

    Raises:
        Problem: nothing is rolled back, or AWS says no.
    """
    with in_words():
        found = records(asked.access, asked.stack)
        tag = targets.newest(found)
        uri = name(asked, found, tag, f"Forward again to {tag}", terminal)
    tell(tag, uri, as_json=as_json)


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


def name(asked: Asked, found: Records, tag: str, description: str, terminal: Terminal) -> str:
    """Has the parameter name the image, says so, and gives its URI. RecordImage knows its own words from others'.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    """
    uri = f"{asked.stack.repository_uri}@{found.tagged[tag]}"
    asked.access.ssm.put_parameter(
        Name=asked.stack.parameter,
        Value=uri,
        Description=description,
        Type="String",
        DataType="text",
        Overwrite=True,
    )
    terminal.say(f"{asked.stack.parameter} names {tag}, in place of {found.current_tag or found.current.uri}.", "green")
    terminal.say("A service that follows the parameter by itself runs it soon; any other is deployed: docs/ecs.md.")
    return uri


def warn_of_builds(asked: Asked, found: Records, terminal: Terminal) -> None:
    """Warns of what is being built: if it is newer, its end ends the rollback, which is done by now: nothing fails."""
    try:
        building = asked.running()
    except (ClientError, BotoCoreError) as error:
        terminal.warn(f"Whether something newer is being built can't be seen. {problem_of(error).what}")
        return
    for key in sorted({build.version.key for build in building if build.image_tag > found.newest}):
        terminal.warn(f"{key} is being built, and will be recorded. To stop it: {command('cancel', key)}")


def tell(tag: str, uri: str, *, as_json: bool) -> None:
    """Says which image it is: the URI alone on stdout."""
    answer(json.dumps({"imageTag": tag, "imageUri": uri}) if as_json else uri)
