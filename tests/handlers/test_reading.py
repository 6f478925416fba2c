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
def test_a_version_that_is_gone_is_done(starting: Starting, code: str, status: int) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObjectTagging", code, status)

    assert starting.take(upload) == []
    assert starting.wire.operations == ["GetObjectTagging", "PutEvents", "Publish"]
    assert starting.printed.metrics == {"UploadRejected": 1}


def test_a_version_that_was_removed_is_done(starting: Starting) -> None:
    upload = starting.upload()
    starting.bucket.remove(upload)

    assert starting.take(upload) == []
    assert starting.printed.metrics == {"UploadRejected": 1}


def test_the_log_says_which_it_was(starting: Starting) -> None:
    upload = starting.upload()
    starting.bucket.remove(upload)
    starting.take(upload)
    (told,) = starting.printed.entries("The version can't be read")

    assert (told["key"], told["version_id"]) == (upload.key, upload.version_id)
    assert "NoSuchVersion" in told["cause"]


def test_a_version_that_is_removed_in_between_is_done(starting: Starting) -> None:
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


# S3 refuses these with 400: the first is how it asks for the uploader's own key (SSE-C), the others tell of a KMS key.
@pytest.mark.parametrize("code", ["InvalidRequest", "KMS.DisabledException", "KMS.KMSInvalidStateException"])
def test_an_upload_encrypted_with_a_key_that_is_not_there_is_rejected(starting: Starting, code: str) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObject", code, 400)

    assert starting.take(upload) == []
    assert reason(starting, upload).startswith("source-unreadable: ")


# S3 doesn't answer now


@pytest.mark.parametrize(("code", "status"), NOT_NOW)
@pytest.mark.parametrize("operation", ["GetObjectTagging", "GetObject"])
def test_what_is_not_answered_now_comes_again(starting: Starting, operation: str, code: str, status: int) -> None:
    upload = starting.upload()
    starting.wire.fails(operation, code, status)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == {}
    assert starting.printed.metrics == {"MessageFailed": 1}


def test_the_log_says_which_upload_that_is(starting: Starting) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObject", "SlowDown", 503)
    starting.take(upload)
    (told,) = starting.printed.entries("The message goes back to the queue")

    assert (told.get("key"), told.get("version_id")) == (upload.key, upload.version_id)


@pytest.mark.parametrize("code", ["ThrottlingException", "RepositoryNotFoundException", "ServerException"])
def test_so_it_does_where_ecr_does_not_answer(starting: Starting, code: str) -> None:
    upload = starting.upload()
    starting.wire.fails("BatchGetImage", code, 400)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == {}
    assert "GetObject" not in starting.wire.operations


def test_then_its_build_starts(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_takes()
    starting.wire.fails("GetObject", "SlowDown", 503)
    starting.take(upload)
    starting.wire.heals("GetObject")

    assert starting.take(upload) == []
    assert starting.printed.metrics == {"MessageFailed": 1, "BuildStarted": 1}


@pytest.mark.parametrize("told", ["bytes 0-1/2", "bytes 0-1/*", None])
def test_an_answer_with_other_bytes_is_not_believed(starting: Starting, told: str | None) -> None:
    upload = starting.upload()
    starting.wire.after(
        "GetObject", lambda answer: answer.update(ContentRange=told) if told else answer.pop("ContentRange")
    )

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == {}


def test_an_event_that_tells_another_size_is_not_believed(starting: Starting) -> None:
    upload = starting.upload(size=100)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == {}
