"""The request for a build is a pure function of what its token covers, and overrides the three variables only."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from core.uploads import Upload
from tests.unit.support.object_created import BUCKET, object_created, upload

texts = st.sampled_from(["a", "b", "c"])
requests = st.tuples(st.sampled_from(["a", "b", "a\nb", "größe.zip"]), texts, texts)


def test_a_build_request_names_the_upload_and_the_tag() -> None:
    some = upload(key="größe 🍕.zip", version_id="-version")

    assert some.build_request("jwt-pizza-service", some.image_tag) == {
        "projectName": "jwt-pizza-service",
        "environmentVariablesOverride": [
            {"name": "SOURCE_KEY", "value": '"gr\\u00f6\\u00dfe \\ud83c\\udf55.zip"', "type": "PLAINTEXT"},
            {"name": "SOURCE_VERSION_ID", "value": "-version", "type": "PLAINTEXT"},
            {"name": "IMAGE_TAG", "value": some.image_tag, "type": "PLAINTEXT"},
        ],
        "idempotencyToken": hashlib.sha256(
            "\n".join([BUCKET, "größe 🍕.zip", "-version", some.image_tag]).encode()
        ).hexdigest()[:32],
    }


@given(requests, requests)
def test_the_token_is_the_same_only_if_the_build_request_is(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    first, second = (
        upload(key=key, version_id=version).build_request("service", tag) for key, version, tag in (one, other)
    )

    assert (first["idempotencyToken"] == second["idempotencyToken"]) == (first == second)


def test_a_repeated_event_asks_for_the_same_build() -> None:
    tag = upload().image_tag
    repeated = upload(time="2026-11-20T10:16:00Z", sequencer="6C", size=1)

    assert repeated.build_request("service", tag) == upload().build_request("service", tag)


def test_an_upload_to_another_bucket_has_another_token() -> None:
    tag = upload().image_tag
    moved = object_created()
    moved["detail"]["bucket"]["name"] = "another"
    other = Upload.from_event(moved, "another").build_request("service", tag)

    assert other["idempotencyToken"] != upload().build_request("service", tag)["idempotencyToken"]
