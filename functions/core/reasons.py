"""Every reason why there is no image, or not yet: a code for machines, and a sentence that says what to do.

The sentences keep to letters, digits and `+ - = . _ : / @`, because they stand in a tag of S3, too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# The recipe's last line. CodeBuild's own account of a failed command quotes the whole recipe and is never shown.
LINE = re.compile(r"^reason: ([a-z-]+): (.+)$", re.MULTILINE)
LONGEST = 500
ELLIPSIS = " ... "
KEPT_END = 100  # a tool says at the end what went wrong
# Control characters, line breaks, and what turns the direction of text or takes no width.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def printable(text: str) -> str:
    """The text in one line."""
    return UNPRINTABLE.sub(" ", text).strip()


def shortened(text: str, most: int) -> str:
    """The text, of which the middle is left out where it is longer."""
    if len(text) <= most:
        return text
    end = min(KEPT_END, most // 3)
    return f"{text[: most - len(ELLIPSIS) - end].rstrip()}{ELLIPSIS}{text[-end:].lstrip()}"


@dataclass(frozen=True)
class Reason:
    """A code for machines and the table of troubleshooting, and a sentence for people, which is one bounded line.

    `output` has the last lines that a failed step of the Dockerfile printed.
    """

    code: str
    sentence: str
    output: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """A sentence may quote what an upload says of itself: no control characters, no line breaks, no flood."""
        object.__setattr__(self, "sentence", shortened(printable(self.sentence), LONGEST))

    def __str__(self) -> str:
        """The reason as the uploader reads it."""
        return f"{self.code}: {self.sentence}"


# The upload: StartBuild's check. These reject it.

KEY_UNUSABLE = Reason(
    "key-unusable", "The key is too long or has control characters. Upload the zip again under a plain name."
)
UNREADABLE = Reason(
    "source-unreadable", "This version is gone or encrypted with a key that builds may not use. Upload it again."
)
NOT_A_ZIP = Reason("not-a-zip", "This is not a zip file or its end is missing. Make a zip and upload it again.")
DAMAGED = Reason("zip-damaged", "The directory of this zip cannot be read. Make the zip again and upload it.")
TOO_MANY = Reason("too-many-entries", "The zip has more than about 30000 entries. Leave out node_modules and .git")
ENCRYPTED = Reason("encrypted", "The zip is encrypted. Upload it without a password.")
NOT_REGULAR = Reason("no-dockerfile", "The Dockerfile is a link or a folder. Put the file itself into the zip.")


def too_large(most_mib: int) -> Reason:
    """The zip itself is larger than what is taken."""
    return Reason("too-large", f"The zip is larger than {most_mib} MiB. Leave out what the image does not need.")


def file_too_large(name: str) -> Reason:
    """A file that the zip unpacks to is larger than is taken."""
    return Reason("too-large", f"{name} is larger than 2 GiB. Leave out what the image does not need.")


def unpacks_too_large(largest: str) -> Reason:
    """All that the zip unpacks to is larger than is taken."""
    return Reason(
        "too-large",
        f"The zip unpacks to more than 8 GiB. The largest file is {largest}. Leave out what the image does not need.",
    )


def unsupported(name: str, method: str) -> Reason:
    """A file is compressed in a way that the recipe can't read."""
    return Reason("zip-damaged", f"{name} is compressed by {method} which is not supported. Use Deflate.")


def impossible_name(name: str) -> Reason:
    """A name that Linux or the recipe can't hold."""
    return Reason("zip-damaged", f"The name {name} is too long or too deep or has a zero in it. Shorten it.")


def stands_twice(name: str) -> Reason:
    """Two entries want one place."""
    return Reason("zip-damaged", f"The zip holds {name} twice and not the same. Make the zip anew.")


def no_dockerfile(name: str, hint: str | None) -> Reason:
    """There is no Dockerfile where it should be; the hint says what to do."""
    place = f"There is no file {name} at the top of the zip or in its only folder."
    return Reason("no-dockerfile", f"{place} {hint}" if hint else place)


def rename(name: str, wanted: str) -> str:
    """A hint: the Dockerfile has another name."""
    return f"There is {name}: name it {wanted}"


def elsewhere(folder: str, path: str | None) -> str:
    """A hint: a Dockerfile is deeper, at this path below the source's folder."""
    option = f" or deploy the stack with DockerfilePath={path}" if path else ""
    return f"There is one in {folder}: zip what is in that folder{option}"


def zip_inside(name: str) -> str:
    """A hint: the zip holds a zip."""
    return f"There is {name} in it: upload that one."


# The account: the upload waits. None of these says anything of the upload.

WAITING = "waiting"
NO_ROOM = Reason(
    WAITING, "CodeBuild takes no more builds now. The quota of a new account may be 0: ask AWS to raise it"
)


def refused(operation: str, code: str) -> Reason:
    """AWS refused a request that the upload needs, by this error code."""
    return Reason(WAITING, f"AWS answers {operation} with {code}. It is tried again every few minutes.")


UNANSWERED = Reason(WAITING, "AWS does not answer or this stack fails. It is tried again every few minutes.")
NOT_RECORDED = Reason(
    WAITING, "The image is built and cannot be recorded now. It is tried again at least every 15 minutes."
)


NO_LOG_YET = Reason(WAITING, "The build has failed. Its log does not say why yet.")


def built_again(fault: Reason) -> Reason:
    """The build failed for no fault of the upload, and is started again."""
    return Reason(WAITING, f"It is built again within 15 minutes. The last build ended with {fault}")


# The recipe: buildspec.yml says these, in the same words and order. "…" stands for what a tool or the image says.

RECIPE = (
    Reason("build-system-fault", "The build stopped halfway and its log says where. Ask the operators."),
    Reason("source-unreadable", "This version of the upload cannot be read. Upload it again. …"),
    Reason("build-system-fault", "S3 refuses the upload. …"),
    Reason("not-a-zip", "This is not a zip or its end is missing. Upload it again."),
    Reason("encrypted", "The zip is encrypted. Make it without a password."),
    Reason("too-large", "The zip unpacks to more than 8 GiB or to a file above 2 GiB."),
    Reason("zip-damaged", "The zip cannot be unpacked. Make it again. …"),
    Reason("build-system-fault", "Unpacking failed. …"),
    Reason("no-dockerfile", "There is no file … at the top of the zip or in its only folder. A link is not enough."),
    Reason("build-failed", "The Dockerfile is written in UTF-16. Save it as UTF-8."),
    Reason("build-system-fault", "ECR refuses a password. …"),
    Reason("build-system-fault", "The engine does not answer. …"),
    Reason("build-system-fault", "ECR refuses the login. …"),
    Reason("build-system-fault", "The secret … cannot be read. …"),
    Reason(
        "build-system-fault",
        "The secret … has to be a JSON object of texts: secrets by name and logins user:password by registry:host.",
    ),
    Reason("build-system-fault", "The secret … has a login that … refuses. …"),
    Reason("build-failed", "…"),
    Reason("build-failed", "The build gives an index and not one image. Leave the line syntax= out of the Dockerfile."),
    Reason("no-program", "The image starts nothing. Give the Dockerfile a CMD or an ENTRYPOINT."),
    Reason("no-program", "No container can be made of the image. …"),
    Reason("build-system-fault", "The engine makes no container. …"),
    Reason("build-system-fault", "The engine fails. …"),
    Reason(
        "build-failed",
        "The build leaves out the labels it was given. Leave the line syntax= out of the Dockerfile.",
    ),
    Reason(
        "wrong-architecture",
        "… is not for arm64. Look for --platform and an amd64 digest in FROM and for GOARCH and programs that were "
        "downloaded.",
    ),
    Reason("build-system-fault", "The engine fails. …"),
    Reason("build-system-fault", "The engine starts no container. …"),
    Reason("no-program", "The USER of the image is not in it. Add that user or leave USER out. …"),
    Reason("no-program", "What the image starts may not be executed or not by its USER: chmod 755. …"),
    Reason(
        "no-program",
        "The image starts what is neither a Linux program nor a script with an interpreter in its first line. …",
    ),
    Reason("no-program", "The script … has line ends of Windows with which Linux cannot start it. Save it with LF."),
    Reason("no-program", "… needs a loader that the image does not have. Compile it in the image or statically. …"),
    Reason("no-program", "The script … asks for … which is not in the image. …"),
    Reason("no-program", "The image starts … which is not in it or not executable: chmod +x. …"),
    Reason("push-failed", "The image was built and its push failed. …"),
)

# The recipe's `build-failed`, where what `docker build` printed shows something else than a step of the Dockerfile.
# core/build_failures.py knows by what; the step and its last lines follow.

ENGINE_GONE = Reason("build-system-fault", "The engine ended in the middle of the build.")
BASE_UNREACHABLE = Reason("build-system-fault", "The base image cannot be fetched now.")
RATE_LIMITED = Reason(
    "rate-limited",
    "The registry of the base image takes no more requests now. public.ecr.aws/docker/library has the images of "
    "Docker Hub.",
)
NO_MESSAGE = Reason("build-failed", "docker build ended without a message.")
BASE_REFUSED = Reason(
    "build-failed",
    "The registry gives the base image to nobody without a login. Check its name or ask the operators for BuildSecret "
    "or BaseRepositoryArns.",
)
BASE_NOT_FOR_ARM64 = Reason(
    "wrong-architecture", "The base image does not exist for linux/arm64. Choose one that does."
)
# Every build starts with the same free disk, so it would be full again.
DISK_FULL = Reason("disk-full", "The disk of the build is full. Let the Dockerfile need less of it.")
STEP_DISK_FULL = Reason(
    "disk-full",
    "The step filled the disk of the build or a small one such as /dev/shm with 64 MiB. Let it need less.",
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
    "build-failed", "A heredoc has no end. Its end word must stand alone in its line without spaces around it."
)


def ignored(path: str) -> Reason:
    """An instruction needs what isn't sent to the engine."""
    return Reason("build-failed", f"The source has {path} but .dockerignore leaves it out.")


def no_such_stage(where: str, name: str, stages: Sequence[str]) -> Reason:
    """An instruction names an image where one of these stages is meant."""
    return Reason("build-failed", f"{where}: the Dockerfile has no stage {name}. It has {' and '.join(stages[:5])}.")


# The build's end, where its log gives no reason.

GONE = Reason("build-system-fault", "The image was built and is gone from the repository. Upload the source again.")
QUEUED_TOO_LONG = Reason("timed-out", "The build waited too long in the queue of CodeBuild. Upload the source again.")
TIMED_OUT = Reason("timed-out", "The build ran longer than it may. Make it quicker or ask the operators for more time.")
STOPPED = Reason("stopped", "Somebody stopped the build. Upload the source again to build it.")
SUPERSEDED = Reason("superseded", "A newer upload is recorded or ready. Upload this one again to deploy it.")


def silent_phase(phase: str) -> Reason:
    """A phase of the build failed, and the log doesn't say why."""
    return Reason("build-failed", f"The phase {phase} failed and the log does not say why. Ask the operators.")


def fault(status: str, phase: str) -> Reason:
    """CodeBuild ended the build before the recipe could say why."""
    return Reason(
        "build-system-fault", f"CodeBuild ended the build as {status} in its phase {phase}. Ask the operators."
    )


FAULTS = frozenset({"build-system-fault", "push-failed", "rate-limited"})
"""The codes of builds that failed for no fault of the upload: these are built again."""


def in_log(messages: Iterable[str]) -> Reason | None:
    """The reason in the last messages of a build's log, if it is there yet."""
    found = [match for message in messages for match in LINE.findall(message)]
    if not found:
        return None
    code, sentence = found[-1]
    return Reason(code, sentence)
