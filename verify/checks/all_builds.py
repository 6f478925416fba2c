"""Checks of CodeBuild that look at all builds of the project and their starts, so they come when there are many."""

import re
import time
from itertools import pairwise
from statistics import median

from verify.checking import Check
from verify.gathering.evidence import Evidence
from verify.verdicts import DidNotHold, NotTried, Partly

FEW_BUILDS = 25
"""The number of builds that the functions ask for at once."""
QUICK_SECONDS = 3.0
AT_QUOTA = "AccountLimitExceededException"
REFUSED = re.compile(r"\((\w+)\) when calling the StartBuild operation(.*)")
OF_A_QUOTA = re.compile(r"limit|quota|active builds|concurrent", re.IGNORECASE)
TEN, PROVISIONING_SECONDS = 10, 90
WAIT_SECONDS = 5
"""A build whose phase QUEUED took so long was in the queue."""


def builds_newest_first(evidence: Evidence) -> str:
    """Whether the project's builds are listed from the newest to the oldest."""
    starts = [build["startTime"] for build in evidence.pipeline.all_builds()]
    if any(later < earlier for later, earlier in pairwise(starts)):
        raise DidNotHold("A build is listed after an older one.")
    if len(starts) < 2:
        raise NotTried(f"The project has {len(starts)} builds.")
    return Partly(f"{len(starts)} builds are listed, the newest first. A list of more than 100 wasn't tried.")


def batch_get_builds_speed(evidence: Evidence) -> str:
    """How long one answer about 25 builds takes."""
    ids = evidence.pipeline.build_ids()[:FEW_BUILDS]
    if len(ids) < FEW_BUILDS:
        raise NotTried(f"The project has only {len(ids)} builds, and the assumption is about {FEW_BUILDS}.")
    began = time.monotonic()
    evidence.pipeline.codebuild.batch_get_builds(ids=ids)
    seconds = time.monotonic() - began
    seen = f"{FEW_BUILDS} builds came in {seconds:.1f} s."
    if seconds >= QUICK_SECONDS:
        raise DidNotHold(seen)
    return seen


def provisioning_time(evidence: Evidence) -> str:
    """How long CodeBuild took to have a machine for the builds so far, their time in the queue included."""
    times = [
        (phase["endTime"] - build["startTime"]).total_seconds()
        for build in evidence.pipeline.all_builds()
        for phase in build["phases"]
        if phase["phaseType"] == "PROVISIONING" and "endTime" in phase
    ]
    if len(times) < TEN:
        raise NotTried(f"Only {len(times)} builds got a machine.")
    seen = f"Half of {len(times)} builds had a machine after {median(times):.0f} s."
    if median(times) > PROVISIONING_SECONDS:
        raise DidNotHold(seen)
    return seen


def build_start_time(evidence: Evidence) -> str:
    """When a build that waited in CodeBuild's queue began, by its `startTime` and its phases."""
    waits = [
        (build["startTime"], phase["endTime"])
        for build in evidence.pipeline.all_builds()
        for phase in build["phases"]
        if phase["phaseType"] == "QUEUED" and phase.get("durationInSeconds", 0) >= WAIT_SECONDS and "endTime" in phase
    ]
    if not waits:
        raise NotTried(f"No build waited in CodeBuild's queue for {WAIT_SECONDS} seconds.")
    late = sum(start >= end for start, end in waits)
    if late:
        raise DidNotHold(f"Of {len(waits)} builds that were queued, {late} have a `startTime` after the queue.")
    return f"All {len(waits)} builds that were queued have a `startTime` before the end of their phase QUEUED."


def quota_refusal(evidence: Evidence) -> str:
    """With which error CodeBuild refused StartBuild at its quota, by StartBuild's log."""
    pages = evidence.pipeline.logs.get_paginator("filter_log_events").paginate(
        logGroupName=evidence.pipeline.outputs["StartBuildLogGroup"], filterPattern='"StartBuild operation"'
    )
    lines = [event["message"] for page in pages for event in page["events"]]
    found = [match for line in lines if (match := REFUSED.search(line))]
    other = next((each for each in found if each[1] != AT_QUOTA and OF_A_QUOTA.search(each[2])), None)
    if other:
        raise DidNotHold(f"CodeBuild refused StartBuild with {other[1]}, and speaks of a limit.")
    if not any(each[1] == AT_QUOTA for each in found):
        raise NotTried("CodeBuild refused no build because of a quota.")
    return Partly(f"CodeBuild refused StartBuild with {AT_QUOTA}. How many builds it queues wasn't tried.")


CHECKS = [
    Check("builds-newest-first", builds_newest_first),
    Check("batch-get-builds-speed", batch_get_builds_speed),
    Check("provisioning-time", provisioning_time),
    Check("build-start-time", build_start_time),
    Check("quota-refusal", quota_refusal),
]
