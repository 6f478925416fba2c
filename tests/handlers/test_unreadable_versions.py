"""What S3 answers where a version can't be read, and where it only doesn't answer now."""

import pytest

from tests.handlers.support.bucket import Upload
from tests.handlers.support.starting import Starting

# Without the right to list the bucket, S3 answers 403 for a version that is missing. moto answers 404.
GONE = [("AccessDenied", 403), ("NoSuchVersion", 404), ("MethodNotAllowed", 405)]
NOT_NOW = [("SlowDown", 503), ("InternalError", 500), ("RequestTimeout", 400)]


def reason(starting: Starting, upload: Upload) -> str:
    return starting.tags(upload)["build-reason"]


# The version is gone


@pytest.mark.parametrize(("code", "status"), GONE)
def test_the_message_of_a_version_that_is_gone_is_done(starting: Starting, code: str, status: int) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObjectTagging", code, status)

    assert starting.take(upload) == []
    assert starting.wire.operations == ["GetObjectTagging", "PutEvents", "Publish"]
    assert starting.printed.metrics == {"UploadRejected": 1}


def test_the_message_of_a_version_that_was_removed_is_done(starting: Starting) -> None:
    upload = starting.upload()
    starting.bucket.remove(upload)

    assert starting.take(upload) == []
    assert starting.printed.metrics == {"UploadRejected": 1}


def test_the_log_says_which_version_can_not_be_read(starting: Starting) -> None:
    upload = starting.upload()
    starting.bucket.remove(upload)
    starting.take(upload)
    (entry,) = starting.printed.entries("The version can't be read")

    assert (entry["key"], entry["version_id"]) == (upload.key, upload.version_id)
    assert "NoSuchVersion" in entry["cause"]


def test_the_message_of_a_version_that_is_removed_while_it_is_read_is_done(starting: Starting) -> None:
    upload = starting.upload()
    starting.wire.before("GetObject", lambda: starting.bucket.remove(upload))

    assert starting.take(upload) == []
    assert starting.printed.metrics == {"UploadRejected": 1, "StatusNotWritten": 1}


# Its tags can be read, its content can't


def test_an_upload_encrypted_with_a_key_of_somebody_else_is_rejected(starting: Starting) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObject", "AccessDenied", 403)

    assert starting.take(upload) == []
    assert starting.tags(upload) == upload.status("rejected", reason(starting, upload))
    assert reason(starting, upload).startswith("source-unreadable: ")
    assert starting.printed.metrics == {"UploadRejected": 1}


# S3 refuses these with 400: the first asks for the uploader's own key (SSE-C), the others are about a KMS key.
@pytest.mark.parametrize("code", ["InvalidRequest", "KMS.DisabledException", "KMS.KMSInvalidStateException"])
def test_an_upload_encrypted_with_a_key_that_is_not_there_is_rejected(starting: Starting, code: str) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObject", code, 400)

    assert starting.take(upload) == []
    assert reason(starting, upload).startswith("source-unreadable: ")


# S3 doesn't answer now


@pytest.mark.parametrize(("code", "status"), NOT_NOW)
@pytest.mark.parametrize("operation", ["GetObjectTagging", "GetObject"])
def test_an_upload_for_which_s3_does_not_answer_now_comes_again(
    starting: Starting, operation: str, code: str, status: int
) -> None:
    upload = starting.upload()
    starting.wire.fails(operation, code, status)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == {}
    assert starting.printed.metrics == {"MessageFailed": 1}


def test_the_log_says_which_upload_comes_again(starting: Starting) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObject", "SlowDown", 503)
    starting.take(upload)
    (entry,) = starting.printed.entries("The message goes back to the queue")

    assert (entry.get("key"), entry.get("version_id")) == (upload.key, upload.version_id)


@pytest.mark.parametrize("code", ["ThrottlingException", "RepositoryNotFoundException", "ServerException"])
def test_an_upload_for_which_ecr_does_not_answer_comes_again(starting: Starting, code: str) -> None:
    upload = starting.upload()
    starting.wire.fails("BatchGetImage", code, 400)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == {}
    assert "GetObject" not in starting.wire.operations


def test_the_build_of_an_upload_that_came_again_starts(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_takes()
    starting.wire.fails("GetObject", "SlowDown", 503)
    starting.take(upload)
    starting.wire.heals("GetObject")

    assert starting.take(upload) == []
    assert starting.printed.metrics == {"MessageFailed": 1, "BuildStarted": 1}


@pytest.mark.parametrize("content_range", ["bytes 0-1/2", "bytes 0-1/*", None])
def test_an_answer_of_s3_with_other_bytes_is_not_believed(starting: Starting, content_range: str | None) -> None:
    upload = starting.upload()
    starting.wire.after(
        "GetObject",
        lambda answer: answer.update(ContentRange=content_range) if content_range else answer.pop("ContentRange"),
    )

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == {}


def test_an_event_that_names_another_size_is_not_believed(starting: Starting) -> None:
    upload = starting.upload(size=100)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == {}
