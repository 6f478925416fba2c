"""What is true at rest: the record and the uploads' statuses, compared with the ECS in memory."""

import json
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from core.notifying import deployments
from core.recording import next_image
from core.recording.next_image import Version
from tests.examples.support.cloud import PARAMETER, Cloud
from tests.examples.support.ecs import Deployment


def is_running(deployment: Deployment) -> bool:
    """Whether the deployment is complete and has tasks."""
    return deployment.state == "COMPLETED" and deployment.running > 0


def begun_since(cloud: Cloud, image: str, since: datetime) -> list[Deployment]:
    """The image's deployments that ECS worked on, or kept, since then."""
    return [each for each in cloud.ecs.made if cloud.ecs.image(each) == image and (each.left or since) >= since]


def images_that_run(cloud: Cloud) -> set[str | None]:
    """The images of healthy tasks."""
    service = cloud.ecs.service
    return {cloud.ecs.image(each) for each in service.deployments if is_running(each)} if service else set()


def images_that_may_run(cloud: Cloud) -> set[str | None]:
    """These, and those of tasks whose deployment isn't complete. None unless one runs for sure."""
    service, certain = cloud.ecs.service, images_that_run(cloud)
    found = [each for each in service.deployments if each.running and each.state != "FAILED"] if service else []
    return certain | {cloud.ecs.image(each) for each in found} | (set() if certain else {None})


def check_record(cloud: Cloud, records: list[Any]) -> None:
    """The last of these records, the oldest first, says what became of the image that the parameter names."""
    named, record, service = cloud.ssm.parameters[PARAMETER][-1], records[-1], cloud.ecs.service
    image, since = named["Value"], named["LastModifiedDate"]
    assert (record.image, record.version) == (image, named["Version"]), "The record is about the newest."
    for before, after in pairwise(records):
        is_same = (before.image, before.deployment) == (after.image, after.deployment)
        flaps = is_same and (before.state, after.state) == ("running", "not-healthy")
        assert not flaps, "What happens later to a deployment that ran is no verdict."
    ran = bool(service and (record.state, record.deployment) == ("running", service.primary.id))
    if not ran:  # a verdict stays if the deployment's tasks end later
        assert record.running in images_that_may_run(cloud), "The record names what runs."
    if not service:
        assert (record.state, record.reason) == ("not-healthy", "There is no such ECS service.")
        return
    deploys, is_new = cloud.ecs.image(service.primary) == image, service.created > since
    runs = deploys and images_that_run(cloud) == {image}
    has_run = any(each.has_run for each in cloud.ecs.made if cloud.ecs.image(each) == image)
    begun = begun_since(cloud, image, since)
    ours = next((each for each in service.history if each in begun), None)
    if not runs and service.wanted:
        assert begun or (deploys and (is_new or service.primary.state != "FAILED")), "The image is tried."
    match record.state:
        case "running":
            assert runs or (ran and deploys and has_run and record.running == image)
        case "not-healthy":
            assert not runs
            is_given_up = any(each in cloud.ecs.given_up for each in begun)
            assert deploys or is_given_up or is_new, "ECS gave the image up, or its tasks don't run."
        case "changed":
            assert not deploys
            # A deployment that ECS gave up without a rollback reads like one that another deployment overtook.
            assert ours not in cloud.ecs.given_up or ours.history == "STOPPED"
            assert begun, "It was deployed before somebody changed the service."
        case state:
            pytest.fail(f"{state} is no verdict")


def check_outdated(cloud: Cloud, before: Any, record: Any) -> None:
    """The verdict of this record, which follows from an outdated answer, is true, or it was true then."""
    service, seen, since = cloud.ecs.service, cloud.ecs.seen, cloud.ssm.parameters[PARAMETER][-1]["LastModifiedDate"]
    is_new = record.state == "changed" and (before is None or before.state != "changed")
    if is_new and service and seen and cloud.ecs.image(service.primary) == record.image:
        begun = begun_since(cloud, record.image, since)
        was_overtaken = any(each.created < seen.primary.created for each in begun)
        assert was_overtaken, "Somebody changed the service after the image was deployed."


def check_statuses(cloud: Cloud) -> None:
    """RecordImage's statuses of the recorded uploads are true, and none stays `recorded`."""
    history = [Version(each["Value"], each["Description"]) for each in cloud.ssm.parameters[PARAMETER]]
    statuses = deployments.decide(history, deployments.read(cloud.ledger())).statuses
    service, certain, possible = cloud.ecs.service, images_that_run(cloud), images_that_may_run(cloud)
    last = json.loads(cloud.ledger()[-1])
    if service and (last["state"], last["deployment"]) == ("running", service.primary.id):
        certain = possible = {last["imageUri"]}  # check_record checks this verdict

    assert statuses.keys() == next_image.recorded(history).keys(), "No upload stays `recorded`."
    for status in statuses.values():
        assert status.image_uri in possible if status.name == "running" else status.image_uri not in certain, status
        if status.name == "not-healthy":
            assert status.reason, "It says why."
        if service and status.image_uri == history[-1].value and status.name in {"replaced", "rolled-back"}:
            assert cloud.ecs.image(service.primary) != status.image_uri, "Somebody chose another image."
