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
from verify.gathering.evidence import BUILD_MINUTES
from verify.run import TAG, Run

BUILDS = 30
"""About as many as the checks start, beside the timed uploads."""
REPEATED = 2
"""A build that fails for nobody's fault is built again."""
RUN_HOURS = 4
"""More than a run takes, unless it is kept."""
MINUTES, UPLOAD_MINUTES = 75, 2
"""About how long the checks take, and each timed upload."""


def ceiling(builds: int) -> float:
    """The most that a run with so many builds can cost, in US dollars. No free tier is taken off."""
    paid = REPEATED * builds
    metrics = paid * BUILD_METRICS * METRIC_MONTH / HOURS
    work = paid * int(BUILD_MINUTES) * CODEBUILD_ARM_SMALL_MINUTE + metrics + invocations(10 * paid)
    standing = (polls(1, 1) + alarms() * ALARM_MONTH + DASHBOARD_MONTH) / HOURS
    return work + RUN_HOURS * standing


def announcement(run: Run, tried: int, listed: int, uploads: int, *, keeps: bool) -> str:
    """The announcement of a run that tries so many of the listed assumptions, and times so many uploads."""
    builds = BUILDS + uploads
    end = "You have to delete it yourself, with --remove." if keeps else "At the end it is deleted."
    return f"""\
This run tries {tried} of {listed} assumptions in your account {run.account}, region {run.region}. It creates:

  - the stack {run.stack} with the repository, project and parameter of a service {run.service}
  - for a moment the stack {run.second_stack}, whose deployment has to fail
  - about {builds} builds of arm1.small
  - SAM CLI's own bucket, aws-sam-cli-managed-default, if the account hasn't one, and files in it. These stay

Both stacks have the tag {TAG}={run.id}. {end} It takes about {MINUTES + uploads * UPLOAD_MINUTES}
minutes and costs at most {ceiling(builds):.2f} US dollars, at us-east-1's list prices of {DATE}.
"""
