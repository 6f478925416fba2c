"""With the example's auto-deploy.yaml the service follows the parameter."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator import ROOT, Account
from local.pipeline import Pipeline, wait_for
from local.subscriber import Subscriber
from tests.docs.support.documents import blocks, section
from tests.e2e.support.ecs import EcsService, deployed, ending, page
from tests.e2e.support.operators import newer_tag, tag_digest
from tests.e2e.support.shell import run
from tests.e2e.support.triggers import trigger
from tests.e2e.support.waiting import SECONDS


@pytest.fixture(scope="module")
def service(here: Account, pipeline: Pipeline) -> Iterator[EcsService]:
    """The service, without a load balancer, that follows the parameter and shows a first page."""
    with deployed(here, pipeline, is_balanced=False) as service:
        service.record(page("before it followed"))
        service.follow_by_itself()
        yield service


def deployments(service: EcsService) -> int:
    """How many revisions of the task definition there were."""
    arns = service.pipeline.client("ecs").list_task_definitions(familyPrefix="jwt-pizza-service")["taskDefinitionArns"]
    return len(arns)


def failed(service: EcsService) -> int:
    """How many deployments ECS has given up, of those that it still knows."""
    ecs = service.pipeline.client("ecs")
    (found,) = ecs.describe_services(cluster="jwt-pizza-service", services=["jwt-pizza-service"])["services"]
    states: list[str] = [each["rolloutState"] for each in found["deployments"]]
    return states.count("FAILED")


def test_what_was_recorded_before_is_deployed_when_somebody_asks(service: EcsService, tmp_path: Path) -> None:
    (_, ask, *_) = blocks(section(ROOT / "docs" / "ecs.md", "Deploy each image automatically"), "bash")
    before = deployments(service)
    assert service.pipeline.recorded() not in service.images()

    run(service.here, ask, tmp_path)

    service.wait_for_answer("before it followed")
    assert deployments(service) == before + 1


def last_record(service: EcsService) -> tuple[str, str]:
    """The state and the image of the last record."""
    value = service.pipeline.ssm.get_parameter(Name="/jwt-pizza-service/deployment")["Parameter"]["Value"]
    record = json.loads(value)
    return record["state"], record.get("imageUri", "")


def wait_for_record(service: EcsService, state: str, uri: str) -> None:
    """Returns when the last record says this."""
    wait_for(f"The record {state}", lambda: last_record(service) == (state, uri), SECONDS)


def test_an_upload_is_deployed_by_itself_and_once_and_the_record_says_that_it_runs(service: EcsService) -> None:
    before = deployments(service)

    uri = service.record(page("second"))

    service.wait_for_answer("second")
    wait_for_record(service, "running", uri)
    assert deployments(service) == before + 1


def test_a_change_by_hand_stays_and_the_record_says_so(service: EcsService) -> None:
    uri = service.record(page("to be changed"))
    wait_for_record(service, "running", uri)
    before = deployments(service)
    ecs = service.pipeline.client("ecs")

    older = ecs.list_task_definitions(familyPrefix="jwt-pizza-service", sort="DESC")["taskDefinitionArns"][1]
    ecs.update_service(cluster="jwt-pizza-service", service="jwt-pizza-service", taskDefinition=older)

    wait_for_record(service, "changed", uri)
    assert uri not in service.images()
    assert deployments(service) == before


def test_a_rollback_of_the_parameter_is_deployed_and_stays_until_the_next_upload(service: EcsService) -> None:
    older = service.record(page("older"))
    service.wait_for_answer("older")
    service.record(page("newer"))
    service.wait_for_answer("newer")

    service.pipeline.ssm.put_parameter(Name=service.pipeline.outputs["ParameterName"], Value=older, Overwrite=True)

    service.wait_for_answer("older")
    service.record(page("newest"))
    service.wait_for_answer("newest")


def mail_about(uri: str, subscriber: Subscriber) -> str | None:
    """What the topic was sent about the deployment of an image that failed."""
    subscriber.receive()
    subject = "jwt-pizza-service: not-healthy page.zip"
    told = [each["Message"] for each in subscriber.received if each.get("Subject") == subject]
    return next((each for each in told if f"imageUri: {uri}\n" in each), None)


def test_an_image_that_is_never_healthy_leaves_the_old_one_running_and_the_topic_is_told(
    service: EcsService, subscriber: Subscriber
) -> None:
    service.record(page("good"))
    service.wait_for_answer("good")

    bad = service.record(page("bad", port=8081))

    mail = wait_for("The mail", lambda: mail_about(bad, subscriber), SECONDS)
    assert f"imageUri: {bad}\n" in mail
    assert 'key: "page.zip"\n' in mail
    assert "Task failed container health checks." in mail
    group, stream = re.findall(r"^log: (\S+) (\S+)$", mail, re.MULTILINE)[0]
    streams = service.pipeline.logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert stream in {each["logStreamName"] for each in streams}
    service.wait_for_answer("good")
    assert last_record(service) == ("not-healthy", bad)


def test_the_newest_upload_does_not_wait_for_one_that_is_not_healthy(service: EcsService) -> None:
    service.record(page("fixed"))
    service.wait_for_answer("fixed")
    (fixed,) = service.images()
    failed_before = failed(service)
    bad = service.record(page("bad again", port=8081))
    wait_for("The deployment", lambda: bad in service.images(), SECONDS)

    # As an upload's: its build would take longer than ECS on a slow machine.
    tag_digest(service.pipeline, fixed.partition("@")[2], newer_tag())
    trigger(service.pipeline)

    wait_for("The end of the deployment", lambda: service.images() == {fixed}, SECONDS)
    assert service.pipeline.recorded() == fixed
    assert failed(service) == failed_before


def test_after_a_failed_deploy_sh_the_image_that_was_healthy_comes_back(
    service: EcsService, subscriber: Subscriber, tmp_path: Path
) -> None:
    """CloudFormation puts back the image of its own last deployment, which is older."""
    healthy = service.record(page("healthy"))
    service.wait_for_answer("healthy")
    failing = service.record(ending("No DATABASE_URL."))
    mail = wait_for("The mail", lambda: mail_about(failing, subscriber), SECONDS)
    assert "Exit code 3." in mail
    assert "The last lines of the task:\n  No DATABASE_URL.\n" in mail
    service.wait_for_answer("healthy")

    ended = service.deploy("Tasks=2")

    assert ended.returncode == 1
    assert f"before: {healthy}\n" in ended.stdout
    command = re.findall(r"(?:^  aws .*\n)(?:^    .*\n)*", ended.stdout, re.MULTILINE)[-1]
    run(service.here, command, tmp_path)
    service.wait_for_answer("healthy")
    assert service.images() == {healthy}
