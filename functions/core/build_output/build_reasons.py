"""The reasons of failed `docker build`s with known causes. core/build_output/known_failures.py detects each."""

from collections.abc import Sequence

from core.reasons import SYSTEM_FAULT, Reason

ENGINE_GONE = Reason(SYSTEM_FAULT, "The engine stopped during the build.")
BASE_UNREACHABLE = Reason(SYSTEM_FAULT, "The base image cannot be fetched now.")
RATE_LIMITED = Reason(
    "rate-limited",
    "The registry of the base image takes no more requests now. public.ecr.aws/docker/library has the images of "
    "Docker Hub.",
)
NO_MESSAGE = Reason("build-failed", "docker build failed without a message.")
BASE_REFUSED = Reason(
    "build-failed",
    "The registry gives the base image to nobody without a login. Check its name or ask the operators for BuildSecret "
    "or BaseRepositoryArns.",
)
BASE_NOT_FOR_ARM64 = Reason(
    "wrong-architecture", "The base image does not exist for linux/arm64. Choose one that does."
)
# Another build would fill it as well. assumes: fresh-build-disk
DISK_FULL = Reason("disk-full", "The disk of the build is full. Make the Dockerfile need less of it.")
STEP_DISK_FULL = Reason(
    "disk-full",
    "The step filled the disk of the build or a small one such as /dev/shm with 64 MiB. Make it need less.",
)
OUT_OF_MEMORY = Reason(
    "out-of-memory", "The step was killed for want of memory. Let it need less or deploy a larger BuildComputeType."
)
NOT_FOR_ARM64 = Reason(
    "wrong-architecture",
    "A step runs a program that is not for arm64. Look for --platform and an amd64 digest in FROM and for programs "
    "that were downloaded.",
)
DOCKERFILE_WITH_CR = Reason("build-failed", "The Dockerfile has line ends of Windows. Save it with LF.")
HEREDOC_WITHOUT_END = Reason(
    "build-failed", "A heredoc has no end. Put its end word alone on a line without spaces around it."
)


def ignored(path: str) -> Reason:
    """An instruction needs a file that isn't sent to the engine."""
    return Reason("build-failed", f"The source has {path} but .dockerignore excludes it.")


def no_such_stage(where: str, name: str, stages: Sequence[str]) -> Reason:
    """An instruction names an image but means one of these stages."""
    return Reason("build-failed", f"{where}: the Dockerfile has no stage {name}. It has {' and '.join(stages[:5])}.")


def step_failed(sentence: str, output: Sequence[str]) -> Reason:
    """A step failed, and what it printed says why."""
    return Reason("build-failed", sentence, tuple(output))


def tests_failed(sentence: str, output: Sequence[str]) -> Reason:
    """A step of the tests' stage ended with an exit code other than 0."""
    return Reason("tests-failed", sentence, tuple(output))
