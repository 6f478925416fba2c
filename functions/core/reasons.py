"""Every reason why there is no image, or not yet: a code for machines, and a sentence that says what to do.

The sentences keep to letters, digits and `+ - = . _ : / @`, because they stand in a tag of S3, too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONGEST = 500
MOST_LINES, LONGEST_LINE = 20, 200  # of what a failed step printed last
ELLIPSIS = " ... "
KEPT_END = 100  # a tool says at the end what went wrong
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")
# Control characters, line breaks, changes of text direction, characters without width, and surrogates.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


def printable(text: str) -> str:
    """The text in one line."""
    return UNPRINTABLE.sub(" ", text).strip()


def shortened(text: str, most: int) -> str:
    """The text, of which the middle is left out where it is longer."""
    if len(text) <= most:
        return text
    end = min(KEPT_END, most // 3)
    return f"{text[: most - len(ELLIPSIS) - end].rstrip()}{ELLIPSIS}{text[-end:].lstrip()}"


def last_lines(output: Iterable[str]) -> tuple[str, ...]:
    """The last lines of an output, printable and shortened."""
    return tuple(shortened(printable(line), LONGEST_LINE) for line in [*output][-MOST_LINES:])


@dataclass(frozen=True)
class Reason:
    """A code for machines and the table of troubleshooting, and a sentence for people, which is one bounded line.

    `output` has the last lines that a failed step of the Dockerfile printed.
    """

    code: str
    sentence: str
    output: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Bounds what an upload may say of itself: no control characters, no line breaks, no flood."""
        object.__setattr__(self, "sentence", shortened(printable(self.sentence), LONGEST))
        object.__setattr__(self, "output", last_lines(self.output))

    def __str__(self) -> str:
        """The reason as the uploader reads it."""
        return f"{self.code}: {self.sentence}"


def parsed(text: str) -> Reason:
    """The reason that was written as text; its code is empty where the text has none."""
    code, colon, sentence = text.partition(": ")
    return Reason(code, sentence) if colon and CODE.fullmatch(code) else Reason("", text)


SYSTEM_FAULT = "build-system-fault"  # nobody's: the upload is built again

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
    """A file is compressed in a way that the builder can't read."""
    return Reason("zip-damaged", f"{name} is compressed by {method} which is not supported. Use Deflate.")


def impossible_name(name: str) -> Reason:
    """A name that Linux or the builder can't hold."""
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


# The upload waits. None of these says anything of the upload.

NO_ROOM = Reason(
    "no-room", "CodeBuild takes no more builds now. The quota of a new account may be 0: ask AWS to raise it"
)
DENIALS = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"})
"""The error codes by which services say that a permission is missing."""


def refused(operation: str, code: str) -> Reason:
    """AWS refused a request that the upload needs, by this error code."""
    said = f"AWS answers {operation} with {code}. It is tried again every few minutes."
    return Reason("no-permission", said) if code in DENIALS else Reason("aws-fails", said)


UNANSWERED = Reason("aws-fails", "AWS does not answer or this stack fails. It is tried again every few minutes.")
NOT_RECORDED = Reason(
    "not-recorded", "The image is built and cannot be recorded now. It is tried again at least every 15 minutes."
)
NO_LOG_YET = Reason("log-late", "The build has failed. Its log does not say why yet.")


def built_again(fault: Reason) -> Reason:
    """The build failed for no fault of the upload, and is started again."""
    return Reason("built-again", f"It is built again within 15 minutes. The last build ended with {fault}")


# The builder's steps before and after the build.


def unreadable(said: str) -> Reason:
    """This version is gone, or builds may not read it."""
    return Reason(UNREADABLE.code, f"This version of the upload cannot be read. Upload it again. {said}")


def s3_refuses(said: str) -> Reason:
    """S3 refused the request, which says nothing about the version."""
    return Reason(SYSTEM_FAULT, f"S3 refused the download. {said}")


def not_unpacked(said: str) -> Reason:
    """The zip's data is damaged; its directory doesn't show that."""
    return Reason(DAMAGED.code, f"The zip cannot be unpacked. Make it again. {said}")


def unpacking_failed(said: str) -> Reason:
    """Unpacking reached a limit of the build or filled its disk."""
    return Reason(SYSTEM_FAULT, f"Unpacking failed. {said}")


UTF_16 = Reason("build-failed", "The Dockerfile is written in UTF-16. Save it as UTF-8.")


def no_password(said: str) -> Reason:
    """ECR gave no password."""
    return Reason(SYSTEM_FAULT, f"ECR issued no password. {said}")


def login_refused(said: str) -> Reason:
    """The stack's own registry refused its password."""
    return Reason(SYSTEM_FAULT, f"ECR refused the login. {said}")


def engine_silent(said: str) -> Reason:
    """The Docker engine of the build doesn't answer."""
    return Reason(SYSTEM_FAULT, f"The engine does not answer. {said}")


def secret_unreadable(name: str, said: str) -> Reason:
    """Secrets Manager refused to return BuildSecret."""
    return Reason(SYSTEM_FAULT, f"The secret {name} cannot be read. {said}")


def secret_of_another_form(name: str) -> Reason:
    """BuildSecret isn't what the template's parameter describes."""
    return Reason(
        SYSTEM_FAULT,
        f"The secret {name} must be a JSON object of strings: secrets under their names and "
        "logins user:password under registry:host.",
    )


def secret_refused(name: str, registry: str, said: str) -> Reason:
    """A registry refused a login from BuildSecret."""
    return Reason(SYSTEM_FAULT, f"The secret {name} has a login that {registry} refuses. {said}")


INDEX = Reason(
    "build-failed", "The build made an index instead of one image. Remove the line syntax= from the Dockerfile."
)


def push_failed(said: str) -> Reason:
    """The registry didn't accept the image."""
    return Reason("push-failed", f"The image was built but its push failed. {said}")


def builder_failed(said: str) -> Reason:
    """The builder itself failed."""
    return Reason(SYSTEM_FAULT, f"The builder failed. Ask the operators to read its log. {said}")


# `docker build` failed for a known cause: core/build_output/known_failures.py detects each. The step and its lines
# follow.

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
# Every build starts with the same free disk, so it would be full again.
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


# The trial: the builder starts the image once. core/trial/refusals.py detects each. `said` quotes the engine or the
# kernel.

NO_PROGRAM = "no-program"
STARTS_NOTHING = Reason(NO_PROGRAM, "The image has no command. Give the Dockerfile a CMD or an ENTRYPOINT.")
UNLABELLED = Reason(
    "build-failed", "The image lacks the labels of the build. Remove the line syntax= from the Dockerfile."
)


def engine_fails(said: str) -> Reason:
    """The engine that tries the image is at fault."""
    return Reason(SYSTEM_FAULT, f"The engine failed. {said}")


def not_started(said: str) -> Reason:
    """The engine refused the image in words that the builder doesn't know."""
    return Reason("not-started", f"The engine refused to start the image. {said}")


def image_for(platform: str) -> Reason:
    """The image declares another platform."""
    return Reason("wrong-architecture", f"The image is for {platform} and must be for linux/arm64.")


def program_for(program: str, machine: str) -> Reason:
    """The image starts a program for another machine."""
    return Reason(
        "wrong-architecture",
        f"{program} is for {machine} and not for arm64. Look for --platform and an amd64 digest in FROM and for GOARCH "
        "and programs that were downloaded.",
    )


def user_missing(user: str, said: str) -> Reason:
    """The image's USER or its group is in neither /etc/passwd nor /etc/group."""
    return Reason(NO_PROGRAM, f"USER {user} is not in the image. Add that user and group or leave USER out. {said}")


def user_out_of_range(user: str, said: str) -> Reason:
    """The id of the image's USER or group, given directly or in /etc/passwd, is too large for the engine."""
    return Reason(NO_PROGRAM, f"USER {user} has an id outside the range 0-2147483647. Choose another. {said}")


def volume_refused(volume: str, said: str) -> Reason:
    """A VOLUME is where the engine or the kernel has its own files."""
    advice = "Remove it." if volume.startswith("/") else "Give it an absolute path."
    return Reason(NO_PROGRAM, f"A VOLUME cannot be at {volume}. {advice} {said}")


def volume_is_file(path: str, said: str) -> Reason:
    """A VOLUME is a file of the image."""
    return Reason(NO_PROGRAM, f"VOLUME {path} is a file in the image. Name a folder. {said}")


def place_taken(path: str, said: str) -> Reason:
    """The image has a folder where the engine mounts a file, or vice versa."""
    return Reason(
        NO_PROGRAM, f"The engine cannot mount its own {path} over the one in the image. Remove {path} from it. {said}"
    )


def folder_refused(folder: str, said: str) -> Reason:
    """The working folder is a file, or closed to the image's USER."""
    return Reason(NO_PROGRAM, f"WORKDIR {folder} is not a folder or the USER of the image may not enter it. {said}")


def empty_word(said: str) -> Reason:
    """The exec form has an empty first word."""
    return Reason(
        NO_PROGRAM,
        f"The first word of the CMD or ENTRYPOINT is empty. Name a program. {said}",
    )


def variable(word: str, said: str) -> Reason:
    """The exec form names its program with a variable."""
    return Reason(
        NO_PROGRAM,
        f"CMD and ENTRYPOINT in exec form expand no variables and the image has no program {word}. Name the program "
        f"itself or use the shell form. {said}",
    )


def one_word(word: str, said: str) -> Reason:
    """The exec form has a whole command in its first word."""
    return Reason(
        NO_PROGRAM, f"CMD or ENTRYPOINT has a whole command in one word: {word}. Write each word separately. {said}"
    )


def missing(path: str, said: str) -> Reason:
    """There is no such file."""
    return Reason(NO_PROGRAM, f"The image starts {path} which is not in it. {said}")


def missing_in_path(name: str, said: str) -> Reason:
    """No folder of the image's PATH has a program of that name."""
    return Reason(NO_PROGRAM, f"The image starts {name} which is in no folder of its PATH. {said}")


def relative_path(word: str, said: str) -> Reason:
    """The program is in a folder of PATH that doesn't begin with a slash."""
    return Reason(NO_PROGRAM, f"{word} is in a relative folder of PATH. Begin each folder of PATH with a slash. {said}")


def folder(path: str, said: str) -> Reason:
    """The image starts a folder."""
    return Reason(NO_PROGRAM, f"The image starts {path} which is a folder. Name the program in it. {said}")


def not_executable(path: str, said: str) -> Reason:
    """Nobody may execute the file."""
    return Reason(NO_PROGRAM, f"{path} is not executable. Use COPY --chmod=755 or RUN chmod +x. {said}")


def not_permitted(path: str, said: str) -> Reason:
    """The image's USER may not execute the program or read the script."""
    return Reason(NO_PROGRAM, f"The USER of the image may not read or execute {path}. Use chmod 755. {said}")


def byte_order_mark(path: str, said: str) -> Reason:
    """A script has three bytes before its `#!`."""
    return Reason(NO_PROGRAM, f"The script {path} begins with a byte order mark. Save it as UTF-8 without one. {said}")


def utf_16(path: str, said: str) -> Reason:
    """A script has two bytes per character."""
    return Reason(NO_PROGRAM, f"The script {path} is written in UTF-16. Save it as UTF-8 without a BOM. {said}")


def for_system(path: str, system: str, said: str) -> Reason:
    """A program is for another operating system."""
    return Reason(NO_PROGRAM, f"{path} is a program for {system} and not for Linux. Build it for linux/arm64. {said}")


def empty_file(path: str, said: str) -> Reason:
    """A program is a file without content."""
    return Reason(NO_PROGRAM, f"{path} is an empty file. {said}")


def no_format(path: str, said: str) -> Reason:
    """The kernel can't start the file."""
    return Reason(
        NO_PROGRAM,
        f"{path} is neither a Linux program nor a script with an interpreter in its first line. {said}",
    )


def damaged(path: str, said: str) -> Reason:
    """The kernel can't load a program for arm64."""
    return Reason(NO_PROGRAM, f"{path} is damaged or cut short. {said}")


def windows_line_ends(script: str, said: str) -> Reason:
    """A script's first line ends in CR, which becomes part of its interpreter's name or argument."""
    return Reason(
        NO_PROGRAM,
        f"The script {script} has line ends of Windows so Linux cannot start it. Save it with LF. {said}",
    )


def loader_missing(path: str, loader: str, said: str) -> Reason:
    """A program needs the C library of another distribution."""
    return Reason(
        NO_PROGRAM,
        f"{path} needs the loader {loader} that the image does not have. Compile it in the image or statically. {said}",
    )


def interpreter_missing(script: str, interpreter: str, said: str) -> Reason:
    """A script asks for a program that isn't there."""
    return Reason(NO_PROGRAM, f"The script {script} asks for {interpreter} which is not in the image. {said}")


def interpreter_refused(script: str, interpreter: str, said: str) -> Reason:
    """A script asks for a program that the kernel can't start."""
    return Reason(NO_PROGRAM, f"The script {script} asks for {interpreter} which cannot be started. {said}")


def env_takes_one_word(script: str, words: str, said: str) -> Reason:
    """A script has `env` look for a program whose name has spaces."""
    return Reason(
        NO_PROGRAM, f"The script {script} has env look for {words} as one program. Write env -S there. {said}"
    )


def scripts_in_a_circle(script: str, said: str) -> Reason:
    """A script asks for itself, or for too many others in a row."""
    return Reason(NO_PROGRAM, f"The script {script} asks for too many scripts or for itself. {said}")


def too_long(said: str) -> Reason:
    """The image's variables and command are longer than the kernel allows."""
    return Reason(
        NO_PROGRAM,
        f"ENV and CMD of the image are longer than Linux allows: 128 KiB each and 2 MiB together. Shorten them. {said}",
    )


def cannot_start(word: str, said: str) -> Reason:
    """The engine or the kernel refuses the program; its words say why."""
    return Reason(NO_PROGRAM, f"The image starts {word} which cannot be started. {said}")


# The build's end, where its log gives no reason.

GONE = Reason(SYSTEM_FAULT, "The image was built and is gone from the repository. Upload the source again.")
QUEUED_TOO_LONG = Reason("timed-out", "The build waited too long in the queue of CodeBuild. Upload the source again.")
TIMED_OUT = Reason("timed-out", "The build ran longer than it may. Make it quicker or ask the operators for more time.")
STOPPED = Reason("stopped", "Somebody stopped the build. Upload the source again to build it.")
NO_BUILDER = Reason(SYSTEM_FAULT, "The builder of this stack could not be fetched or started. Ask the operators.")
SUPERSEDED = Reason("superseded", "A newer upload is recorded or ready. Upload this one again to deploy it.")


def superseded_after(fault: Reason) -> Reason:
    """The build failed through no fault of the upload, and a newer upload is recorded: it isn't built again."""
    return Reason(SUPERSEDED.code, f"{SUPERSEDED.sentence} The last build ended with {fault}")


def silent_phase(phase: str) -> Reason:
    """A phase of the build failed, and the log doesn't say why."""
    return Reason("build-failed", f"The phase {phase} failed and the log does not say why. Ask the operators.")


def fault(status: str, phase: str) -> Reason:
    """CodeBuild ended the build before the builder could say why."""
    return Reason(SYSTEM_FAULT, f"CodeBuild ended the build as {status} in its phase {phase}. Ask the operators.")


FAULTS = frozenset({SYSTEM_FAULT, "push-failed", "rate-limited"})
"""The codes of builds that failed for no fault of the upload: these are built again."""
UNKNOWN = frozenset({"not-started"})
"""The codes of refusals that the builder can't explain: these are built again, until there were three builds."""
