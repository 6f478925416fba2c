"""Which uploads RecordImage notifies: those whose builds have ended, and on the schedule all that were missed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from core import build_requests, images, notices, reasons, statuses
from core.build_log import Ending
from core.build_tags import time_of
from core.builds import Build, NotOurBuildError
from core.images import Ledger
from core.notices import BUILT_AGAIN_FOR, FRESH, LOG_IS_LATE, LOOK_BACK, RECENT, SAME_STORY, Attempt
from core.notifications import Notification
from core.reasons import Reason
from core.statuses import NoRoomError, Status
from core.triggers import Triggers
from core.uploads import ObjectVersion
from edge import build_log, clients, project, publisher, repository
from edge.metrics import count, took
from edge.source import Source, UnreadableError

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

logger = Logger()

# Milliseconds that have to be left before a step begins: each of its requests may take 4 s, then the clients give up.
TO_BEGIN = 15_000
TO_READ_LOG = 9_000
TO_ASK = 5_000
TO_PUBLISH = 13_000  # the event, the mail and the status


class NoTimeLeftError(Exception):
    """The invocation might end in the middle of what comes next."""


@dataclass(frozen=True)
class Notifier:
    """Notifies each upload at least once.

    `ledger` is what holds after recording, `recorded` the tag that was recorded just now. `is_blocked` says that
    recording failed, `remaining` gives the invocation's milliseconds.
    """

    account_id: str
    bucket: str
    project: str
    repository: str
    topic: str
    triggers: Triggers
    ledger: Ledger
    recorded: str | None
    is_blocked: bool
    now: datetime
    remaining: Callable[[], int]
    looked_at: set[ObjectVersion] = field(default_factory=set)

    @cached_property
    def uris(self) -> dict[str, str]:
        """The URI that was recorded under each build tag."""
        return images.recorded(self.ledger.history)

    def notify(self) -> None:
        """Notifies all that is due, while time is left. Whatever fails is left to the next resync."""
        urgent, begun = True, False
        try:
            for answer, fresh in self.due():
                urgent, begun = fresh or not begun, True
                self.require(TO_BEGIN)
                self.notify_of(answer, fresh=fresh)
        except NoTimeLeftError:
            logger.warning("No time is left: the next resync goes on")
            if urgent:  # somebody waits for just this
                count("NotificationSkipped")
        except Exception:
            failed()

    def require(self, milliseconds: int) -> None:
        """Goes on only with this much time left.

        Raises:
            NoTimeLeftError: there is less.
        """
        if self.remaining() < milliseconds:
            raise NoTimeLeftError

    def due(self) -> "Iterator[tuple[BuildTypeDef, bool]]":
        """The builds whose uploads to notify, and whether even of an end that nothing will remember."""
        triggered = project.builds(self.triggers.build_ids)
        yield from ((answer, True) for answer in triggered)
        if self.recorded and not any(is_of(self.recorded, answer) for answer in triggered):
            found = (answer for page in self.pages() for answer in page if is_of(self.recorded, answer))
            yield from ((answer, True) for answer in islice(found, 1))
        if self.triggers.schedule:
            yield from (due for due in self.backlog() if due[0]["id"] not in self.triggers.build_ids)

    def backlog(self) -> "Iterator[tuple[BuildTypeDef, bool]]":
        """The builds of the last day, the newest first, then those of the last 14 days, of which each has its turn."""
        older: list[BuildTypeDef] = []
        for page in self.pages():
            ages = [self.now - answer.get("endTime", self.now) for answer in page]
            for answer, age in zip(page, ages, strict=True):
                if age < RECENT:
                    yield answer, age < FRESH
                elif age < LOOK_BACK:
                    older.append(answer)
            if min(ages, default=LOOK_BACK) >= LOOK_BACK:
                break
        yield from ((answer, False) for answer in notices.in_turn(older, self.now))

    def pages(self) -> "Iterator[list[BuildTypeDef]]":
        """The project's builds, the newest first, while time is left."""
        pages = project.newest_first(self.project)
        self.require(TO_BEGIN)
        while (page := next(pages, None)) is not None:
            yield page
            self.require(TO_BEGIN)

    def notify_of(self, answer: "BuildTypeDef", *, fresh: bool) -> None:
        """Notifies the upload of one build. What fails is logged and counted."""
        logger.append_keys(build_id=answer["id"])
        try:
            build = Build.from_answer(answer, self.bucket)
            if build.version in self.looked_at:
                return  # the newest build of an upload speaks for it
            self.looked_at.add(build.version)
            if build.has_ended:
                self.notify_upload(build, fresh=fresh)
        except NoTimeLeftError:
            raise
        except NotOurBuildError as error:
            if fresh:
                logger.warning("Nobody is notified of a build that was started by hand", cause=str(error))
                count("BuildsByHand")
        except Exception:
            failed()
        finally:
            logger.remove_keys(["build_id"])

    def notify_upload(self, build: Build, *, fresh: bool) -> None:
        """Notifies a build's upload, unless that was done before, or its end isn't known yet.

        Where a status can't be written, nothing remembers that it was notified: then only fresh ends are.
        """
        status: Status | None = statuses.outcome(
            build, exists=build.image_tag in self.ledger.tagged, recorded=self.uris
        )
        if status is None and not self.is_blocked:
            return
        source = Source(clients.s3(clients.QUICK), build.version, self.account_id)
        tags = tags_of(source)
        before = statuses.read(tags or {}, build.version)
        if status is None:
            wait(source, tags, build, reasons.NOT_RECORDED)
            return
        if not statuses.may_follow(status.name, before):
            return
        is_published = fresh or can_be_written(source, tags, status)
        is_retried = tags is not None and not build.had_ended(self.now - BUILT_AGAIN_FOR)
        if status.name == "failed" and (is_published or is_retried):
            status = self.failure(build, source, tags, status)
        if status is not None and is_published:
            if status.name == "recorded":
                status = replace(status, ending=self.ending(build))
            self.publish(build, source, tags, status)

    def failure(self, build: Build, source: Source, tags: dict[str, str] | None, status: Status) -> Status | None:
        """What a build's failure comes to, with its reason; None while that is open, which the upload then says."""
        self.require(TO_ASK)
        if repository.has(self.repository, build.image_tag, clients.QUICK):
            return None  # it has come since the ledger was read, and its trigger is on its way
        if status.reason is not None:
            return status
        reason = self.reason(build)
        if reason is None:
            wait(source, tags, build, reasons.NO_LOG_YET)
            return None
        status = statuses.of_failure(build, reason, self.uris)
        is_final = statuses.is_passed(build, self.uris) or not notices.is_built_again(reason.code)
        if tags is None or is_final:
            return status
        if self.triggers.schedule and self.is_last(build, reason):
            return status
        wait(source, tags, build, reasons.built_again(reason))
        if self.triggers.schedule:
            request = build_requests.again(self.project, build)
            logger.info("It is built again", next_build_id=project.start(request))
        return None

    def reason(self, build: Build) -> Reason | None:
        """Why a build failed; None while its log may still say it."""
        if not build.says_why_in_log:
            return build.reason
        self.require(TO_READ_LOG)
        is_late = build.had_ended(self.now - LOG_IS_LATE)
        found = build_log.reason(build, lambda: not is_late and self.remaining() >= TO_READ_LOG)
        return found or (build.reason if is_late else None)

    def ending(self, build: Build) -> Ending | None:
        """How the program of a recorded image ended while it was tried, if its log can be asked in time."""
        if not build.succeeded or self.remaining() < TO_READ_LOG + TO_PUBLISH:
            return None
        return build_log.ending(build)

    def is_last(self, build: Build, reason: Reason) -> bool:
        """Whether a build that may be followed by another one was the last one of its upload. Faults are counted."""
        attempts = [Attempt.from_answer(each) for each in self.submitted if is_of(build.image_tag, each)]
        is_last = notices.is_last(reason.code, attempts, self.now)
        logger.warning("The build failed, and the upload may not be why", reason=str(reason), attempts=len(attempts))
        if reason.code in reasons.FAULTS:
            count("BuildFaulted")
            if is_last or len(attempts) > 1:
                count("BuildFaultStays")
        return is_last

    @cached_property
    def submitted(self) -> "list[BuildTypeDef]":
        """The project's builds of the last two days, asked for once."""
        found: list[BuildTypeDef] = []
        for page in self.pages():
            young = [each for each in page if self.now - each["startTime"] < SAME_STORY]
            found += young
            if len(young) < len(page):
                break
        return found

    def publish(self, build: Build, source: Source, tags: dict[str, str] | None, status: Status) -> None:
        """Publishes an upload's end, then writes it on the upload, where its tags could be read."""
        self.require(TO_PUBLISH)
        seconds = int((self.now - time_of(build.image_tag)).total_seconds())
        publisher.publish(Notification(self.project, build.version, status, build.id, seconds), self.topic)
        count(status.counted_as)
        if status.name == "recorded":
            took(seconds)
        if tags is not None:
            publisher.write_status(source, tags, status)


def is_of(image_tag: str, answer: "BuildTypeDef") -> bool:
    """Whether a build was started to give the image of this tag."""
    variables = answer["environment"].get("environmentVariables", [])
    return any(each["name"] == "IMAGE_TAG" and each["value"] == image_tag for each in variables)


def wait(source: Source, tags: dict[str, str] | None, build: Build, reason: Reason) -> None:
    """Has an upload say why it waits, unless it is gone or has an end already."""
    if tags is not None and statuses.may_follow("waiting", statuses.read(tags, build.version)):
        publisher.write_status(source, tags, Status("waiting", build.image_tag, str(reason)))


def tags_of(source: Source) -> dict[str, str] | None:
    """The version's tags; None if it is gone."""
    try:
        return source.tags()
    except UnreadableError as error:
        logger.info("The version is gone", cause=str(error))
        return None


def can_be_written(source: Source, tags: dict[str, str] | None, status: Status) -> bool:
    """Whether the status can be written on the version, which is tried with what it says already, or nothing final."""
    if tags is None:
        return False
    trial = Status("accepted", status.image_tag, "The build has ended.")
    try:
        statuses.with_status(tags, status)
        source.put_tags(tags if statuses.read(tags, source.version) else statuses.with_status(tags, trial))
    except (NoRoomError, UnreadableError):
        return False
    except (ClientError, BotoCoreError) as error:
        logger.warning("No status can be written", cause=str(error))
        count("StatusNotWritten")
        return False
    return True


def failed() -> None:
    """Logs and counts the error that is being handled."""
    logger.exception("An upload wasn't notified: the next resync does it")
    count("NotificationFailed")
