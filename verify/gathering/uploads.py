"""Uploads whose builds give evidence, and what they became."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.notifying.statuses import FINAL, IMAGE_TAG, REASON, STATUS
from local.pipeline import Late, Pipeline, Upload, wait_for
from local.progress import say, step
from local.sources.samples import BASE, SERVES
from local.sources.zipping import zip_with
from verify.verdicts import DidNotHold, NotTried

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

PATIENCE = 45 * 60.0
"""Seconds in which an upload gets its final status: a build's timeout, and its recording."""
WAITING_SECONDS = 20 * 60.0
"""After these, a status that says why an upload waits is what became of it. A fault is tried again after 15 minutes."""
BEFORE_COMMANDS = {None, "SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE"}
PROBE = "probe"
FACTS = {
    "kernel": "uname -r",
    "machine": "uname -m",
    "cgroup": "stat -fc %t /sys/fs/cgroup",
}
"""The commands by which a step of a probe describes the machine, by name."""


@dataclass(frozen=True)
class Story:
    """An upload's result: its final tags, and its newest build with its log, if it was built."""

    upload: Upload
    tags: Mapping[str, str]
    build: "BuildTypeDef | None"
    log: list[str]
    uploaded: datetime

    @property
    def status(self) -> str:
        """Its final status."""
        return self.tags[STATUS]

    @property
    def reason(self) -> str:
        """Why there is no image. Empty if there is one."""
        return self.tags.get(REASON, "")

    @property
    def image_tag(self) -> str:
        """The image's build tag."""
        return self.tags.get(IMAGE_TAG, "")

    @property
    def build_status(self) -> str:
        """How its build ended."""
        return self.build_or_fail()["buildStatus"]

    def build_or_fail(self) -> "BuildTypeDef":
        """Its newest build.

        Raises:
            NotTried: no build was started.
        """
        if not self.build:
            raise NotTried(f"{self.upload.key} was never built. It is {self.status}: {self.reason}")
        return self.build

    def logged(self, begin: str) -> str:
        """The first line of the log that begins so. Empty if there is none."""
        return next((line for line in self.log if line.startswith(begin)), "")


def probe(nonce: str, text: str) -> bytes:
    """A source whose first step, which no cache has, prints the facts. Its last one depends on the text."""
    facts = "; ".join([f": {nonce}", *(f'echo "{PROBE} {name}: $({command})"' for name, command in FACTS.items())])
    return zip_with({"Dockerfile": f"{BASE}RUN {facts}\nCOPY text /\n{SERVES}", "text": text})


def lines_about(story: Story, word: str) -> list[str]:
    """The lines of the story's log with this word."""
    return [line for line in story.log if word in line]


def fact(story: Story, name: str) -> str:
    """A fact about the machine that a probe's step printed.

    Raises:
        DidNotHold: the log doesn't have it.
    """
    marker = f" {PROBE} {name}: "
    for line in story.log:
        if marker in line and "$(" not in line:
            return line.partition(marker)[2].strip()
    raise DidNotHold(f"The build's log has no line with the {name} that its step printed.")


def send(pipeline: Pipeline, key: str, body: bytes) -> Upload:
    """Uploads."""
    say(f"  Uploading {key}")
    return pipeline.upload(key, body)


def tell(pipeline: Pipeline, key: str, body: bytes) -> Story:
    """Uploads, and returns what became of it.

    Raises:
        Late: it got no final status. The text has its last one.
    """
    return followed(pipeline, send(pipeline, key, body))


@dataclass(frozen=True)
class Begun:
    """An upload up to its first sign: a status, or a build of the project."""

    upload: Upload
    before: frozenset[str]
    """The project's builds before it."""
    seconds: float | None
    """How long its first sign took. None if none came."""
    sent_again: bool = False
    """Whether it is the second of two uploads, because the first one had no sign."""
    is_fresh: bool = True
    """Whether the stack had just been created."""


def begin(pipeline: Pipeline, key: str, body: bytes, seconds: float) -> Begun:
    """Uploads, and uploads once more if there is no sign of the first upload in time."""
    first = begin_once(pipeline, key, body, seconds)
    return first if first.seconds is not None else replace(begin_once(pipeline, key, body, seconds), sent_again=True)


def begin_once(pipeline: Pipeline, key: str, body: bytes, seconds: float) -> Begun:
    """Uploads, and waits for the first sign."""
    before = frozenset(pipeline.build_ids())
    upload, began = send(pipeline, key, body), time.monotonic()
    try:
        wait_for("A sign", lambda: STATUS in pipeline.tags(upload) or {*pipeline.build_ids()} - before, seconds)
    except Late:
        return Begun(upload, before, None)
    return Begun(upload, before, time.monotonic() - began)


def first_build(pipeline: Pipeline, begun: Begun, seconds: float) -> "BuildTypeDef":
    """The build that began with this upload, as soon as CodeBuild lists it.

    Raises:
        NotTried: there is none in time.
    """
    if begun.seconds is None:
        raise NotTried(f"There is no sign of {begun.upload.key}: neither a status nor a build.")
    try:
        ids = wait_for("A build", lambda: {*pipeline.build_ids()} - begun.before, seconds)
    except Late as late:
        tags = pipeline.tags(begun.upload)
        raise NotTried(f"{begun.upload.key} has no build. It is {tags.get(STATUS)}: {tags.get(REASON)}") from late
    return pipeline.described(sorted(ids)[:1])[0]


def followed(pipeline: Pipeline, upload: Upload) -> Story:
    """An upload's result, once its status is final, or has been `waiting` for some minutes.

    Raises:
        Late: it got neither. The text has its last status.
    """
    with step(f"Following {upload.key} to its final status"):
        tags = wait_until_final(pipeline, upload)
        build = next(iter(pipeline.builds(upload)), None)
        return Story(upload, tags, build, pipeline.log(build) if build else [], event_time(tags))


def wait_until_final(pipeline: Pipeline, upload: Upload) -> dict[str, str]:
    """The upload's tags, once its status is final, or has been `waiting` for some minutes.

    Raises:
        Late: it got neither. The text has its last status.
    """
    waits_since: list[float] = []

    def look() -> dict[str, str] | None:
        tags = pipeline.tags(upload)
        if tags.get(STATUS) != "waiting":
            waits_since.clear()
            return tags if tags.get(STATUS) in FINAL else None
        waits_since.append(time.monotonic())
        return tags if time.monotonic() - waits_since[0] > WAITING_SECONDS else None

    try:
        return wait_for(f"The final status of {upload.key}", look, PATIENCE)
    except Late as late:
        raise Late(f"{late} Its tags are {pipeline.tags(upload) or 'none'}.") from late


def event_time(tags: Mapping[str, str]) -> datetime:
    """The time of S3's event, which the build tag has."""
    return datetime.strptime(tags[IMAGE_TAG].split("-")[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def running(pipeline: Pipeline, upload: Upload) -> "list[BuildTypeDef]":
    """The upload's builds that run commands now."""
    return [build for build in pipeline.builds(upload) if build.get("currentPhase") not in BEFORE_COMMANDS]
