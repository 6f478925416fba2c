"""Checks of CodeBuild: its machine, its engine and its images, from the builds of two probes."""

from datetime import datetime
from itertools import pairwise

from core import build_log
from verify.checking import Check
from verify.evidence import Evidence, recorded
from verify.uploads import Story, fact, lines_about
from verify.verdicts import DidNotHold, NotTried

OLD_STORE = "The engine doesn't start with containerd's image store"
NO_CACHE = "This engine can't export a layer cache"
LOST_ENGINE = "Cannot connect to the Docker daemon"
VARIABLES = {"SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG"}
NO_PERMISSION = "no-permission:"
FEW_BUILDS = 25
"""The number of builds that the functions ask for at once."""
QUICK_SECONDS = 3.0
LINE_SECONDS = 30.0
MILLISECONDS = 1000


def host_kernel(evidence: Evidence) -> str:
    """The kernel and the cgroup version of the build's machine."""
    kernel, cgroup = fact(evidence.first, "kernel"), fact(evidence.first, "cgroup")
    seen = f"A step ran on kernel {kernel}, with {cgroup} at /sys/fs/cgroup."
    if not kernel.startswith("6.") or cgroup != "cgroup2fs":
        raise DidNotHold(seen)
    return seen


def build_role_trust(evidence: Evidence) -> str:
    """Whether the first build left PROVISIONING."""
    statuses = phases(evidence.built)
    if statuses.get("PROVISIONING") != "SUCCEEDED":
        raise DidNotHold(f"The build's phases are {statuses}.")
    return "The first build was provisioned."


def start_build_without_pass_role(evidence: Evidence) -> str:
    """Whether StartBuild could start a build at all."""
    try:
        build = evidence.first_build
    except NotTried as error:
        if NO_PERMISSION in str(error):
            raise DidNotHold(str(error)) from error
        raise
    return f"StartBuild's role, which may pass no role, started a build. It was {build['buildStatus']} at first."


def start_build_variables(evidence: Evidence) -> str:
    """Whether a build's description lists the three variables."""
    listed = {each["name"] for each in evidence.first_build["environment"]["environmentVariables"]}
    if not listed >= VARIABLES:
        raise DidNotHold(f"The build's description lists {', '.join(sorted(listed)) or 'no variable'}.")
    return f"The build's description lists {', '.join(sorted(VARIABLES))}."


def builder_link_lifetime(evidence: Evidence) -> str:
    """Whether the build got its builder."""
    return begun(evidence.built, "curl downloaded the builder.")


def build_image_programs(evidence: Evidence) -> str:
    """Whether the default image has what the builder needs."""
    return begun(evidence.built, "The builder ran in the default BuildImage. The other image wasn't tried.")


def engine_restarts(evidence: Evidence) -> str:
    """Whether the engine came back with the image store that can export a cache."""
    for begin in (OLD_STORE, NO_CACHE):
        if evidence.first.logged(begin):
            raise DidNotHold(f"The log says: {evidence.first.logged(begin)}")
    return "The engine was restarted, then built and pushed the image."


def engine_outlives_command(evidence: Evidence) -> str:
    """Whether the restarted engine lived on in the later phases."""
    lost = lines_about(evidence.built, LOST_ENGINE)
    if lost:
        raise DidNotHold(f"The log says: {lost[0]}")
    recorded(evidence.built)
    return "Three more phases used the engine that the first one had restarted."


def cgroup_limits(evidence: Evidence) -> str:
    """Whether a container with a limit on its processes starts."""
    refused = [line for line in lines_about(evidence.built, "cgroup") if "probe" not in line]
    if refused:
        raise DidNotHold(f"The log says: {refused[0]}")
    recorded(evidence.built)
    return "The trial's container started."


def push_permissions(evidence: Evidence) -> str:
    """Whether two builds could push, and export and import the cache."""
    denied = lines_about(evidence.built, "403 Forbidden")
    if denied:
        raise DidNotHold(f"The log says: {denied[0]}")
    denied = lines_about(evidence.again, "403 Forbidden")
    if denied:
        raise DidNotHold(f"The second build's log says: {denied[0]}")
    recorded(evidence.again)
    return "Two builds pushed their images, and wrote and read the cache."


def registry_cache(evidence: Evidence) -> str:
    """Whether the second build found the first one's layers."""
    if not lines_about(evidence.again, "CACHED"):
        raise DidNotHold("No line of the second build's log says CACHED.")
    return "The second build's log says CACHED."


def ecr_public_login(evidence: Evidence) -> str:
    """Whether the base image came from ECR Public without a refused login or a limit."""
    refused = [line for word in ("429 Too Many", "toomanyrequests") for line in lines_about(evidence.built, word)]
    if refused:
        raise DidNotHold(f"The log says: {refused[0]}")
    recorded(evidence.built)
    return "The base image was pulled from ECR Public."


def build_lines_arrive(evidence: Evidence) -> str:
    """How long a build's lines take to CloudWatch Logs."""
    build = evidence.built.build_or_fail()
    page = evidence.pipeline.logs.get_log_events(
        logGroupName=build["logs"]["groupName"], logStreamName=build["logs"]["streamName"], startFromHead=True
    )
    late = max((each["ingestionTime"] - each["timestamp"]) / MILLISECONDS for each in page["events"])
    seen = f"The slowest line arrived {late:.1f} s after it was printed."
    if late > LINE_SECONDS:
        raise DidNotHold(seen)
    return seen


def builds_newest_first(evidence: Evidence) -> str:
    """Whether the project's builds are listed from the newest to the oldest."""
    starts = [build["startTime"] for build in evidence.pipeline.all_builds()]
    if any(later < earlier for later, earlier in pairwise(starts)):
        raise DidNotHold("A build is listed after an older one.")
    return f"{len(starts)} builds are listed, the newest first. A list of more than 100 wasn't tried."


def batch_get_builds_speed(evidence: Evidence) -> str:
    """How long one answer about 25 builds takes."""
    ids = evidence.pipeline.build_ids()[:FEW_BUILDS]
    if len(ids) < FEW_BUILDS:
        raise NotTried(f"The project has only {len(ids)} builds, and the assumption is about {FEW_BUILDS}.")
    began = datetime.now()  # noqa: DTZ005  # a duration
    evidence.pipeline.codebuild.batch_get_builds(ids=ids)
    seconds = (datetime.now() - began).total_seconds()  # noqa: DTZ005
    seen = f"{FEW_BUILDS} builds came in {seconds:.1f} s."
    if seconds >= QUICK_SECONDS:
        raise DidNotHold(seen)
    return seen


def codebuild_log_lines(evidence: Evidence) -> str:
    """Whether the builder's last line is whole in the log, and CodeBuild's own lines can be told from others."""
    log = evidence.failing_step.log
    if not any(line.startswith("[Container] ") for line in log):
        raise DidNotHold("No line of the log begins with [Container].")
    if not build_log.reason_in(log):
        raise DidNotHold("The log of a failed build has no line `reason:` that can be read.")
    return "The failed build's reason is one whole line, and CodeBuild's lines begin with [Container]."


def begun(story: Story, seen: str) -> str:
    """What was seen, if the builder has begun.

    Raises:
        DidNotHold: INSTALL failed.
    """
    statuses = phases(story)
    if statuses.get("INSTALL") != "SUCCEEDED":
        raise DidNotHold(f"The build's phases are {statuses}. Its last lines: {' / '.join(story.log[-5:])}")
    return seen


def phases(story: Story) -> dict[str, str]:
    """The status of each phase of the story's build."""
    return {each["phaseType"]: each.get("phaseStatus", "") for each in story.build_or_fail()["phases"]}


CHECKS = [
    Check("start-build-without-pass-role", start_build_without_pass_role),
    Check("build-role-trust", build_role_trust),
    Check("start-build-variables", start_build_variables),
    Check("builder-link-lifetime", builder_link_lifetime),
    Check("build-image-programs", build_image_programs),
    Check("host-kernel", host_kernel),
    Check("engine-restarts", engine_restarts),
    Check("engine-outlives-command", engine_outlives_command),
    Check("cgroup-limits", cgroup_limits),
    Check("ecr-public-login", ecr_public_login),
    Check("build-lines-arrive", build_lines_arrive),
    Check("push-permissions", push_permissions),
    Check("registry-cache", registry_cache),
    Check("codebuild-log-lines", codebuild_log_lines),
    Check("builds-newest-first", builds_newest_first),
    Check("batch-get-builds-speed", batch_get_builds_speed),
]
