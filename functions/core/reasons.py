"""Why there is no image, in the uploader's words: a code, and a sentence that says what to do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.builds import Build

# The recipe's last line. CodeBuild's own account of a failed command quotes the whole recipe and is never shown.
LINE = re.compile(r"^reason: ([a-z-]+): (.+)$", re.MULTILINE)
LONGEST = 500
# Control characters, line breaks, and what turns the direction of text or takes no width.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True)
class Reason:
    """A code for machines and the table of troubleshooting, and a sentence for people, which is one bounded line."""

    code: str
    sentence: str

    def __post_init__(self) -> None:
        """A sentence may quote what an upload says of itself: no control characters, no line breaks, no flood."""
        object.__setattr__(self, "sentence", UNPRINTABLE.sub(" ", self.sentence).strip()[:LONGEST])

    def __str__(self) -> str:
        """The reason as the uploader reads it."""
        return f"{self.code}: {self.sentence}"


NO_ROOM = Reason(
    "waiting", "CodeBuild takes no more builds now. The quota of a new account may be 0: ask AWS to raise it"
)
REFUSED = Reason("waiting", "builds cannot be started now. The operators are told")
KEY_UNUSABLE = Reason(
    "key-unusable", "The key is too long or has control characters. Upload the zip again under a plain name."
)
UNREADABLE = Reason(
    "source-unreadable", "This version is gone or encrypted with a key that builds may not use. Upload it again."
)
SUPERSEDED = Reason("superseded", "A newer upload is recorded or ready. Upload this one again to deploy it.")
GONE = Reason("build-system-fault", "The image was built and is gone from the repository. Upload the source again.")
QUEUED_TOO_LONG = Reason("timed-out", "The build waited too long in the queue of CodeBuild. Upload the source again.")
TIMED_OUT = Reason("timed-out", "The build ran longer than it may. Make it quicker or ask the operators for more time.")
STOPPED = Reason("stopped", "Somebody stopped the build. Upload the source again to build it.")


def in_log(messages: Iterable[str]) -> Reason | None:
    """The reason in the last messages of a build's log, if it is there yet."""
    found = [match for message in messages for match in LINE.findall(message)]
    if not found:
        return None
    code, sentence = found[-1]
    return Reason(code, sentence)


def without_log(build: Build) -> Reason:
    """The reason of a build that failed and whose log gives none."""
    if build.status == "STOPPED":
        return STOPPED
    if build.status == "TIMED_OUT":
        return TIMED_OUT if build.ran_commands else QUEUED_TOO_LONG
    if build.status == "FAILED" and build.ran_commands:
        return Reason(
            "build-failed", f"The phase {build.phase} failed and the log does not say why. Ask the operators."
        )
    told = f"CodeBuild ended the build as {build.status} in its phase {build.phase}."
    return Reason("build-system-fault", f"{told} Upload the source again, or ask the operators.")
