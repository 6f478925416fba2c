"""Checks of the last build and the last uploads that were built."""

import re
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from core import reasons
from core.builds import Build
from core.reasons import Reason
from ship.asked import Asked
from ship.aws.codebuild import BuildLog
from ship.aws.errors import POLICIES
from ship.doctor.findings import OK, PROBLEM, UNSEEN, WARNING, Finding
from ship.doctor.permissions import missing_permission
from ship.doctor.troubles import LOOK_BACK
from ship.terminal import moment

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

LOOKED_AT = 10
LACKS = re.compile(r"\bto perform: [\w-]+:\w")
"""AWS's own words where a build lacked a permission. A tag keeps only the beginning and the end of a long reason."""


def of_last_build(asked: Asked) -> Iterator[Finding]:
    """How the newest finished build ended."""
    for build, answer in islice(asked.builds(), LOOKED_AT):
        if build.ended:
            yield of_end(asked, build, answer, build.ended)
            return


def of_end(asked: Asked, build: Build, answer: "BuildTypeDef", ended: datetime) -> Finding:
    """How a build ended, and the permission that it lacked if that was the cause."""
    status = build.status.lower().replace("_", " ")
    what = f"The last build that ended, of {build.version.key} at {moment(ended)}, {status}"
    if build.succeeded:
        return Finding(OK, f"{what}.")
    reason = reason_of(asked, build, answer)
    if reason.code not in reasons.FAULTS:
        return Finding(WARNING, f"{what}: {reason}", asked.stack.command("why", key=build.version.key))
    contexts = (context["message"] for phase in answer.get("phases", []) for context in phase.get("contexts", []))
    missing = next(filter(None, map(missing_permission, [str(reason), *contexts])), None)
    again = "The stack retries it every 15 minutes for five hours. After that, upload it again."
    if not missing:
        whole = asked.stack.command("logs", key=build.version.key)
        return Finding(WARNING, f"{what}: {reason}", f"{again} The whole error: {whole}")
    level = PROBLEM if datetime.now(UTC) - ended < LOOK_BACK else WARNING
    role = f"The build's role {missing.role}".rstrip()
    return Finding(level, f"{role} lacks {missing}. {what}.", f"{missing.remedy} {again}")


def reason_of(asked: Asked, build: Build, answer: "BuildTypeDef") -> Reason:
    """Why a build failed: from its log or, if the log can't tell, from its status."""
    log = BuildLog.of(asked.access, answer) if build.says_why_in_log else None
    if log:
        deque(log.read(), maxlen=0)
    return (log.reason if log else None) or build.reason


def of_last_uploads(asked: Asked) -> Iterator[Finding]:
    """The status of the last upload that was built, and the reasons why earlier ones wait."""
    last = asked.last(LOOKED_AT)
    if unreadable := next((state for state in last if not state.is_readable), None):
        yield Finding(UNSEEN, unreadable.reason, POLICIES)
    for number, state in enumerate(last):
        key = state.version.key
        title = f"The upload {key}" if number else f"The last upload that was built, {key},"
        if not state.is_readable:
            continue
        if state.waits_for:
            code, sentence = state.waits_for.code, state.waits_for.sentence
            level = PROBLEM if code == "no-permission" or LACKS.search(sentence) else WARNING
            yield Finding(level, f"{title} waits: {sentence}", "It continues once that is fixed.")
        elif number:
            continue
        elif state.name in {"failed", "not-healthy"}:
            what = "failed" if state.name == "failed" else "isn't healthy"
            yield Finding(WARNING, f"{title} {what}.", asked.stack.command("why", key=key))
        else:
            yield Finding(OK, f"{title} is {state.name or 'without a status'}.")
