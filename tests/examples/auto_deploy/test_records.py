"""The follower's record: what it says about a failed deployment, and that it fits into its parameter."""

import json
from types import ModuleType

import pytest

from tests.examples.support.cloud import LEDGER, Cloud, look, uri, work
from tests.examples.support.ecs import CONTAINER, SERVICE

OLD, NEW = uri("1"), uri("2")
BRACES = {"reason": "{{x}}", "lines": ["{{ a }}", "{", "}}}}"]}


def prints(cloud: Cloud, *lines: str) -> None:
    """What each task of the new image printed."""
    for task in cloud.ecs.tasks:
        cloud.logs.lines[f"service/{CONTAINER}/{task['taskArn'].rpartition('/')[2]}"] = list(lines)


def test_a_deployment_is_recorded_with_ecs_s_id_and_with_what_runs_meanwhile(follow: ModuleType, cloud: Cloud) -> None:
    record = look(follow, cloud)

    assert cloud.ecs.service
    assert record == {
        "state": "deploying",
        "imageUri": NEW,
        "version": 1,
        "running": OLD,
        "deployment": cloud.ecs.service.primary.id,
        "reason": None,
        "exitCode": None,
        "log": None,
        "lines": [],
    }


def test_a_failure_is_recorded_with_ecs_s_words_and_how_the_deployment_s_last_task_ended(
    follow: ModuleType, cloud: Cloud
) -> None:
    look(follow, cloud)
    work(cloud, 8)
    prints(cloud, "Starts.", "No DATABASE_URL.")
    cloud.ecs.tasks.append(cloud.ecs.tasks[-1] | {"startedBy": "ecs-svc/0", "stoppedReason": "another deployment's"})

    record = look(follow, cloud)

    assert (record["state"], record["running"], record["exitCode"]) == ("not-healthy", OLD, "3")
    words = "the history's words: ECS deployment circuit breaker: tasks failed to start."
    assert record["reason"] == f"{words} Essential container in task exited."
    assert record["log"] == f"/a/group service/{CONTAINER}/{2:032}"
    assert record["lines"] == ["Starts.", "No DATABASE_URL."]


def test_a_health_check_that_failed_is_recorded_with_its_command(follow: ModuleType, cloud: Cloud) -> None:
    look(follow, cloud)
    work(cloud, 8)
    task = cloud.ecs.tasks[-1]
    task |= {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Task failed container health checks"}
    for each in cloud.ecs.definitions[task["taskDefinitionArn"]]["containerDefinitions"]:
        each["healthCheck"] = {"command": ["CMD", "/healthy", "--deep"]}

    reason = look(follow, cloud)["reason"]

    assert reason.endswith("Task failed container health checks. The health check: CMD /healthy --deep.")


@pytest.mark.parametrize("operation", ["list_tasks", "describe_tasks", "get_log_events"])
def test_a_failure_is_recorded_if_aws_refuses_what_explains_it_which_is_looked_up_again(
    follow: ModuleType, cloud: Cloud, operation: str
) -> None:
    look(follow, cloud)
    work(cloud, 8)
    prints(cloud, "No DATABASE_URL.")
    cloud.refused[operation] = "AccessDeniedException"
    for _ in range(2):
        record = look(follow, cloud)
    assert (record["state"], record["lines"], len(cloud.ledger())) == ("not-healthy", [], 2)
    assert "circuit breaker" in record["reason"]
    cloud.refused.clear()
    cloud.clock.passes(minutes=5)

    record = look(follow, cloud)

    assert (record["exitCode"], record["lines"]) == ("3", ["No DATABASE_URL."])
    assert record["reason"].endswith("tasks failed to start. Essential container in task exited.")
    look(follow, cloud)
    assert len(cloud.ledger()) == 3


def test_a_failure_that_nothing_explains_is_looked_up_for_an_hour_and_recorded_once(
    follow: ModuleType, cloud: Cloud
) -> None:
    cloud.ecs.health[NEW] = ("CannotPullContainerError", 1)
    look(follow, cloud)
    work(cloud, 8)
    for task in cloud.ecs.tasks:
        del task["containers"][0]["exitCode"]
    for _ in range(3):
        cloud.clock.passes(minutes=5)
        look(follow, cloud)
    assert [json.loads(each)["state"] for each in cloud.ledger()] == ["deploying", "not-healthy"]
    assert cloud.count("list_tasks") == 3
    cloud.clock.passes(hours=1)

    look(follow, cloud)

    assert cloud.count("list_tasks") == 3


def test_a_run_whose_deployment_s_id_is_unknown_finds_the_task_by_its_image(follow: ModuleType, cloud: Cloud) -> None:
    look(follow, cloud)
    work(cloud, 8)
    cloud.ssm.delete(LEDGER)

    assert look(follow, cloud)["exitCode"] == "3"


def test_an_unchanged_record_is_not_written_again(follow: ModuleType, cloud: Cloud) -> None:
    look(follow, cloud)
    work(cloud, 8)
    look(follow, cloud)
    versions = len(cloud.ledger())
    cloud.ecs.tasks.clear()  # after an hour, ECS no longer lists them
    cloud.clock.passes(hours=2)

    look(follow, cloud)

    assert len(cloud.ledger()) == versions


def test_a_deployment_without_room_is_recorded_with_ecs_s_event(follow: ModuleType, cloud: Cloud) -> None:
    cloud.ecs.health.clear()
    cloud.ecs.has_room = False
    look(follow, cloud)
    work(cloud, 3)
    cloud.clock.passes(minutes=31)

    record = look(follow, cloud)

    event = f"(service {SERVICE}) was unable to place a task."
    assert record["reason"] == f"The deployment isn't complete after 30 minutes. {event}"
    cloud.ecs.has_room = True
    work(cloud, 3)
    assert look(follow, cloud)["state"] == "running"


def test_without_a_service_the_record_names_nothing_that_runs_and_is_written_once(
    follow: ModuleType, cloud: Cloud
) -> None:
    look(follow, cloud)
    cloud.ecs.service = None

    record = look(follow, cloud)

    assert (record["state"], record["running"], record["deployment"]) == ("not-healthy", None, None)
    assert record["reason"] == "There is no such ECS service."
    versions = len(cloud.ledger())
    look(follow, cloud)
    assert len(cloud.ledger()) == versions


@pytest.mark.parametrize("value", ["", "{", "[]", "null", "3", '{"state": "new"}', '{"state": "running"}'])
def test_a_value_without_a_record_is_none(follow: ModuleType, value: str) -> None:
    assert follow.ledger.read(value) is None


LONG = pytest.mark.parametrize(
    "text", ["x" * 300, "é" * 300, "😀" * 300, "{" * 300, "}}" * 150, '"' * 300, "\\" * 300], ids=lambda text: text[0]
)


@LONG
def test_a_record_fits_into_its_parameter_with_as_many_of_the_last_lines_as_fit(
    follow: ModuleType, cloud: Cloud, text: str
) -> None:
    lines = tuple(f"{number} {text}"[:300] for number in range(20))
    record = follow.Record("not-healthy", NEW, 7, OLD, "ecs-svc/1", "It failed.", "3", "/a/group a/stream", lines)

    value = follow.ledger.written(record)

    cloud.ssm.put(LEDGER, value)  # which refuses too long values, and double braces
    found = follow.ledger.read(value)
    assert found.lines
    assert found.lines == lines[-len(found.lines) :]


@LONG
def test_the_longest_reason_fits_with_the_longest_names_of_a_log(follow: ModuleType, cloud: Cloud, text: str) -> None:
    record = follow.Record("not-healthy", NEW, 7, OLD, "ecs-svc/1", text, "3", f"{'g' * 512} {'s' * 512}", (text,) * 20)

    value = follow.ledger.written(record)

    cloud.ssm.put(LEDGER, value)
    assert follow.ledger.read(value).reason == text


def test_braces_come_back_as_they_were(follow: ModuleType, cloud: Cloud) -> None:
    record = follow.Record("not-healthy", NEW, 7, reason=BRACES["reason"], lines=tuple(BRACES["lines"]))

    value = follow.ledger.written(record)

    cloud.ssm.put(LEDGER, value)
    assert (follow.ledger.read(value), json.loads(value)["lines"]) == (record, BRACES["lines"])


def test_a_long_reason_is_cut(follow: ModuleType, cloud: Cloud) -> None:
    cloud.ecs.health[NEW] = ("x" * 1000, 3)
    look(follow, cloud)
    work(cloud, 8)

    assert len(look(follow, cloud)["reason"]) == 300
