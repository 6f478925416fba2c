"""The announcement of a run: what it will create, what that may cost, and how long it takes."""

from tools.costs import (
    ALARM_MONTH,
    BUILD_METRICS,
    CODEBUILD_ARM_SMALL_MINUTE,
    DASHBOARD_MONTH,
    DATE,
    HOURS,
    METRIC_MONTH,
    alarms,
    auto_deploy_month,
    invocations,
    polls,
    task_hour,
)
from verify.gathering.evidence import BUILD_MINUTES
from verify.run import TAG, Run

BUILDS = 39
"""About as many as the checks start, beside the timed uploads."""
REPEATED = 2
"""A build that fails for nobody's fault is built again."""
RUN_HOURS = 4
"""More than a run takes, unless it is kept."""
MINUTES, UPLOAD_MINUTES, FARGATE_MINUTES = 95, 2, 55
"""About how long the checks take, each timed upload, and the service on Fargate."""
FARGATE_BUILDS, TASKS = 5, 4
"""How many images are built for that service, and its most tasks at a time: two old ones and two new ones."""


def ceiling(builds: int, *, fargate: bool = False) -> float:
    """The most that a run with so many builds can cost, in US dollars. No free tier is taken off."""
    paid = REPEATED * builds
    metrics = paid * BUILD_METRICS * METRIC_MONTH / HOURS
    work = paid * int(BUILD_MINUTES) * CODEBUILD_ARM_SMALL_MINUTE + metrics + invocations(10 * paid)
    standing = (polls(1, 1) + alarms() * ALARM_MONTH + DASHBOARD_MONTH) / HOURS
    in_ecs = TASKS * task_hour() + auto_deploy_month() / HOURS if fargate else 0
    return work + RUN_HOURS * (standing + in_ecs)


def announcement(run: Run, tried: int, listed: int, uploads: int, *, keeps: bool) -> str:
    """The announcement of a run that tries so many of the listed assumptions, and times so many uploads."""
    builds = BUILDS + uploads + (FARGATE_BUILDS if run.fargate else 0)
    minutes = MINUTES + uploads * UPLOAD_MINUTES + (FARGATE_MINUTES if run.fargate else 0)
    cost = ceiling(builds, fargate=run.fargate)
    end = "To delete what doesn't stay, use --remove." if keeps else "At the end, the run deletes what doesn't stay."
    return f"""\
This run tries {tried} of {listed} assumptions in your account {run.account}, region {run.region}. It creates:

  - the stack {run.stack} with the repository, project and parameter of a service {run.service}
  - for a moment the stack {run.second_stack}, whose deployment has to fail
  - about {builds} builds of arm1.small
{in_ecs(run) if run.fargate else ""}\
  - SAM CLI's own bucket, aws-sam-cli-managed-default, if the account hasn't one, and files in it. These stay

Everything whose name begins with {run.stack} has the tag {TAG}={run.id}.
{end} It takes about {minutes} minutes and costs at most {cost:.2f} US dollars,
at us-east-1's list prices of {DATE}.
"""


def in_ecs(run: Run) -> str:
    """The lines about what --fargate adds."""
    return f"""\
  - the stacks {run.ecs_stack} and {run.auto_deploy_stack}, with a service on Fargate that nobody can
    call, in the account's default network, with up to {TASKS} tasks at a time
  - the rule and the queue {run.events}
  - ECS's service-linked role, if the account hasn't one. It stays
"""
