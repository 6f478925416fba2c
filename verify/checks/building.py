"""Checks of CodeBuild: its machine, its engine and its images, from the builds of two probes."""

from core import build_log
from local.sources.samples import SERVES
from local.sources.zipping import zip_with
from verify.checking import Check
from verify.gathering.evidence import Evidence, recorded
from verify.gathering.uploads import Story, fact, lines_about, tell
from verify.verdicts import DidNotHold, NotTried, Partly

RESTARTS = "Restarting CodeBuild's engine"
OLD_STORE = "The engine doesn't start with containerd's image store"
NO_CACHE = "This engine can't export a layer cache"
CGROUP2 = "63677270"
"""CGROUP2_SUPER_MAGIC: https://man7.org/linux/man-pages/man2/statfs.2.html"""
LOST_ENGINE = "Cannot connect to the Docker daemon"
VARIABLES = {"SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG", "BUILDER"}
"""Three of the request, and one of the project."""
A_RUN = "a RUN that fails"
"""One of the known failures."""
ASSUME = "sts:AssumeRole"
LIMITED = ("429 Too Many", "toomanyrequests")
DENIED = ("403 Forbidden", "denied: ")
LACKING = ("No module named", "command not found", "SyntaxError", "unrecognized arguments")
"""A log's words if the image lacks a program, or its Python is too old."""
NO_PERMISSION = "no-permission:"
LINE_SECONDS = 30.0
MILLISECONDS = 1000


def host_kernel(evidence: Evidence) -> str:
    """The kernel and the cgroup version of the build's machine."""
    kernel, cgroup = fact(evidence.first, "kernel"), fact(evidence.first, "cgroup")
    version = "v2" if cgroup == CGROUP2 else f"another (file system type {cgroup})"
    seen = f"A step ran on kernel {kernel}. The cgroup version at /sys/fs/cgroup is {version}."
    if not kernel.startswith("6.") or cgroup != CGROUP2:
        raise DidNotHold(seen)
    return seen


def build_role_trust(evidence: Evidence) -> str:
    """Whether the first build left PROVISIONING."""
    if phases(evidence.built).get("PROVISIONING") == "SUCCEEDED":
        return "The first build was provisioned."
    said = contexts(evidence.built)
    if ASSUME in said:
        raise DidNotHold(f"CodeBuild says: {said}")
    raise NotTried(f"The first build wasn't provisioned, for another reason: {said or 'CodeBuild gives none'}")


def start_build_without_pass_role(evidence: Evidence) -> str:
    """Whether StartBuild could start a build at all."""
    try:
        build = evidence.first_build
    except NotTried as error:
        if NO_PERMISSION in str(error) and "StartBuild" in str(error):
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
    if phases(evidence.built).get("INSTALL") == "SUCCEEDED":
        return "curl downloaded the builder."
    refused = lines_about(evidence.built, "error: 403")
    if refused:
        raise DidNotHold(f"The log says: {refused[0]}")
    raise NotTried(ended_early(evidence.built))


def build_image_programs(evidence: Evidence) -> str:
    """Whether the default image has what the builder needs."""
    if phases(evidence.built).get("PRE_BUILD") == "SUCCEEDED":
        return Partly("The builder fetched a source in the default BuildImage. The other image wasn't tried.")
    missing = [line for word in LACKING for line in lines_about(evidence.built, word)]
    if missing:
        raise DidNotHold(f"The log says: {missing[0]}")
    raise NotTried(ended_early(evidence.built))


def engine_command_line(evidence: Evidence) -> str:
    """Whether the builder found the TCP port on the command line of the engine that docker.pid names."""
    if evidence.built.logged(RESTARTS):
        return "The builder found the port on the command line of the engine, by docker.pid, and restarted the engine."
    if phases(evidence.built).get("PRE_BUILD") != "SUCCEEDED":
        raise NotTried(ended_early(evidence.built))
    raise DidNotHold("The builder left the engine as it was: it found no docker.pid, or no such port.")


def engine_restarts(evidence: Evidence) -> str:
    """Whether the engine came back with the image store that can export a cache."""
    for begin in (OLD_STORE, NO_CACHE):
        if evidence.first.logged(begin):
            raise DidNotHold(f"The log says: {evidence.first.logged(begin)}")
    return Partly("No line says that the engine kept its old image store, and the image was built, started and pushed.")


def engine_outlives_command(evidence: Evidence) -> str:
    """Whether the restarted engine lived on in the later phases."""
    lost = lines_about(evidence.built, LOST_ENGINE)
    if lost:
        raise DidNotHold(f"The log says: {lost[0]}")
    recorded(evidence.built)
    return "The phases BUILD and POST_BUILD used the engine that PRE_BUILD had restarted."


def cgroup_limits(evidence: Evidence) -> str:
    """Whether a container with a limit on its processes starts.

    An upload whose container doesn't is built again and again, so its first build decides.
    """
    refused = [line for line in evidence.first_log if "cgroup" in line and "probe" not in line]
    if refused:
        raise DidNotHold(f"The log says: {refused[0]}")
    recorded(evidence.built)
    return "The trial's container started."


def push_permissions(evidence: Evidence) -> str:
    """Whether two builds could push, and export and import the cache."""
    for of in ("built", "again"):
        denied = [line for word in DENIED for line in lines_about(getattr(evidence, of), word)]
        if denied:
            raise DidNotHold(f"The log says: {denied[0]}")
    if not lines_about(evidence.again, "CACHED"):
        raise DidNotHold("The second build didn't read the cache.")
    return "Two builds pushed their images. The second one read the cache that the first one wrote."


def registry_cache(evidence: Evidence) -> str:
    """Whether the second build found the first one's layers."""
    if not lines_about(evidence.again, "CACHED"):
        raise DidNotHold("No line of the second build's log says CACHED.")
    return "The second build's log says CACHED."


def ecr_public_login(evidence: Evidence) -> str:
    """Whether the base image came from ECR Public without a refused login or a limit."""
    refused = [line for word in LIMITED for line in lines_about(evidence.built, word)]
    if refused:
        raise DidNotHold(f"The log says: {refused[0]}")
    recorded(evidence.built)
    return Partly("The base image was pulled from ECR Public. Whether the login succeeded isn't in the log.")


def docker_hub_mirror(evidence: Evidence) -> str:
    """Whether an image from Docker Hub's busybox was built, without a login and without meeting a limit."""
    if not evidence.is_aws:
        raise NotTried("Outside AWS, nothing is said about CodeBuild's addresses.")
    recorded(evidence.built)  # otherwise another build shows nothing more
    story = from_docker_hub(evidence)
    refused = [line for word in LIMITED for line in lines_about(story, word)]
    if refused:
        raise DidNotHold(f"The log says: {refused[0]}")
    recorded(story)
    return Partly(
        "An image from Docker Hub's busybox was built without a login. Whether the mirror answered isn't in the log. "
        "An image that the mirror lacks wasn't tried."
    )


def from_docker_hub(evidence: Evidence) -> Story:
    """The result of an upload whose base image is Docker Hub's busybox."""
    dockerfile = f"FROM busybox\nRUN : {evidence.nonce}\n{SERVES}"
    return tell(evidence.pipeline, "docker-hub.zip", zip_with({"Dockerfile": dockerfile}))


def build_lines_arrive(evidence: Evidence) -> str:
    """How long a build's lines take to CloudWatch Logs."""
    build = recorded(evidence.built).build_or_fail()
    page = evidence.pipeline.logs.get_log_events(
        logGroupName=build["logs"]["groupName"], logStreamName=build["logs"]["streamName"], startFromHead=True
    )
    if not page["events"]:
        raise NotTried("The log has no lines.")
    late = max((each["ingestionTime"] - each["timestamp"]) / MILLISECONDS for each in page["events"])
    seen = f"The slowest line arrived {late:.1f} s after it was printed."
    if late > LINE_SECONDS:
        raise DidNotHold(seen)
    return seen


def codebuild_log_lines(evidence: Evidence) -> str:
    """Whether the builder's last line is whole in the log, and CodeBuild's own lines can be told from others."""
    story = evidence.failed(A_RUN)
    log = story.log
    if not log:
        raise NotTried(f"The build has no log. The upload is {story.status}: {story.reason}")
    if not any(line.startswith("[Container] ") for line in log):
        raise DidNotHold("No line of the log begins with [Container].")
    if not build_log.reason_in(log):
        raise DidNotHold("The log of a failed build has no line `reason:` that can be read.")
    return "The failed build's reason is one whole line, and CodeBuild's lines begin with [Container]."


def ended_early(story: Story) -> str:
    """Why a build ended before the builder did its work, as far as it is known."""
    return f"The build's phases are {phases(story)}. {contexts(story)} Its last lines: {' / '.join(story.log[-5:])}"


def contexts(story: Story) -> str:
    """CodeBuild's messages about the phases of the story's build."""
    listed = [each for phase in story.build_or_fail()["phases"] for each in phase.get("contexts", [])]
    return " ".join(each["message"] for each in listed if each.get("message"))


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
    Check("engine-command-line", engine_command_line),
    Check("engine-restarts", engine_restarts),
    Check("engine-outlives-command", engine_outlives_command),
    Check("cgroup-limits", cgroup_limits),
    Check("ecr-public-login", ecr_public_login),
    Check("docker-hub-mirror", docker_hub_mirror),
    Check("build-lines-arrive", build_lines_arrive),
    Check("push-permissions", push_permissions),
    Check("registry-cache", registry_cache),
    Check("codebuild-log-lines", codebuild_log_lines),
]
