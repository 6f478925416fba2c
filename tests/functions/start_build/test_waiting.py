"""CodeBuild refuses a build: the upload says that it waits, and its message comes again until a build has started."""

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.functions.support.starting import BUILDING, Starting

FULL = "AccountLimitExceededException"
NO_ROOM = "no-room: CodeBuild takes no more builds now. The quota of a new account may be 0: ask AWS to raise it"
BUSY = {FULL: "BuildWaiting", "ThrottlingException": "BuildWaiting"}
REFUSALS = BUSY | dict.fromkeys(
    ["InvalidInputException", "ResourceNotFoundException", "AccessDeniedException"], "MessageFailed"
)


def refused(code: str) -> str:
    """What an upload says while CodeBuild refuses its build."""
    kind = "no-permission" if code.startswith("AccessDenied") else "aws-fails"
    return f"{kind}: AWS answers StartBuild with {code}. It is tried again every few minutes."


@pytest.mark.parametrize(("code", "metric"), REFUSALS.items())
def test_a_refused_build_waits_and_says_why(starting: Starting, code: str, metric: str) -> None:
    upload = starting.upload()
    starting.codebuild_refuses(code)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == upload.status("waiting", NO_ROOM if code == FULL else refused(code))
    assert starting.printed.metrics == {metric: 1}
    assert starting.printed.attention == (code not in BUSY)


def test_the_log_says_which_upload_waits_and_why(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_refuses("ThrottlingException")
    starting.take(upload)
    (entry,) = starting.printed.entries("The build waits")

    assert "ThrottlingException" in entry["cause"]
    assert entry["message_id"] == "message-0"
    assert (entry.get("key"), entry.get("version_id")) == (upload.key, upload.version_id)


def test_an_upload_waits_until_the_same_request_starts_its_build(starting: Starting) -> None:
    upload = starting.upload(tags={"own": "kept"})
    seen = []
    starting.wire.before("StartBuild", lambda: seen.append(starting.tags(upload)))
    for _ in range(2):
        starting.codebuild_refuses(FULL)
        assert starting.take(upload) == [0]
    starting.codebuild_takes()

    assert starting.take(upload) == []
    own = {"own": "kept"}
    accepted, waits = upload.status("accepted", BUILDING) | own, upload.status("waiting", NO_ROOM) | own
    assert seen == [accepted, waits, waits]
    assert starting.tags(upload) == accepted
    first, *others = starting.wire.of("StartBuild")
    assert others == [first, first]
    assert starting.wire.operations.count("PutObjectTagging") == 3, "the second refusal writes nothing"
    assert starting.printed.metrics == {"BuildWaiting": 2, "BuildStarted": 1}


def test_a_refusal_of_another_kind_changes_the_reason(starting: Starting) -> None:
    upload = starting.upload()
    for code in (FULL, "InvalidInputException"):
        starting.codebuild_refuses(code)
        starting.take(upload)

    assert starting.tags(upload) == upload.status("waiting", refused("InvalidInputException"))


def test_an_upload_that_waits_does_not_hold_up_the_others(starting: Starting) -> None:
    uploads = [starting.upload(key=f"{number}.zip") for number in range(3)]
    starting.codebuild_takes()
    starting.codebuild_refuses(FULL)
    starting.codebuild_takes()

    assert starting.take(*uploads) == [1]
    assert starting.printed.metrics == {"BuildStarted": 2, "BuildWaiting": 1}


def test_an_upload_without_room_for_a_status_waits_too(starting: Starting) -> None:
    own = {f"own-{number}": "value" for number in range(8)}
    upload = starting.upload(tags=own)
    starting.codebuild_refuses(FULL)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == own
    assert starting.printed.metrics.keys() == {"BuildWaiting", "StatusHasNoPlace"}


def test_a_codebuild_that_does_not_answer_is_no_refusal(starting: Starting) -> None:
    upload = starting.upload()

    def break_off() -> None:
        raise ConnectionClosedError(endpoint_url="https://codebuild.us-east-1.amazonaws.com")

    starting.wire.before("StartBuild", break_off)

    assert starting.take(upload) == [0]
    assert starting.tags(upload)["build-reason"].startswith("aws-fails: AWS does not answer or this stack fails.")
    assert starting.printed.metrics == {"MessageFailed": 1}
    (entry,) = starting.printed.entries("The message goes back to the queue")
    assert entry["exception_name"] == "ConnectionClosedError"
