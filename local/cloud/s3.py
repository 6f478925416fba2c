"""S3: version ids in events, ranges and tags of old versions, checksums of whole objects, tags of stacks."""

import base64
import json
import zlib
from contextvars import ContextVar
from typing import Any

from ministack.services import eventbridge, s3
from ministack.services.cloudformation import provisioners

from local.cloud.shared.answers import Answer, with_body
from local.cloud.shared.replacing import Function, replaces

version_of_event: ContextVar[str | None] = ContextVar("version_of_event", default=None)


@replaces(s3, "_fire_s3_event")
def _(original: Function) -> Function:
    def fire(*arguments: Any, version_id: str | None = None, **named: Any) -> None:
        """Delivers an object's event with its version, which the emulator drops."""
        version_of_event.set(version_id)  # each event has its own thread and context
        original(*arguments, version_id=version_id, **named)

    return fire


@replaces(eventbridge, "_dispatch_event")
def _(original: Function) -> Function:
    def dispatch(event: dict[str, Any], view: Any = None) -> None:
        """Delivers events as S3 does: with `version-id`, and the time in whole seconds."""
        if event.get("Source") == "aws.s3":
            # assumes: event-key-unencoded, event-time-order
            detail = json.loads(event["Detail"])
            if version := version_of_event.get():
                detail["object"]["version-id"] = version
            time = event["Time"].split(".")[0].removesuffix("Z") + "Z"
            event, view = event | {"Detail": json.dumps(detail), "Time": time}, None
        original(event, view)

    return dispatch


@replaces(s3, "_get_object")
def _(original: Function) -> Function:
    def get(bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None) -> Answer:
        """Supports Range with a version id, where the emulator returns the whole object."""
        answer: Answer = original(bucket, key, headers, query)
        status, fields, body = answer
        wanted = headers.get("range", "")
        if status != 200 or not wanted or "versionId" not in (query or {}):
            return answer
        part = s3._parse_range(wanted, len(body))
        if part is None:
            refusal = s3._xml_body(s3._range_error_xml(bucket, key))
            return 416, {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(body)}"}, refusal
        first, last = part
        # The checksum is of the whole object.
        kept = {name: value for name, value in fields.items() if not name.lower().startswith("x-amz-checksum")}
        kept["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        return with_body((206, kept, b""), body[first : last + 1])

    return get


@replaces(s3, "_complete_multipart_upload")
def _(original: Function) -> Function:
    def complete(
        bucket: str, key: str, body: bytes, query: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Answer:
        """Checks the CRC-32 of the whole object, where the emulator expects one of the parts' checksums.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
        """
        fields = dict(headers or {})
        parts = s3._multipart_uploads.get(s3._qp(query, "uploadId"), {}).get("parts", {})
        if fields.get("x-amz-checksum-type") == "FULL_OBJECT" and (told := fields.pop("x-amz-checksum-crc32", "")):
            crc = 0
            for number in sorted(parts):
                crc = zlib.crc32(parts[number]["body"], crc)
            if base64.b64encode(crc.to_bytes(4, "big")).decode() != told:
                refusal: Answer = s3._error("BadDigest", "The CRC32 you specified did not match what arrived.", 400)
                return refusal
        answer: Answer = original(bucket, key, body, query, fields)
        return answer

    return complete


def whatever_is_current(original: Function) -> Function:
    """Finds a given version even if the key's current version is a delete marker, and refuses the marker itself."""

    def call(bucket: str, key: str, *arguments: Any) -> Answer:
        # assumes: missing-version-404
        asked = s3._qp(arguments[-1] or {}, "versionId", "")
        for version in s3._object_versions.get((bucket, key), []):
            if version["version_id"] == asked and version.get("is_delete_marker"):
                refusal: Answer = s3._delete_marker_read_refused(version)
                return refusal
        objects = (s3._ensure_bucket(bucket) or {"objects": {}})["objects"]
        hidden = key not in objects and "versionId" in (arguments[-1] or {})
        if hidden:
            objects[key] = {}
        try:
            answer: Answer = original(bucket, key, *arguments)
        finally:
            if hidden:
                del objects[key]
        return answer

    return call


replaces(s3, "_get_object_tagging")(whatever_is_current)
replaces(s3, "_put_object_tagging")(whatever_is_current)


@replaces(provisioners, "_s3_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Gives a bucket its own tags and those of its stack."""
        name, attributes = original(logical_id, properties, stack)
        s3._bucket_tags[name] = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
        return name, attributes

    return create


provisioners._STACK_TAG_PROPERTY["AWS::S3::Bucket"] = ("Tags", "list")
provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["create"] = provisioners._s3_create
