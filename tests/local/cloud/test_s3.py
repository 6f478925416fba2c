"""S3: parts and tags of a version, and the events of what is created."""

import base64
import json
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.pipeline import Pipeline
from tests.local.support.inbox import Inbox, differences, sample

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedMultipartUploadTypeDef, CompletedPartTypeDef, TagTypeDef

KEY = 'dir/é "x"+y.zip'
BODY = b"0123456789"


@pytest.fixture
def bucket(cloud: Pipeline, unique: str) -> str:
    """A bucket of the stack's kind: with versions, and events."""
    cloud.s3.create_bucket(Bucket=unique)
    cloud.s3.put_bucket_versioning(Bucket=unique, VersioningConfiguration={"Status": "Enabled"})
    cloud.s3.put_bucket_notification_configuration(
        Bucket=unique, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    return unique


@pytest.fixture
def version(cloud: Pipeline, bucket: str) -> str:
    """A version that isn't the key's newest."""
    old = cloud.s3.put_object(Bucket=bucket, Key=KEY, Body=BODY)["VersionId"]
    cloud.s3.put_object(Bucket=bucket, Key=KEY, Body=b"newer")
    return old


# Parts


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("2-4", 2, 4), ("0-0", 0, 0), ("7-", 7, 9), ("7-99", 7, 9), ("-3", 7, 9), ("-99", 0, 9)],
)
def test_a_part_of_a_version_is_given(  # noqa: PLR0917  # three fixtures, three parameters
    cloud: Pipeline, bucket: str, version: str, wanted: str, first: int, last: int
) -> None:
    answer = cloud.s3.get_object(Bucket=bucket, Key=KEY, VersionId=version, Range=f"bytes={wanted}")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["ContentRange"] == f"bytes {first}-{last}/10"
    assert answer["Body"].read() == BODY[first : last + 1]
    assert (answer["ContentLength"], answer["VersionId"]) == (last - first + 1, version)


@pytest.mark.parametrize("arrives", [True, False])
def test_an_object_in_parts_is_taken_if_its_whole_checksum_fits(cloud: Pipeline, bucket: str, arrives: bool) -> None:
    impatient = Config(retries={"total_max_attempts": 1})  # the SDK tries again after BadDigest, for seconds
    s3 = cloud.session.client("s3", endpoint_url=cloud.endpoint, config=impatient)
    parts = [b"a" * 5 * 1024 * 1024, b"the end"]
    crc = zlib.crc32(b"".join(parts)) if arrives else 0
    told = base64.b64encode(crc.to_bytes(4, "big")).decode()
    upload = cloud.s3.create_multipart_upload(
        Bucket=bucket, Key=KEY, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
    )["UploadId"]
    sent: list[CompletedPartTypeDef] = []
    for number, body in enumerate(parts, 1):
        part = cloud.s3.upload_part(Bucket=bucket, Key=KEY, UploadId=upload, PartNumber=number, Body=body)
        sent.append({"PartNumber": number, "ETag": part["ETag"]})

    def complete() -> str:
        return s3.complete_multipart_upload(
            Bucket=bucket,
            Key=KEY,
            UploadId=upload,
            MultipartUpload={"Parts": sent},
            ChecksumCRC32=told,
            ChecksumType="FULL_OBJECT",
        )["VersionId"]

    if arrives:
        assert cloud.s3.get_object(Bucket=bucket, Key=KEY, VersionId=complete())["Body"].read() == b"".join(parts)
    else:
        with pytest.raises(ClientError, match="BadDigest"):
            complete()


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_part_beyond_the_end_of_a_version_is_refused(cloud: Pipeline, bucket: str, version: str, wanted: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.s3.get_object(Bucket=bucket, Key=KEY, VersionId=version, Range=wanted)

    assert refused.value.response["Error"]["Code"] == "InvalidRange"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 416
    assert refused.value.response["ResponseMetadata"]["HTTPHeaders"]["content-range"] == "bytes */10"


def tag(status: str) -> "TagTypeDef":
    """A tag with this status."""
    return {"Key": "build-status", "Value": status}


def test_a_version_under_a_delete_marker_can_be_read_and_tagged_and_its_key_cannot(
    cloud: Pipeline, bucket: str, version: str
) -> None:
    before, after = ([tag("accepted")], [tag("recorded")])
    cloud.s3.put_object_tagging(Bucket=bucket, Key=KEY, VersionId=version, Tagging={"TagSet": before})
    cloud.s3.delete_object(Bucket=bucket, Key=KEY)

    whole, part = (
        cloud.s3.get_object(Bucket=bucket, Key=KEY, VersionId=version, **more)  # type: ignore[arg-type]
        for more in ({}, {"Range": "bytes=2-4"})
    )
    assert (whole["ResponseMetadata"]["HTTPStatusCode"], whole["Body"].read()) == (200, BODY)
    assert "ContentRange" not in whole
    assert part["Body"].read() == b"234"
    assert cloud.s3.get_object_tagging(Bucket=bucket, Key=KEY, VersionId=version)["TagSet"] == before
    cloud.s3.put_object_tagging(Bucket=bucket, Key=KEY, VersionId=version, Tagging={"TagSet": after})
    assert cloud.s3.get_object_tagging(Bucket=bucket, Key=KEY, VersionId=version)["TagSet"] == after
    with pytest.raises(ClientError):
        cloud.s3.get_object_tagging(Bucket=bucket, Key=KEY)
    with pytest.raises(ClientError, match="NoSuchVersion"):
        cloud.s3.get_object(Bucket=bucket, Key=KEY, VersionId=f"{version}x", Range="bytes=0-1")


# Events


@pytest.fixture
def created(bucket: str, inbox: Callable[[dict[str, Any]], Inbox]) -> Inbox:
    """Gets the events of what is created in the bucket."""
    detail = {"bucket": {"name": [bucket]}}
    return inbox({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail})


def test_the_event_of_an_upload_has_the_shape_of_its_file_and_names_the_version(
    cloud: Pipeline, bucket: str, created: Inbox
) -> None:
    put = cloud.s3.put_object(Bucket=bucket, Key=KEY, Body=BODY)
    (event,) = created.wait_for(1)
    found = event["detail"]["object"]

    assert differences(event, sample("object-created")) == []
    assert datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007  # in whole seconds, or this fails
    assert (event["detail"]["bucket"], event["detail"]["reason"]) == ({"name": bucket}, "PutObject")
    assert (found["key"], found["size"], found["version-id"]) == (KEY, 10, put["VersionId"])
    assert found["etag"] == put["ETag"].strip('"')


def test_the_sequencers_of_uploads_increase(cloud: Pipeline, bucket: str, created: Inbox) -> None:
    versions = [cloud.s3.put_object(Bucket=bucket, Key=KEY, Body=BODY)["VersionId"] for _ in range(5)]
    events = {each["detail"]["object"]["version-id"]: each["detail"]["object"] for each in created.wait_for(5)}
    sequencers = [events[version]["sequencer"] for version in versions]

    assert sorted(set(sequencers)) == sequencers
    assert {len(each) for each in sequencers} == {len(sequencers[0])}
    assert all(int(each, 16) for each in sequencers)


def test_an_upload_in_parts_has_one_event(cloud: Pipeline, bucket: str, created: Inbox) -> None:
    upload = cloud.s3.create_multipart_upload(Bucket=bucket, Key=KEY)["UploadId"]
    part = cloud.s3.upload_part(Bucket=bucket, Key=KEY, UploadId=upload, PartNumber=1, Body=BODY)["ETag"]
    parts: CompletedMultipartUploadTypeDef = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    done = cloud.s3.complete_multipart_upload(Bucket=bucket, Key=KEY, UploadId=upload, MultipartUpload=parts)
    last = cloud.s3.put_object(Bucket=bucket, Key=KEY, Body=BODY)

    assert {each["detail"]["object"]["version-id"]: each["detail"]["reason"] for each in created.wait_for(2)} == {
        done["VersionId"]: "CompleteMultipartUpload",
        last["VersionId"]: "PutObject",
    }
    assert len(created.events) == 2


def test_the_event_of_a_copy_names_the_copy_s_own_version(
    cloud: Pipeline, bucket: str, version: str, created: Inbox
) -> None:
    copied = cloud.s3.copy_object(
        Bucket=bucket, Key="copy.zip", CopySource={"Bucket": bucket, "Key": KEY, "VersionId": version}
    )
    (event,) = created.wait_for(1)

    assert event["detail"]["reason"] == "CopyObject"
    assert event["detail"]["object"]["version-id"] == copied["VersionId"]


def test_a_bucket_of_a_stack_has_the_stacks_tags(cloud: Pipeline, unique: str) -> None:
    cloudformation = cloud.client("cloudformation")
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": unique}}
    template = json.dumps({"Resources": {"Bucket": bucket}})
    cloudformation.create_stack(StackName=unique, TemplateBody=template, Tags=[{"Key": "of", "Value": "the stack"}])
    cloudformation.get_waiter("stack_create_complete").wait(StackName=unique, WaiterConfig={"Delay": 1})

    assert {"Key": "of", "Value": "the stack"} in cloud.s3.get_bucket_tagging(Bucket=unique)["TagSet"]


def test_a_delete_marker_has_no_tags_even_where_there_is_no_version(cloud: Pipeline, bucket: str) -> None:
    marker = cloud.s3.delete_object(Bucket=bucket, Key=KEY)["VersionId"]

    for operation in (cloud.s3.get_object_tagging, cloud.s3.get_object):
        with pytest.raises(ClientError) as refused:
            operation(Bucket=bucket, Key=KEY, VersionId=marker)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 405
