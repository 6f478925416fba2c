"""The request for a build is a pure function of what its token covers, and overrides the three variables only."""

import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core import build_requests
from core.builds import Build
from core.uploads import ObjectVersion, Upload
from tests.unit.support.object_created import BUCKET, upload

PROJECT = "jwt-pizza-service"
texts = st.sampled_from(["a", "b", "c"])
requests = st.tuples(
    st.sampled_from([BUCKET, "another"]), st.sampled_from(["a", "b", "a\nb", "größe.zip"]), texts, texts
)


def first(some: Upload) -> dict[str, Any]:
    """The request for the first build of an upload."""
    return build_requests.for_upload(PROJECT, some.version, some.image_tag)


def again(build_id: str, request: dict[str, Any]) -> dict[str, Any]:
    """The request that starts the build once more that this request has started."""
    environment = {"environmentVariables": request["environmentVariablesOverride"]}
    answer = {"id": build_id, "buildStatus": "FAILED", "environment": environment}
    return build_requests.again(PROJECT, Build.from_answer(answer, BUCKET))


def test_a_build_request_names_the_upload_and_the_tag() -> None:
    some = upload(key="größe 🍕.zip", version_id="-version")

    assert first(some) == {
        "projectName": PROJECT,
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
def test_the_token_is_the_same_only_if_bucket_key_version_and_tag_are(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    former, latter = (
        build_requests.for_upload("service", ObjectVersion(bucket, key, version), tag)
        for bucket, key, version, tag in (one, other)
    )

    assert (former["idempotencyToken"] == latter["idempotencyToken"]) == (one == other)
    assert one != other or former == latter


def test_a_build_is_started_again_as_it_was_started_and_each_failed_build_once() -> None:
    request = first(upload(key="größe 🍕.zip"))
    second, third = again(f"{PROJECT}:1", request), again(f"{PROJECT}:2", request)

    token = "idempotencyToken"
    assert len({request[token], second[token], third[token]}) == 3
    assert request | {token: ""} == second | {token: ""} == third | {token: ""}
    assert second == again(f"{PROJECT}:1", second)
    assert len(second[token]) == 32
