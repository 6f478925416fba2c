"""The example's service runs what the parameter names, as often as it is deployed; docs/ecs.md explains how."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.emulator import ROOT, Account
from local.pipeline import Pipeline
from tests.docs.support.documents import blocks, section
from tests.e2e.support.ecs import QUICK, EcsService, deployed, ending, page
from tests.e2e.support.shell import run

PAGE = ROOT / "docs" / "ecs.md"


@pytest.fixture(scope="module")
def service(here: Account, pipeline: Pipeline) -> Iterator[EcsService]:
    """The service, with a load balancer, that shows a first page."""
    with deployed(here, pipeline, is_balanced=True) as service:
        yield service


def test_before_the_first_upload_it_says_what_to_do(service: EcsService) -> None:
    ended = service.deploy(service="other-service")

    assert ended.returncode == 1
    assert ended.stdout == (
        "Nothing is recorded in /other-service/image-uri yet. Upload a source first, and wait until it is recorded.\n"
    )


def test_it_answers_with_what_was_uploaded(service: EcsService) -> None:
    (task,) = service.tasks()

    assert service.answer() == "first"
    assert task["containers"][0]["image"] == service.pipeline.recorded()
    assert task["healthStatus"] == "HEALTHY"


def test_another_upload_is_deployed(service: EcsService) -> None:
    service.record(page("second"))

    assert service.deploy().returncode == 0
    service.wait_for_answer("second")


def test_parameters_are_kept_and_may_have_spaces_and_quotes(service: EcsService) -> None:
    command = """[ "$(cat /srv/health)" = 'ok' ] || exit 1"""

    assert service.deploy(f"HealthCommand={command}").returncode == 0

    assert service.health_command() == command
    assert service.deploy("HealthCommand=").returncode == 0
    assert service.health_command().startswith("wget ")
    service.wait_for_answer("second")


def test_a_service_gets_its_variables_from_a_file_and_from_a_secret(service: EcsService, tmp_path: Path) -> None:
    """Its health check looks for them."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (commands,) = blocks(section(PAGE, "Configuration"), "bash")
    printed = run(service.here, commands, tmp_path, BUCKET="jwt-pizza-service-settings")
    assert "The service runs " in printed
    check = '[ "$LOG_LEVEL $JWT_SECRET $DB_PASSWORD" = "info change-me change-me-too" ] || exit 1'

    ended = service.deploy(f"HealthCommand={check}")

    assert ended.returncode == 0, ended.stdout
    assert service.deploy("HealthCommand=", "EnvironmentFile=", "SecretArn=", "SecretNames=").returncode == 0


def test_a_deployment_leaves_the_number_of_tasks_alone_unless_one_is_given(service: EcsService) -> None:
    names = {"cluster": "jwt-pizza-service", "service": "jwt-pizza-service"}
    service.pipeline.client("ecs").update_service(**names, desiredCount=2)  # as autoscaling does
    service.record(page("for two"))

    assert service.deploy().returncode == 0

    service.wait_for_answer("for two")
    assert service.wanted() == 2
    assert service.deploy("Tasks=1").returncode == 0
    assert service.wanted() == 1
    assert service.deploy("Tasks=").returncode == 0
    assert service.wanted() == 1


def test_a_service_that_cloudformation_left_on_its_old_image_is_noticed_and_the_command_deploys_it(
    service: EcsService, tmp_path: Path
) -> None:
    """CloudFormation's express mode updates the stack, and not the service."""
    before = service.answer()
    service.record(page("left out"))
    service.here.set(replace(QUICK, service_updates=False))

    ended = service.deploy()

    service.here.set(QUICK)
    assert ended.returncode == 1
    assert "the service doesn't run the image that the parameter names" in ended.stdout
    assert service.answer() == before
    run(service.here, pasted(ended.stdout), tmp_path)
    service.wait_for_answer("left out")


def pasted(printed: str) -> str:
    """The commands at the end of what was printed, which are indented."""
    found: list[str] = re.findall(r"(?:^  .*\n)+", printed, re.MULTILINE)
    return found[-1]


def test_an_image_whose_program_ends_is_named_with_its_exit_code_its_words_and_its_upload(service: EcsService) -> None:
    good = service.pipeline.recorded()
    uri = service.record(ending("No DATABASE_URL."))

    ended = service.deploy()

    assert ended.returncode == 1
    assert "event: (service jwt-pizza-service) deployment failed" in ended.stdout
    assert re.search(r"^task: Essential container .*\nexitCode: 3$", ended.stdout, re.MULTILINE), ended.stdout
    assert 'key: "page.zip"\n' in ended.stdout
    assert f"imageUri: {uri}\n" in ended.stdout
    assert "  No DATABASE_URL.\n" in ended.stdout
    assert ended.stdout.endswith(f"The service still runs {good}\n")
    service.pipeline.ssm.put_parameter(Name=service.pipeline.outputs["ParameterName"], Value=good, Overwrite=True)


def test_an_image_that_is_never_healthy_leaves_the_old_one_running_until_the_parameter_is_rolled_back(
    service: EcsService, tmp_path: Path
) -> None:
    good = service.record(page("good"))
    assert service.deploy().returncode == 0
    service.record(page("bad", port=8081))

    ended = service.deploy()

    assert ended.returncode == 1
    assert "task: Task failed container health checks\n" in ended.stdout
    why, log, revisions = blocks(section(PAGE, "When a deployment fails"), "bash")
    assert "Task failed container health checks" in run(service.here, why, tmp_path)
    assert "service/service/" in run(service.here, log, tmp_path)
    assert good in run(service.here, revisions, tmp_path)
    service.wait_for_answer("good")
    service.pipeline.ssm.put_parameter(Name=service.pipeline.outputs["ParameterName"], Value=good, Overwrite=True)
    ended = service.deploy()
    assert ended.returncode == 0, ended.stdout
    service.wait_for_answer("good")


def test_a_first_deployment_that_fails_names_its_cause_and_the_command_that_makes_room_for_the_next(
    service: EcsService, tmp_path: Path
) -> None:
    """CloudFormation removes what it made, tasks included."""
    parameters = ("AllowedNetwork=0.0.0.0/0", "LoadBalancer=yes")
    service.remove()
    service.record(ending("No DATABASE_URL."))

    failed = service.deploy(*parameters)

    assert failed.returncode == 1
    assert re.search(r"^task: Essential container .*\nexitCode: 3$", failed.stdout, re.MULTILINE), failed.stdout
    assert "  No DATABASE_URL.\n" in failed.stdout
    again = service.deploy(*parameters)
    assert again.stdout.startswith("The stack jwt-pizza-service-ecs is in the state ROLLBACK_COMPLETE")
    assert pasted(again.stdout) == pasted(failed.stdout)
    run(service.here, pasted(again.stdout), tmp_path)
    service.record(page("at last"))
    assert service.deploy(*parameters).returncode == 0
    service.wait_for_answer("at last")


def test_it_may_pull_no_other_repository(service: EcsService) -> None:
    elsewhere = service.pipeline.ecr.create_repository(repositoryName="elsewhere")["repository"]["repositoryUri"]
    before = service.pipeline.recorded()
    name = service.pipeline.outputs["ParameterName"]
    service.pipeline.ssm.put_parameter(Name=name, Value=f"{elsewhere}@sha256:{'0' * 64}", Overwrite=True)

    assert service.deploy().returncode == 1

    ecs = service.pipeline.client("ecs")
    stopped = ecs.list_tasks(cluster="jwt-pizza-service", desiredStatus="STOPPED")["taskArns"]
    reasons = {
        each["stoppedReason"] for each in ecs.describe_tasks(cluster="jwt-pizza-service", tasks=stopped)["tasks"]
    }
    assert any("CannotPull" in reason and "BatchGetImage" in reason for reason in reasons), reasons
    service.pipeline.ssm.put_parameter(Name=name, Value=before, Overwrite=True)
    service.pipeline.ecr.delete_repository(repositoryName="elsewhere")


def test_a_task_definition_in_json_takes_the_recorded_image(service: EcsService, tmp_path: Path) -> None:
    uri = service.record(page("by hand"))
    text = section(PAGE, "The console, or JSON")
    outputs = service.outputs()
    (definition,), (commands,) = blocks(text, "json"), blocks(text, "bash")
    role = re.search(r"arn:aws:iam::\d+:role/[\w-]*ExecutionRole[\w-]*", outputs["AutoDeploy"])
    assert role
    definition = re.sub(r"arn:aws:iam::\d+:role/\w+", role[0], definition)
    (tmp_path / "task-definition.json").write_text(definition.replace("/ecs/jwt-pizza-service", outputs["LogGroup"]))

    run(service.here, commands, tmp_path)

    service.wait_for_answer("by hand")
    (task,) = service.tasks()
    assert task["containers"][0]["image"] == uri
