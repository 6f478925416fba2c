"""docs/operating/operations.md: each of its commands, run as it stands there."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from local.emulator import ROOT, Account
from local.pipeline import Pipeline, Upload, wait_for
from local.sources.samples import good
from tests.docs.support.documents import blocks, section
from tests.e2e.support.shell import run
from tests.e2e.support.waiting import SECONDS

DOCUMENT = ROOT / "docs" / "operating" / "operations.md"
(FUNCTIONS, *_) = blocks(DOCUMENT.read_text(), "bash")


def commands(heading: str) -> list[str]:
    """The commands below a heading, each after the functions that stand at the page's beginning."""
    return [f"{FUNCTIONS}\n{each}" for each in blocks(section(DOCUMENT, heading), "bash")]


def lost(pipeline: Pipeline, key: str, body: bytes) -> tuple[Upload, str]:
    """An upload whose event is lost, and its message."""
    rule = pipeline.physical("UploadRule")
    pipeline.client("events").disable_rule(Name=rule)
    upload = pipeline.upload(key, body)
    pipeline.client("events").enable_rule(Name=rule)
    event = json.loads((ROOT / "events" / "object-created.json").read_text())
    event["time"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    event["detail"]["bucket"]["name"] = pipeline.bucket
    event["detail"]["object"] |= {"key": key, "version-id": upload.version, "size": len(body)}
    return upload, json.dumps(event)


def test_redriving_builds_the_uploads_that_were_given_up(
    here: Account, pipeline: Pipeline, first: Upload, tmp_path: Path
) -> None:
    upload, message = lost(pipeline, "given up.zip", good("given up"))
    pipeline.client("sqs").send_message(QueueUrl=pipeline.outputs["UploadDeadLettersUrl"], MessageBody=message)
    (redrive,) = commands("Redrive uploads from the dead-letter queue")
    run(here, redrive, tmp_path)
    pipeline.wait_until_recorded(upload, SECONDS)


def test_purging_takes_the_triggers_that_were_given_up(here: Account, pipeline: Pipeline, tmp_path: Path) -> None:
    sqs, url = pipeline.client("sqs"), pipeline.outputs["TriggerDeadLettersUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}", MessageGroupId="record", MessageDeduplicationId="old trigger")
    assert waiting(pipeline, url) == 1
    (purge,) = commands("Purge the failed triggers (safe)")
    run(here, purge, tmp_path)
    assert waiting(pipeline, url) == 0


def waiting(pipeline: Pipeline, url: str) -> int:
    """How many messages a queue has."""
    name = "ApproximateNumberOfMessages"
    return int(pipeline.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


def test_an_operator_rolls_back_and_forward_again(
    here: Account, pipeline: Pipeline, first: Upload, tmp_path: Path
) -> None:
    between = pipeline.wait_until_recorded(pipeline.upload("between.zip", good("between")), SECONDS)
    newer = pipeline.wait_until_recorded(pipeline.upload("newer.zip", good("newer than first")), SECONDS)
    back, forward = commands("Roll back, and forward again")
    for older in (between, pipeline.image_of(first)):
        run(here, back, tmp_path, OLDER_URI=older)
        wait_for("The move of latest", lambda: latest(pipeline) in older, SECONDS)  # noqa: B023
        assert [tag for tag, digest in pipeline.images().items() if tag.startswith("keep-") and digest in older]
    run(here, forward, tmp_path, NEWER_URI=newer)
    wait_for("The move of latest", lambda: latest(pipeline) in newer, SECONDS)
    assert pipeline.recorded() == newer


def latest(pipeline: Pipeline) -> str:
    """The digest of the image that `latest` names."""
    return pipeline.images()["latest"]


def test_a_pin_that_fails_stops_the_rollback(here: Account, pipeline: Pipeline, first: Upload, tmp_path: Path) -> None:
    before = pipeline.recorded()
    gone = f"{pipeline.outputs['RepositoryUri']}@sha256:{'0' * 64}"
    back, _ = commands("Roll back, and forward again")
    run(here, f"{back.rstrip()} || true", tmp_path, OLDER_URI=gone)
    assert pipeline.recorded() == before


def test_the_logs_show_what_went_wrong(here: Account, pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.client("sqs").send_message(QueueUrl=pipeline.outputs["UploadQueueUrl"], MessageBody="{}")
    (show,) = commands("Where each log is")

    def look() -> list[str]:
        lines = run(here, show, tmp_path).splitlines()
        assert all(re.match(r"\S+ \S+  (?:ERROR|WARNING)  ", line) for line in lines), lines
        return [line for line in lines if "The message is no event of an uploaded version" in line]

    line = wait_for("The error in the log", look, SECONDS)[0]
    assert "  ERROR  The message goes back to the queue  The message is no event" in line


def test_a_pause_holds_uploads_until_they_are_resumed(
    here: Account, pipeline: Pipeline, first: Upload, tmp_path: Path
) -> None:
    (pause,) = commands("Pause uploads, and resume them")
    run(here, pause, tmp_path)
    upload = pipeline.upload("paused.zip", good("paused"))

    def is_queued() -> bool:
        found = pipeline.client("sqs").receive_message(
            QueueUrl=pipeline.outputs["UploadQueueUrl"], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return any(upload.key in message["Body"] for message in found.get("Messages", []))

    wait_for("The message", is_queued, SECONDS)
    assert pipeline.tags(upload) == {}
    run(here, pause.replace("--no-enabled", "--enabled"), tmp_path)
    pipeline.wait_until_recorded(upload, SECONDS)
