"""The reasons why there is no image, or not yet: a code for programs, and a sentence that says what to do.

The sentences have only letters, digits and `+ - = . _ : / @`, which an S3 tag may hold.
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
    """The text, without its middle if it is longer."""
    if len(text) <= most:
        return text
    end = min(KEPT_END, most // 3)
    return f"{text[: most - len(ELLIPSIS) - end].rstrip()}{ELLIPSIS}{text[-end:].lstrip()}"


def last_lines(output: Iterable[str]) -> tuple[str, ...]:
    """The last lines of an output, printable and shortened."""
    return tuple(shortened(printable(line), LONGEST_LINE) for line in [*output][-MOST_LINES:])


@dataclass(frozen=True)
class Reason:
    """A code for programs, which docs/troubleshooting.md lists, and a sentence for people, in one bounded line.

    `output` has the last lines that a failed step of the Dockerfile printed.
    """

    code: str
    sentence: str
    output: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Removes control characters and line breaks, and bounds the length: uploaders write parts of it."""
        object.__setattr__(self, "sentence", shortened(printable(self.sentence), LONGEST))
        object.__setattr__(self, "output", last_lines(self.output))

    def __str__(self) -> str:
        """The reason as the uploader reads it."""
        return f"{self.code}: {self.sentence}"


def parsed(text: str) -> Reason:
    """The reason in a text. Its code is empty if the text has none."""
    code, colon, sentence = text.partition(": ")
    return Reason(code, sentence) if colon and CODE.fullmatch(code) else Reason("", text)


SYSTEM_FAULT = "build-system-fault"  # nobody's: the upload is built again

# The upload waits. None of these says anything about the upload.

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


def s3_refuses(said: str) -> Reason:
    """S3 refused the request, which says nothing about the version."""
    return Reason(SYSTEM_FAULT, f"S3 refused the download. {said}")


def unpacking_failed(said: str) -> Reason:
    """Unpacking reached a limit of the build or filled its disk."""
    return Reason(SYSTEM_FAULT, f"Unpacking failed. {said}")


UTF_16 = Reason("build-failed", "The Dockerfile is written in UTF-16. Save it as UTF-8.")


def no_password(said: str) -> Reason:
    """ECR issued no password."""
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


# Failures for which the log gives no reason.

GONE = Reason(SYSTEM_FAULT, "The image was built and is gone from the repository. Upload the source again.")
QUEUED_TOO_LONG = Reason("timed-out", "The build waited too long in the queue of CodeBuild. Upload the source again.")
TIMED_OUT = Reason("timed-out", "The build ran longer than it may. Make it quicker or ask the operators for more time.")
STOPPED = Reason("stopped", "Somebody stopped the build. Upload the source again to build it.")
NO_BUILDER = Reason(SYSTEM_FAULT, "The builder of this stack could not be fetched or started. Ask the operators.")
SUPERSEDED = Reason("superseded", "A newer upload is recorded or ready. Upload this one again to deploy it.")


def superseded_after(fault: Reason) -> Reason:
    """The build failed through no fault of the upload, and a newer upload is recorded: it isn't built again."""
    return Reason(SUPERSEDED.code, f"{SUPERSEDED.sentence} The last build ended with {fault}")


REPLACED = Reason("replaced", "The service got a newer image.")
CHANGED_BY_HAND = Reason("replaced", "Somebody deployed another image to the service by hand.")
ROLLED_BACK = Reason("rolled-back", "Somebody chose an older image.")


def not_healthy(said: str | None, exit_code: str | None, lines: Sequence[str]) -> Reason:
    """A deployment of the image failed: what ECS said, how its last task ended, and what that printed last."""
    facts = [said or "The deployment failed.", f"Exit code {exit_code}." if exit_code else "", *lines[-1:]]
    return Reason("not-healthy", " ".join(fact for fact in facts if fact), tuple(lines))


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
