"""CodeBuild refuses a build: the upload says that it waits, and its message comes again until a build has started."""

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.functions.support.starting import BUILDING, Starting
from tests.support.stack import Stack

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


def test_each_refusal_of_a_build_is_counted(starting: Starting) -> None:
    upload = starting.upload()
    for _ in range(3):
        starting.codebuild_refuses(FULL)
        starting.take(upload)

    assert starting.printed.metrics == {"BuildWaiting": 3}


def test_the_alarm_watches_the_metric_of_waiting_builds(starting: Starting, stack: Stack) -> None:
    starting.codebuild_refuses(FULL)
    starting.take(starting.upload())
    alarm = stack.properties("WaitingUploadsAlarm")
    (counted,) = [line for line in starting.printed.lines if "_aws" in line]
    (directive,) = counted["_aws"]["CloudWatchMetrics"]

    assert alarm["Namespace"] == directive["Namespace"]
    assert alarm["MetricName"] in counted
    assert [[each["Name"] for each in alarm["Dimensions"]]] == directive["Dimensions"]
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]}.items() <= counted.items()


def test_the_log_says_why_codebuild_refused_the_build(starting: Starting) -> None:
    starting.codebuild_refuses("ThrottlingException")
    starting.take(starting.upload())
    (entry,) = starting.printed.entries("The build waits")

    assert "ThrottlingException" in entry["cause"]
    assert entry["message_id"] == "message-0"


def test_the_log_says_which_upload_waits(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_refuses(FULL)
    starting.take(upload)
    (entry,) = starting.printed.entries("The build waits")

    assert (entry.get("key"), entry.get("version_id")) == (upload.key, upload.version_id)


def test_an_upload_stays_accepted_while_it_waits(starting: Starting) -> None:
    upload = starting.upload()
    seen = []
    starting.wire.before("StartBuild", lambda: seen.append(starting.tags(upload)))
    for _ in range(2):
        starting.codebuild_refuses(FULL)
        starting.take(upload)
    starting.codebuild_takes()
    starting.take(upload)

    assert seen == [
        upload.status("accepted", BUILDING),
        upload.status("waiting", NO_ROOM),
        upload.status("waiting", NO_ROOM),
    ]


def test_a_second_refusal_of_the_same_kind_writes_nothing(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_refuses(FULL)
    starting.take(upload)
    starting.wire.forget()
    starting.codebuild_refuses(FULL)
    starting.take(upload)

    assert "PutObjectTagging" not in starting.wire.operations


def test_a_refusal_of_another_kind_changes_the_reason(starting: Starting) -> None:
    upload = starting.upload()
    for code in (FULL, "InvalidInputException"):
        starting.codebuild_refuses(code)
        starting.take(upload)

    assert starting.tags(upload) == upload.status("waiting", refused("InvalidInputException"))


def test_an_upload_whose_build_has_started_waits_no_more(starting: Starting) -> None:
    upload = starting.upload(tags={"own": "kept"})
    starting.codebuild_refuses(FULL)
    starting.take(upload)
    starting.codebuild_takes()

    assert starting.take(upload) == []
    assert starting.tags(upload) == upload.status("accepted", BUILDING) | {"own": "kept"}
    assert starting.printed.metrics == {"BuildWaiting": 1, "BuildStarted": 1}


def test_an_upload_that_waited_is_asked_for_with_the_same_request(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_refuses(FULL)
    starting.take(upload)
    starting.codebuild_takes()
    starting.take(upload)
    first, second = starting.wire.of("StartBuild")

    assert first == second


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
