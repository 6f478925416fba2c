"""With the example's auto-deploy.yaml the service follows the parameter."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator import ROOT, Account
from local.pipeline import Pipeline, wait_for
from local.subscriber import Subscriber
from tests.docs.support.documents import blocks, section
from tests.e2e.support.ecs import EcsService, deployed, ending, greedy, page
from tests.e2e.support.operators import newer_tag, tag_digest
from tests.e2e.support.shell import run
from tests.e2e.support.shippers import Shipper
from tests.e2e.support.triggers import trigger
from tests.e2e.support.waiting import SECONDS

NOT_HEALTHY = 5


@pytest.fixture(scope="module")
def service(here: Account, pipeline: Pipeline) -> Iterator[EcsService]:
    """The service, without a load balancer, that follows the parameter and shows a first page."""
    with deployed(here, pipeline, is_balanced=False) as service:
        service.record(page("before it followed"))
        service.follow_by_itself()
        yield service


@pytest.fixture(scope="module")
def developer(here: Account, pipeline: Pipeline) -> Shipper:
    """Somebody who may upload and follow."""
    return Shipper.with_policies(here, pipeline, "UploaderPolicyArn", "FollowerPolicyArn")


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


def test_an_upload_is_deployed_by_itself_and_once_and_its_status_says_that_it_runs(service: EcsService) -> None:
    before = deployments(service)

    upload = service.upload(page("second"))

    service.wait_for_answer("second")
    tags = service.wait_for_status(upload, "running")
    assert {tags["image-uri"]} == service.images()
    assert "build-reason" not in tags
    assert deployments(service) == before + 1


def test_a_change_by_hand_stays_and_the_statuses_say_so(service: EcsService) -> None:
    older = service.upload(page("older"))
    service.wait_for_status(older, "running")
    newer = service.upload(page("to be changed"))
    service.wait_for_status(newer, "running")
    service.wait_for_status(older, "replaced")
    before = deployments(service)
    ecs = service.pipeline.client("ecs")

    definition = ecs.list_task_definitions(familyPrefix="jwt-pizza-service", sort="DESC")["taskDefinitionArns"][1]
    ecs.update_service(cluster="jwt-pizza-service", service="jwt-pizza-service", taskDefinition=definition)

    service.wait_for_status(newer, "rolled-back")
    service.wait_for_status(older, "running")
    service.wait_for_answer("older")
    assert deployments(service) == before


def test_a_rollback_of_the_parameter_is_deployed_and_stays_until_the_next_upload(service: EcsService) -> None:
    older = service.upload(page("oldest"))
    uri = service.wait_for_status(older, "running")["image-uri"]
    newer = service.upload(page("newer"))
    service.wait_for_status(newer, "running")

    service.pipeline.ssm.put_parameter(Name=service.pipeline.outputs["ParameterName"], Value=uri, Overwrite=True)

    service.wait_for_answer("oldest")
    service.wait_for_status(newer, "rolled-back")
    service.wait_for_status(older, "running")
    newest = service.upload(page("newest"))
    service.wait_for_answer("newest")
    service.wait_for_status(newest, "running")
    service.wait_for_status(older, "replaced")
    assert service.pipeline.tags(newer)["build-status"] == "rolled-back"


def mail_about(uri: str, subscriber: Subscriber) -> str | None:
    """What the topic was sent about the deployment of an image that failed."""
    subscriber.receive()
    subject = "jwt-pizza-service: not-healthy page.zip"
    told = [each["Message"] for each in subscriber.received if each.get("Subject") == subject]
    return next((each for each in told if f"imageUri: {uri}\n" in each), None)


def test_an_image_that_is_never_healthy_leaves_the_old_one_running_and_uploader_and_topic_learn_why(
    service: EcsService, developer: Shipper, subscriber: Subscriber, tmp_path: Path
) -> None:
    source = tmp_path / "page.zip"
    source.write_bytes(page("good"))
    ended = developer.ship("up", "--until", "running", source)
    assert (ended.returncode, ended.stdout) == (0, f"{service.pipeline.recorded()}\n"), ended.stderr
    assert service.answer() == "good"
    source.write_bytes(page("bad", port=8081))

    with service.polled() as answers:
        ended = developer.ship("up", "--until", "running", source)

    bad = service.pipeline.recorded()
    assert (ended.returncode, ended.stdout) == (NOT_HEALTHY, f"{bad}\n")
    assert "Task failed container health checks." in ended.stderr
    assert {*answers} == {"good"}
    mail = wait_for("The mail", lambda: mail_about(bad, subscriber), SECONDS)
    assert 'key: "page.zip"\n' in mail
    assert "Task failed container health checks." in mail
    group, stream = re.findall(r"^log: (\S+) (\S+)$", mail, re.MULTILINE)[0]
    streams = service.pipeline.logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert stream in {each["logStreamName"] for each in streams}


def test_a_developer_sees_what_runs_and_why_not_the_newest(service: EcsService, developer: Shipper) -> None:
    (running,) = service.images()
    status, why, doctor = (developer.ship(verb).stdout for verb in ("status", "why", "doctor"))

    assert running.partition("@")[2] in status
    assert "Task failed container health checks." in status
    assert why.startswith("page.zip: not-healthy\n")
    assert "Task failed container health checks. The health check: CMD-SHELL wget -q -O /dev/null http://127" in why
    assert "runs another image" in doctor
    assert "url:/health" in developer.ship("logs", "--app").stdout


@pytest.mark.parametrize("policy", ["FollowerPolicyArn", "RollbackPolicyArn"])
@pytest.mark.usefixtures("service")
def test_each_policy_shows_which_image_ecs_gave_up(here: Account, pipeline: Pipeline, policy: str) -> None:
    newest = Shipper.with_policies(here, pipeline, policy).ship("history", "--limit", 1).stdout

    assert "given up by ECS" in newest


def test_the_newest_upload_does_not_wait_for_one_that_is_not_healthy(service: EcsService) -> None:
    service.record(page("fixed"))
    service.wait_for_answer("fixed")
    (fixed,) = service.images()
    failed_before = failed(service)
    overtaken = service.upload(page("bad again", port=8081))
    bad = service.pipeline.wait_until_recorded(overtaken, SECONDS)
    wait_for("The deployment", lambda: bad in service.images(), SECONDS)

    # As an upload's: its build would take longer than ECS on a slow machine.
    tag_digest(service.pipeline, fixed.partition("@")[2], newer_tag())
    trigger(service.pipeline)

    wait_for("The end of the deployment", lambda: service.images() == {fixed}, SECONDS)
    assert service.pipeline.recorded() == fixed
    assert failed(service) == failed_before
    service.wait_for_status(overtaken, "replaced")


def test_a_task_that_uses_up_its_memory_is_reported_so(service: EcsService) -> None:
    tags = service.wait_for_status(service.upload(greedy()), "not-healthy")

    assert "OutOfMemoryError: Container killed due to memory usage. Exit code 137. Loading" in tags["build-reason"]


def test_after_a_failed_deploy_sh_the_image_that_was_healthy_comes_back(
    service: EcsService, subscriber: Subscriber, tmp_path: Path
) -> None:
    """CloudFormation puts back the image of its own last deployment, which is older."""
    healthy = service.record(page("healthy"))
    service.wait_for_answer("healthy")
    upload = service.upload(ending("No DATABASE_URL."))
    tags = service.wait_for_status(upload, "not-healthy")
    mail = wait_for("The mail", lambda: mail_about(tags["image-uri"], subscriber), SECONDS)
    assert tags["build-reason"].endswith("Exit code 3. No DATABASE_URL.")
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
