"""Notifies uploaders after recording: gathers facts about uploads whose builds have ended, decides, and acts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from aws import clients, cloudwatch_logs, codebuild, ecr, publisher
from aws.metrics import count, took
from aws.s3 import Source, UnreadableError
from core import build_requests
from core.build_log import Ending
from core.build_tags import time_of
from core.builds import Build, NotOurBuildError
from core.notifying import backlog, retry_policy
from core.notifying.deployments import Deployed
from core.notifying.notifications import Notification
from core.notifying.retry_policy import Ask, Attempt, Fact, Facts, GiveUp, StartAgain
from core.notifying.statuses import DEPLOYED, FINAL, Status
from core.recording import next_image
from core.recording.next_image import Ledger
from core.recording.triggers import Triggers
from core.uploads import ObjectVersion

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
    """Notifies each uploader at least once.

    `ledger` is what holds after recording, `deployed` what is known about deployments, `recorded` the tag that was
    recorded just now. `is_blocked` says that recording failed, `remaining` gives the invocation's milliseconds.
    """

    account_id: str
    bucket: str
    project: str
    repository: str
    topic: str
    triggers: Triggers
    ledger: Ledger
    deployed: Deployed
    recorded: str | None
    is_blocked: bool
    now: datetime
    remaining: Callable[[], int]
    looked_at: set[ObjectVersion] = field(default_factory=set)

    def notify(self) -> None:
        """Handles every upload that is due while time is left. The next resync handles whatever fails."""
        urgent, begun = True, False
        try:
            for answer, fresh in self.ended():
                urgent, begun = fresh or not begun, True
                self.require(TO_BEGIN)
                self.notify_of(answer, fresh=fresh)
        except NoTimeLeftError:
            logger.warning("No time is left: the next resync goes on")
            if urgent:  # an uploader is waiting for this one
                count("NotificationSkipped")
        except Exception:
            failed()

    def require(self, milliseconds: int) -> None:
        """Continues only if this much time is left.

        Raises:
            NoTimeLeftError: there is less.
        """
        if self.remaining() < milliseconds:
            raise NoTimeLeftError

    def ended(self) -> "Iterator[tuple[BuildTypeDef, bool]]":
        """The builds to look at, each with whether its end is fresh: then it is reported even if no tag can hold it."""
        triggered = codebuild.builds(clients.codebuild(clients.QUICK), self.triggers.build_ids)
        yield from ((answer, True) for answer in triggered)
        if self.recorded and not any(backlog.is_of(self.recorded, answer) for answer in triggered):
            found = (answer for page in self.pages() for answer in page if backlog.is_of(self.recorded, answer))
            yield from ((answer, True) for answer in islice(found, 1))
        if self.deployed.news:
            yield from ((answer, False) for answer in backlog.of_tags(self.deployed.news, self.pages()))
        if self.triggers.schedule:
            others = backlog.of_resync(self.pages(), self.now)
            yield from (each for each in others if each[0]["id"] not in self.triggers.build_ids)

    def pages(self) -> "Iterator[list[BuildTypeDef]]":
        """The project's builds, the newest first, while time is left."""
        pages = codebuild.newest_first(clients.codebuild(clients.QUICK), self.project)
        self.require(TO_BEGIN)
        while (page := next(pages, None)) is not None:
            yield page
            self.require(TO_BEGIN)

    def notify_of(self, answer: "BuildTypeDef", *, fresh: bool) -> None:
        """Handles the upload of one build. A failure is logged and counted."""
        logger.append_keys(build_id=answer["id"])
        try:
            build = Build.from_answer(answer, self.bucket)
            if build.version in self.looked_at:
                return  # an upload's newest build decides
            self.looked_at.add(build.version)
            if build.has_ended:
                self.settle(build, fresh=fresh)
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

    def settle(self, build: Build, *, fresh: bool) -> None:
        """Gathers the facts that the decision asks for, then carries it out."""
        source = Source(clients.s3(clients.QUICK), build.version, self.account_id)
        exists = build.image_tag in self.ledger.tagged
        facts = Facts(
            build,
            exists,
            self.uris,
            self.is_blocked,
            fresh,
            self.triggers.schedule,
            deployed=self.deployed.statuses.get(build.image_tag),
            is_deployment_fresh=build.image_tag == self.deployed.fresh,
            is_failure_again=self.deployed.is_again,
        )
        while isinstance(due := retry_policy.decide(facts, self.now), Ask):
            found = {due.fact: self.gather(due.fact, facts, source)}
            facts = replace(facts, known=facts.known | {due.fact}, **found)
        if isinstance(due, StartAgain | GiveUp):
            report(due)
        if due and due.status:
            if due.status.name in FINAL:
                self.publish(due.status, build)
            if facts.tags is not None:
                publisher.write_status(source, facts.tags, due.status)
        if isinstance(due, StartAgain):
            request = build_requests.again(self.project, build)
            started = codebuild.start(clients.codebuild(clients.QUICK), request)
            logger.info("It is built again", next_build_id=started)

    @cached_property
    def uris(self) -> dict[str, str]:
        """The URI that was recorded under each build tag."""
        return next_image.recorded(self.ledger.history)

    def gather(self, fact: Fact, facts: Facts, source: Source) -> Any:
        """Looks up one fact, if there is time for it."""
        tag = facts.build.image_tag
        match fact:
            case "tags":
                return tags_of(source)
            case "is_writable":
                return publisher.is_writable(source, facts.tags or {}, tag)
            case "exists_now":
                self.require(TO_ASK)
                return ecr.has(clients.ecr(clients.QUICK), self.repository, tag)
            case "logged":
                self.require(TO_READ_LOG)
                is_silent = retry_policy.is_log_believed(facts.build, self.now)
                return cloudwatch_logs.reason(facts.build, lambda: not is_silent and self.remaining() >= TO_READ_LOG)
            case "attempts":
                return [Attempt.from_answer(each) for each in self.submitted if backlog.is_of(tag, each)]

    @cached_property
    def submitted(self) -> "list[BuildTypeDef]":
        """The project's builds of the last two days, requested once."""
        return backlog.of_same_story(self.pages(), self.now)

    def publish(self, status: Status, build: Build) -> None:
        """Publishes an upload's final status, and counts it."""
        if status.name == "recorded":
            status = replace(status, ending=self.ending(build))
        self.require(TO_PUBLISH)
        seconds = int((self.now - time_of(build.image_tag)).total_seconds())
        publisher.publish(Notification(self.project, build.version, status, build.id, seconds), self.topic)
        if status.name not in DEPLOYED:
            count(status.counted_as)
        if status.name == "recorded":
            took(seconds)

    def ending(self, build: Build) -> Ending | None:
        """The ending that the trial of a recorded image found, if there is time to read the build's log."""
        if not build.succeeded or self.remaining() < TO_READ_LOG + TO_PUBLISH:
            return None
        return cloudwatch_logs.ending(build)


def tags_of(source: Source) -> dict[str, str] | None:
    """The version's tags; None if it is gone."""
    try:
        return source.tags()
    except UnreadableError as error:
        logger.info("The version is gone", cause=str(error))
        return None


def report(due: StartAgain | GiveUp) -> None:
    """Logs and counts a failure that may be nobody's fault."""
    reason = str(due.reason)
    logger.warning("The build failed, and the upload may not be why", reason=reason, attempts=due.builds)
    for outcome in retry_policy.outcomes(due):
        count(outcome)


def failed() -> None:
    """Logs and counts the error that is being handled."""
    logger.exception("An upload wasn't notified: the next resync does it")
    count("NotificationFailed")
