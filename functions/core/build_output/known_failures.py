"""Known causes of `docker build` failures, each with advice."""

import re
from collections.abc import Callable

from core.build_output import build_reasons, registry_faults
from core.build_output.buildkit_output import Output
from core.reasons import MOST_LINES, Reason

BARE_IMAGE = re.compile(r"(\w[\w.-]*): failed to resolve source metadata for ")
NO_SUCH_IMAGE = re.compile(r"pull access denied|: not found$|\b40[134] |insufficient_scope")
STAGE = re.compile(r"^\s*FROM\s.*\sAS\s+(\S+)\s*$", re.IGNORECASE | re.MULTILINE)
MISSING = re.compile(r'(?:checksum of ref \S+ "(.*)": not found|/buildkit-mount\d+/(.+): no such file or directory)$')
OTHER_SOURCE = re.compile(r"\bfrom=", re.IGNORECASE)
NO_PLATFORM = re.compile(
    r"(?:\S+: )?failed to resolve source metadata for .*"
    r"(?:no match for platform in manifest|no matching manifest for linux/arm64).*"
)
HEREDOC = re.compile(r"(?:dockerfile parse error on line \d+: )?unterminated heredoc")
OPERATION = (
    r"(?:failed to (?!process |parse )[\w ]+|error [\w ]+|write|mkdir|open|copy_file_range|Error processing tar file)"
)
STORE_FULL = re.compile(rf"{OPERATION}.*: no space left on device(?:: unknown)?")
# Runtimes add this after the system's words.
BEHIND = r"(?: ?: ['\"/].*| \((?:os error )?\d+\))?$"
STEP_FULL = re.compile(
    rf"no space left on device(?:, (?!watch)\w+(?: '.*)?$|{BEHIND})|\((?:28: )?no space left on device\)$",
    re.IGNORECASE,
)
KILLED = re.compile(r"137|.*(?:signal: killed|cannot allocate memory)")
NOT_FOR_ARM64 = re.compile(rf"exec format error{BEHIND}", re.IGNORECASE)


def of_step(end: str, output: Output, dockerfile: str) -> Reason | None:
    """Why a step ended so, if the cause isn't the command itself. Such an upload isn't built again."""
    last = (*output.printed[-MOST_LINES:], end)
    if "\r" in dockerfile and r"\r\n" in output.error:
        return build_reasons.DOCKERFILE_WITH_CR
    if KILLED.fullmatch(end):
        return build_reasons.OUT_OF_MEMORY
    if any(map(NOT_FOR_ARM64.search, last)):
        return build_reasons.NOT_FOR_ARM64
    return build_reasons.STEP_DISK_FULL if any(map(STEP_FULL.search, last)) else None


def of_docker(output: Output, dockerfile: str, holds: Callable[[str], bool]) -> Reason | None:
    """Why a build failed outside a step's command, if more is known than docker's words."""
    cause = output.cause
    if fault := of_nobody(output):
        return fault
    if registry_faults.REFUSED.fullmatch(cause):
        return build_reasons.BASE_REFUSED
    if NO_PLATFORM.fullmatch(cause):
        return build_reasons.BASE_NOT_FOR_ARM64
    if STORE_FULL.fullmatch(cause):
        return build_reasons.DISK_FULL
    if HEREDOC.fullmatch(cause):
        return build_reasons.DOCKERFILE_WITH_CR if "\r" in dockerfile else build_reasons.HEREDOC_WITHOUT_END
    path = missing(output)
    return build_reasons.ignored(path) if path and holds(path) else None


def of_nobody(output: Output) -> Reason | None:
    """The reason if the build failed through nobody's fault. It is built again, so the evidence must be certain."""
    if not output.is_certain:
        return None
    if registry_faults.ENGINE_GONE.fullmatch(output.cause):
        return build_reasons.ENGINE_GONE
    if output.failed_step is None or registry_faults.THIS_MACHINE.search(output.cause):
        return None
    if registry_faults.RATE_LIMITED.fullmatch(output.cause):
        return build_reasons.RATE_LIMITED
    return build_reasons.BASE_UNREACHABLE if registry_faults.UNREACHABLE.fullmatch(output.cause) else None


def missing_stage(output: Output, dockerfile: str) -> tuple[str, list[str]] | None:
    """The name that the Dockerfile gives to no stage, and the stages it may mean."""
    image = BARE_IMAGE.match(output.error)
    if not image:
        return None
    if output.suggestion:
        is_its_own = output.instruction.lower().endswith(f" as {output.suggestion.lower()}")  # FROM node AS node1
        return None if is_its_own else (image[1], [output.suggestion])
    stages = STAGE.findall(dockerfile)
    is_asked_of_a_stage = OTHER_SOURCE.search(output.instruction) and NO_SUCH_IMAGE.search(output.error)
    return (image[1], stages) if stages and is_asked_of_a_stage else None


def missing(output: Output) -> str | None:
    """The path that an instruction doesn't find in the context."""
    found = MISSING.search(output.error)
    if not found or OTHER_SOURCE.search(output.instruction):
        return None
    path = (found[1] or found[2] or "").strip("/")
    return path if ".." not in path.split("/") else None
