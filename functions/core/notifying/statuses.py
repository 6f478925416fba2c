"""An upload's status, and the tags on the uploaded version that show it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core import reasons
from core.build_log import Ending
from core.builds import Build
from core.reasons import Reason, shortened
from core.uploads import ObjectVersion

STATUS, IMAGE_TAG, REASON, IMAGE_URI = "build-status", "image-tag", "build-reason", "image-uri"
OURS = frozenset({STATUS, IMAGE_TAG, REASON, IMAGE_URI})


class Stage(NamedTuple):
    """A status: its meaning, and the statuses that it may follow. "" stands for an upload without a status."""

    means: str
    follows: tuple[str, ...]


OPEN = ("", "accepted", "waiting")
LIFE = {
    "accepted": Stage("a build is queued or runs", OPEN),
    "waiting": Stage("it is tried again", OPEN),
    "rejected": Stage("it can't be built", OPEN),
    "failed": Stage("its last build failed", (*OPEN, "rejected")),
    "superseded": Stage("a newer upload was quicker", (*OPEN, "rejected", "failed")),
    "recorded": Stage("the parameter names its image", (*OPEN, "rejected", "failed", "superseded")),
    "running": Stage("its image runs in ECS", ("recorded", "not-healthy", "replaced", "rolled-back")),
    "not-healthy": Stage("ECS gave its deployment up", ("recorded", "running", "replaced", "rolled-back")),
    "replaced": Stage("ECS got a newer image", ("recorded", "running", "rolled-back")),
    "rolled-back": Stage("somebody chose an older image", ("recorded", "running", "replaced")),
}
"""The life of a status. tools/status_diagram.py draws it in docs/troubleshooting.md."""
FINAL = tuple(name for name in LIFE if name not in OPEN)
"""The final statuses. Up to `recorded`, a later one in this order may replace an earlier one."""
DEPLOYED = FINAL[FINAL.index("recorded") + 1 :]
"""The statuses of recorded uploads whose images a follower deploys. They may follow each other."""
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
MOST_TAGS = 10
LONGEST_VALUE = 256
OTHER = re.compile(r"[^A-Za-z0-9+\-=._:/@]+")


class NoRoomError(Exception):
    """The uploader's own tags leave no room for a status."""


@dataclass(frozen=True)
class Status:
    """An upload's status: `image_uri` names its image, `reason` says why there is none, or why ECS doesn't run it.

    `output` has the last lines of the failed step or task, `ending` says how the image's program ended during the
    trial. `log` is the log group and stream of the failed task. `is_recovery` says that the image runs and that the
    deployment before it wasn't healthy.
    """

    name: str
    image_tag: str
    reason: str | None = None
    image_uri: str | None = None
    output: tuple[str, ...] = ()
    ending: Ending | None = None
    log: str | None = None
    is_recovery: bool = False

    @property
    def counted_as(self) -> str:
        """The metric that counts this status, if it ends the way to an image."""
        return f"Upload{self.name.capitalize()}"


def clean(value: str) -> str:
    """The value as a tag may hold it: other characters become spaces, and a long value loses its middle."""
    return shortened(OTHER.sub(" ", value).strip(), LONGEST_VALUE)


def with_status(tags: Mapping[str, str], status: Status) -> dict[str, str]:
    """The version's tags, with this status among them.

    It keeps the uploader's own tags, because a request replaces the whole set:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html

    Raises:
        NoRoomError: the uploader's own tags leave no room.
    """
    theirs = {name: value for name, value in tags.items() if name not in OURS}
    ours = {STATUS: status.name, IMAGE_TAG: status.image_tag}
    if status.image_uri:
        ours[IMAGE_URI] = status.image_uri
    if status.reason or not status.image_uri:
        ours[REASON] = clean(status.reason or "")
    if len(theirs) + len(ours) == MOST_TAGS + 1 and status.reason:
        ours.pop(IMAGE_URI, None)  # the reason matters more
    if len(theirs) + len(ours) > MOST_TAGS:
        raise NoRoomError(f"{len(theirs)} tags of the uploader's own leave no room for {len(ours)} more.")
    return theirs | ours


def read(tags: Mapping[str, str], version: ObjectVersion) -> Status | None:
    """The status in a version's tags; None if there is none, or if it was copied from another object."""
    name, image_tag, reason = tags.get(STATUS), tags.get(IMAGE_TAG, ""), tags.get(REASON)
    if not name or not version.owns(image_tag):
        return None
    if name == "accepted" and reasons.parsed(reason or "").code == "waiting":
        name = "waiting"  # an older version of the stack wrote it so
    return Status(name, image_tag, reason, tags.get(IMAGE_URI))


def may_follow(name: str, before: Status | None) -> bool:
    """Whether an upload may get this status after the one that it has. An unknown status counts as none."""
    known = before.name if before and before.name in LIFE else ""
    return known in LIFE[name].follows


def outcome(build: Build, *, exists: bool, recorded: Mapping[str, str]) -> Status | None:
    """The final status of an upload whose build has ended; None if it is still to be recorded.

    `exists` says whether the repository has the build tag. If a failed build's tag exists, another build of the same
    upload pushed it. `recorded` has the URI recorded under each tag. The caller finds a failed build's reason.
    """
    if uri := recorded.get(build.image_tag):
        return Status("recorded", build.image_tag, image_uri=uri)
    if not (build.succeeded or exists):
        return Status("failed", build.image_tag)
    if is_passed(build, recorded):
        return Status("superseded", build.image_tag, reason=str(reasons.SUPERSEDED))
    return None if exists else Status("failed", build.image_tag, reason=str(reasons.GONE))


def is_passed(build: Build, recorded: Mapping[str, str]) -> bool:
    """Whether an upload newer than the build's is recorded."""
    return build.image_tag < max(recorded, default="")


def of_failure(build: Build, reason: Reason, recorded: Mapping[str, str]) -> Status:
    """The final status of an upload whose build failed for this reason.

    If the upload isn't at fault and a newer one is recorded, this one is superseded.
    """
    if reason.code in reasons.FAULTS and is_passed(build, recorded):
        return Status("superseded", build.image_tag, reason=str(reasons.superseded_after(reason)))
    return Status("failed", build.image_tag, reason=str(reason), output=reason.output)
