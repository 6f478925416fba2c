"""What S3 says of a version is a verdict; what it refuses or doesn't answer isn't: then the upload waits."""

import pytest

from tests.functions.support.bucket import Upload
from tests.functions.support.starting import BUILDING, Starting

NO_VERDICT = [
    ("SlowDown", 503),
    ("InternalError", 500),
    ("RequestTimeout", 400),
    ("AccessDenied", 403),
    ("RequestTimeTooSkewed", 403),
    ("InvalidAccessKeyId", 403),
    ("SignatureDoesNotMatch", 403),
    ("ExpiredToken", 400),
    ("KMS.ThrottlingException", 400),
    ("NoSuchBucket", 404),
]
REFUSED = "User: arn:aws:sts::123456789012:assumed-role/kms-Role/kms-StartBuild is not authorized to perform:"
UNANSWERED = "aws-fails: AWS does not answer or this stack fails. It is tried again every few minutes."


def waiting(operation: str, code: str) -> str:
    """What an upload says while AWS refuses this."""
    kind = "no-permission" if code.startswith("AccessDenied") else "aws-fails"
    return f"{kind}: AWS answers {operation} with {code}. It is tried again every few minutes."


def reason(starting: Starting, upload: Upload) -> str:
    return starting.tags(upload)["build-reason"]


# The version is gone


def test_a_version_that_was_removed_is_rejected_and_logged(starting: Starting) -> None:
    upload = starting.upload()
    starting.bucket.remove(upload)

    assert starting.take(upload) == []
    assert starting.printed.metrics == {"UploadRejected": 1}
    (entry,) = starting.printed.entries("The version is gone")
    assert (entry["key"], entry["version_id"]) == (upload.key, upload.version_id)
    assert "NoSuchVersion" in entry["cause"]


def test_a_version_that_is_gone_after_its_image_was_built_is_not_rejected(starting: Starting) -> None:
    upload = starting.upload()
    starting.registry.push(upload.tag)
    starting.bucket.remove(upload)

    assert starting.take(upload) == []
    assert starting.subscriber.counts == (0, 0)
    assert starting.printed.metrics == {"UploadDoneBefore": 1}


def test_the_message_of_a_version_that_is_removed_while_it_is_read_is_done(starting: Starting) -> None:
    upload = starting.upload()
    starting.wire.before("GetObject", lambda: starting.bucket.remove(upload))

    assert starting.take(upload) == []
    assert starting.printed.metrics == {"UploadRejected": 1, "StatusHasNoPlace": 1}


# Its tags can be read, its content can't


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        (
            "AccessDenied",
            403,
            f"{REFUSED} kms:Decrypt on resource: arn:aws:kms:us-east-1:210987654321:key/1 because no policy allows it",
        ),
        (
            "AccessDenied",
            403,
            f"{REFUSED} kms:Decrypt on the resource associated with this ciphertext because it does not exist",
        ),
        ("AccessDenied", 403, "The ciphertext refers to a customer master key that does not exist, or you are not …"),
        ("InvalidRequest", 400, "The object was stored using a form of Server Side Encryption."),  # SSE-C
        ("KMS.DisabledException", 400, "The key is disabled."),
        ("KMS.KMSInvalidStateException", 400, "The key is pending deletion."),
        ("InvalidObjectState", 403, "The operation is not valid for the object's storage class"),
    ],
)
def test_an_upload_that_builds_cannot_open_is_rejected(starting: Starting, code: str, status: int, words: str) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObject", code, status, words)

    assert starting.take(upload) == []
    assert starting.tags(upload) == upload.status("rejected", reason(starting, upload))
    assert reason(starting, upload).startswith("source-unreadable: ")
    assert starting.printed.metrics == {"UploadRejected": 1}


# What AWS refuses or doesn't answer is no verdict

NAMES = [
    "kms-proxy.zip",
    "KMS.zip",
    "The ciphertext refers to.zip",
    "The object was stored using a form of Server Side Encryption.zip",
    'x" because User: arn:aws:sts::1:x is not authorized to perform: kms:Decrypt on resource: "y.zip',
    "User: x is not authorized to perform: kms:Decrypt on resource.zip",
    "line\nUser: x is not authorized to perform: kms:Decrypt on resource.zip",
]
"""What an uploader may call a key, or an operator a stack, so that S3's refusal quotes it."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param(
            "AccessDenied",
            REFUSED + ' s3:GetObjectVersion on resource: "arn:aws:s3:::kms-sources/{name}" because no policy allows it',
            id="a missing permission",
        ),
        pytest.param("AccessDenied", "Access Denied: {name}", id="without a reason"),
        pytest.param("InvalidRequest", "The request for {name} is invalid.", id="another fault of the request"),
    ],
)
def test_no_name_in_a_refusal_makes_it_a_verdict(starting: Starting, code: str, words: str, name: str) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObject", code, 403, words.format(name=name))

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == upload.status("waiting", waiting("GetObject", code))


@pytest.mark.parametrize(("code", "status"), NO_VERDICT)
@pytest.mark.parametrize("operation", ["GetObject", "GetObjectTagging"])
def test_uploads_that_s3_refuses_come_again_and_say_why_if_their_tags_are_known(
    starting: Starting, operation: str, code: str, status: int
) -> None:
    own = {"own": "kept"}
    uploads = [starting.upload(key=f"{number}.zip", tags=own) for number in range(3)]
    starting.wire.fails(operation, code, status)

    assert starting.take(*uploads) == [0, 1, 2]
    for upload in uploads:
        waits = upload.status("waiting", waiting(operation, code)) if operation == "GetObject" else {}
        assert starting.tags(upload) == waits | own
    logged = [entry["key"] for entry in starting.printed.entries("The message goes back to the queue")]
    assert logged == [upload.key for upload in uploads]
    assert starting.subscriber.counts == (0, 0)
    assert starting.printed.metrics == {"MessageFailed": 3}
    assert starting.printed.attention == 3


@pytest.mark.parametrize("code", ["ThrottlingException", "RepositoryNotFoundException", "ServerException"])
def test_an_upload_for_which_ecr_does_not_answer_comes_again(starting: Starting, code: str) -> None:
    upload = starting.upload()
    starting.wire.fails("BatchGetImage", code, 400)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == upload.status("waiting", waiting("BatchGetImage", code))
    assert "GetObject" not in starting.wire.operations


def test_the_build_of_an_upload_that_came_again_starts(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_takes()
    starting.wire.fails("GetObject", "SlowDown", 503)
    starting.take(upload)
    starting.wire.heals("GetObject")

    assert starting.take(upload) == []
    assert starting.tags(upload) == upload.status("accepted", BUILDING)
    assert starting.printed.metrics == {"MessageFailed": 1, "BuildStarted": 1}


@pytest.mark.parametrize("content_range", ["bytes 0-1/2", "bytes 0-1/*", None])
def test_an_answer_of_s3_with_other_bytes_is_not_believed(starting: Starting, content_range: str | None) -> None:
    upload = starting.upload()
    starting.wire.after(
        "GetObject",
        lambda answer: answer.update(ContentRange=content_range) if content_range else answer.pop("ContentRange"),
    )

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == upload.status("waiting", UNANSWERED)


def test_an_event_that_names_another_size_is_not_believed(starting: Starting) -> None:
    upload = starting.upload(size=100)

    assert starting.take(upload) == [0]
    assert starting.tags(upload) == upload.status("waiting", UNANSWERED)
