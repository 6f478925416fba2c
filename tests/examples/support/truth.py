"""What is true at rest: the record and the uploads' statuses, compared with the ECS in memory."""

import json
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


def images_that_run(cloud: Cloud) -> set[str | None]:
    """The images of healthy tasks. None if there is none."""
    service = cloud.ecs.service
    listed = service.deployments if service else []
    found = [each for each in listed if is_running(each) or (each.rolls_back and each.running)]
    return {cloud.ecs.image(each) for each in found} or {None}


def check_record(cloud: Cloud, records: list[Any], tries: int) -> None:
    """The last record says what became of the image that the parameter names.

    `records` has the follower's records, the oldest first; `tries` is how often it deployed the parameter's version.
    """
    named, record, service = cloud.ssm.parameters[PARAMETER][-1], records[-1], cloud.ecs.service
    image, since = named["Value"], named["LastModifiedDate"]
    assert (record.image, record.version) == (image, named["Version"]), "The record is about the newest."
    for before, after in pairwise(records):
        is_same = (before.image, before.deployment) == (after.image, after.deployment)
        flaps = is_same and (before.state, after.state) == ("running", "not-healthy")
        assert not flaps, "What happens later to a deployment that ran is no verdict."
    ran = bool(service and (record.state, record.deployment) == ("running", service.primary.id))
    if not ran:  # a verdict stays if the deployment's tasks end later
        assert record.running in images_that_run(cloud), "The record names what runs."
    if not service:
        assert (record.state, record.reason) == ("not-healthy", "There is no such ECS service.")
        return
    begun = [each for each in service.history if each.created >= since and cloud.ecs.image(each) == image]
    deploys, is_new = cloud.ecs.image(service.primary) == image, service.created > since
    runs = deploys and images_that_run(cloud) == {image}
    found = [each for each in records if (each.image, each.version) == (image, named["Version"]) and each.deployment]
    named_again = [each for each in service.history if each.id in {one.deployment for one in found}]
    ours: Any = next(iter(begun or named_again), None)
    was_deployed = any("circuit breaker" not in (each.reason or "") for each in found)  # when the parameter named it
    is_tried = bool(ours) or tries > 0 or was_deployed
    if not runs and service.wanted:
        assert is_tried or (deploys and (is_new or service.primary.state != "FAILED")), "The image is tried."
    match record.state:
        case "running":
            assert runs or (ran and deploys and service.primary.has_run and record.running == image)
        case "not-healthy":
            assert not runs
            assert deploys or ours in cloud.ecs.given_up or is_new, "ECS gave the image up, or its tasks don't run."
        case "changed":
            assert not deploys
            # A deployment that ECS gave up without a rollback reads like one that another deployment overtook.
            assert ours not in cloud.ecs.given_up or ours.history == "STOPPED"
            assert is_tried, "It was deployed before somebody changed the service."
        case state:
            pytest.fail(f"{state} is no verdict")


def check_statuses(cloud: Cloud) -> None:
    """RecordImage's statuses of the recorded uploads are true, and none stays `recorded`."""
    history = [Version(each["Value"], each["Description"]) for each in cloud.ssm.parameters[PARAMETER]]
    statuses = deployments.decide(history, deployments.read(cloud.ledger())).statuses
    service, running = cloud.ecs.service, images_that_run(cloud)
    last = json.loads(cloud.ledger()[-1])
    if service and (last["state"], last["deployment"]) == ("running", service.primary.id):
        running = {last["imageUri"]}  # check_record checks this verdict

    assert statuses.keys() == next_image.recorded(history).keys(), "No upload stays `recorded`."
    for status in statuses.values():
        assert (status.name == "running") == (status.image_uri in running), status
        if status.name == "not-healthy":
            assert status.reason, "It says why."
        if service and status.image_uri == history[-1].value and status.name in {"replaced", "rolled-back"}:
            assert cloud.ecs.image(service.primary) != status.image_uri, "Somebody chose another image."
