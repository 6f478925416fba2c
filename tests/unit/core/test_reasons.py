"""Why there is no image, if only the build's status shows how it ended."""

import re
import string
from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st

from core.builds import Build
from core.reasons import Reason
from tests.unit.support.object_created import upload

VERSION, TAG = upload().version, upload().image_tag
CODES = st.text(string.ascii_lowercase + "-", min_size=1)


def build(status: str, phase: str = "BUILD", *, ran: bool = True) -> Build:
    """A build that ended so."""
    return Build(
        id="jwt-pizza-service:1",
        status=status,
        version=VERSION,
        image_tag=TAG,
        phase=phase,
        ran_builder=ran,
        log=None,
        ended=datetime(2026, 11, 20, tzinfo=UTC),
    )


def test_a_reason_reads_as_a_code_and_a_sentence() -> None:
    assert str(Reason("no-program", "The image starts nothing.")) == "no-program: The image starts nothing."


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (build("FAILED"), "build-failed: The phase BUILD failed and the log does not say why."),
        (build("TIMED_OUT"), "timed-out: The build ran longer than it may."),
        (build("TIMED_OUT", "QUEUED", ran=False), "timed-out: The build waited too long in the queue of CodeBuild."),
        (build("STOPPED"), "stopped: Somebody stopped the build."),
        (build("STOPPED", "QUEUED", ran=False), "stopped: Somebody stopped the build."),
        (build("FAULT"), "build-system-fault: CodeBuild ended the build as FAULT in its phase BUILD."),
        (
            build("FAULT", "QUEUED", ran=False),
            "build-system-fault: CodeBuild ended the build as FAULT in its phase QUEUED",
        ),
        (
            build("FAILED", "PROVISIONING", ran=False),
            "build-system-fault: CodeBuild ended the build as FAILED in its phase PROVISIONING.",
        ),
        (
            build("FAILED", "PRE_BUILD"),
            "build-system-fault: The builder of this stack could not be fetched or started.",
        ),
        (build("FAILED", "POST_BUILD"), "build-failed: The phase POST_BUILD failed and the log does not say why."),
        (
            build("FAILED", "INSTALL", ran=False),
            "build-system-fault: The builder of this stack could not be fetched or started.",
        ),
        (
            build("TIMED_OUT", "INSTALL", ran=False),
            "build-system-fault: The builder of this stack could not be fetched or started.",
        ),
    ],
)
def test_each_end_of_a_build_has_its_code_and_says_what_to_do(ended: Build, expected: str) -> None:
    found = str(ended.reason)

    assert found.startswith(expected)
    assert re.search(r"\. (Upload|Make|Ask) [^.]+\.$", found)
