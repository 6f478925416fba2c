"""`make verify-aws --fargate` with the local cloud as its account."""

import re

from local.cloud.shared.live_settings import Settings
from local.emulator import Account
from local.pipeline import Pipeline
from tests.e2e.verifying.support.runs import begin, ended, kill_at, left, stacks
from tools.assumptions import of_area
from verify.checks import FARGATE

ROLE = "ecs-service-linked-role"
"""It can be tried once in an account, maybe before the kill."""
HELD_IN_ECS = FARGATE - {ROLE, "service-stack-deletion"}
"""With a service on Fargate. The local cloud's tasks have no network interfaces."""


def left_in_ecs(account: Account) -> list[str]:
    """The task definitions that aren't being deleted, and the log groups of tasks."""
    pipeline = Pipeline(account.session(), {}, account.endpoint)
    definitions = [
        arn
        for status in ("ACTIVE", "INACTIVE")
        for arn in pipeline.client("ecs").list_task_definitions(status=status)["taskDefinitionArns"]
    ]
    return definitions + [each["logGroupName"] for each in pipeline.logs.describe_log_groups()["logGroups"]]


def test_with_a_service_on_fargate_each_assumption_about_ecs_has_a_line_and_nothing_is_left(account: Account) -> None:
    """Also if the run is killed while it deploys the service, and goes on."""
    assumptions = FARGATE | {each.id for each in of_area("ecs")} | {"register-task-definition-on-star"}
    account.set(Settings(minute_seconds=20))  # health checks three times as often
    kill_at(begin(account, "--yes", "--fargate", "--only", *assumptions), "Running deploy.sh")

    code, output = ended(begin(account, "--yes", "--resume", "--only", *assumptions))

    account.set(Settings())
    assert code == 0, output
    assert "The check itself has a fault" not in output
    verdicts = dict(re.findall(r"^(\S+): (held|held in part|could not be tried) \(", output, re.MULTILINE))
    assert verdicts.keys() == assumptions, output
    assert {name for name, outcome in verdicts.items() if outcome.startswith("held")} - {ROLE} == HELD_IN_ECS, output
    assert (stacks(account), left(account), left_in_ecs(account)) == ([], [], [])
