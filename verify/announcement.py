"""What a run says before it creates anything: what it creates, what that may cost, and how long it takes."""

from tools.costs import (
    ALARM_MONTH,
    BUILD_METRICS,
    CODEBUILD_ARM_SMALL_MINUTE,
    DASHBOARD_MONTH,
    DATE,
    HOURS,
    METRIC_MONTH,
    alarms,
    invocations,
    polls,
)
from verify.run import TAG, Run

BUILDS = 40
"""More than a run starts, retries included."""
MINUTES_PER_BUILD = 5
"""More than a build of a run takes, its machine's start included. CodeBuild counts whole minutes."""
RUN_HOURS = 3
"""More than a run takes."""
MINUTES = 60
"""About how long a run takes."""


def ceiling() -> float:
    """The most that a run can cost, in US dollars. No free tier is taken off."""
    metrics = BUILDS * BUILD_METRICS * METRIC_MONTH / HOURS
    builds = BUILDS * MINUTES_PER_BUILD * CODEBUILD_ARM_SMALL_MINUTE + metrics + invocations(10 * BUILDS)
    standing = (polls(1, 1) + alarms() * ALARM_MONTH + DASHBOARD_MONTH) / HOURS
    return builds + RUN_HOURS * standing


def announcement(run: Run, checks: int) -> str:
    """The announcement of a run with so many checks."""
    return f"""\
This run decides {checks} assumptions in your account {run.account}, region {run.region}. It creates:

  - the stack {run.stack} with the repository, project and parameter of a service {run.service}
  - for a moment the stack {run.second_stack}, whose deployment has to fail
  - about {BUILDS // 2} builds of arm1.small
  - SAM CLI's own bucket, aws-sam-cli-managed-default, if the account hasn't one. It stays

All of it has the tag {TAG}={run.id}. At the end it is deleted, and what is left is listed.
It takes about {MINUTES} minutes and costs at most {ceiling():.2f} US dollars, at us-east-1's list prices of {DATE}.
"""
