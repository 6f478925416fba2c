"""What can't be built ends with its reason, leaves no build tag, and changes nothing."""

import pytest

from local.pipeline import Pipeline, Upload, wait_for
from local.sources import zip_with
from tests.e2e.bells import ring
from tests.e2e.uploads import SECONDS, failing, pinned_to_amd64


@pytest.mark.parametrize(
    ("key", "body", "code"),
    [
        ("empty-handed.zip", zip_with({"README.md": "no Dockerfile"}), "no-dockerfile"),
        ("notes.txt", b"This is not a zip.", "not-a-zip"),
    ],
)
def test_what_is_no_source_is_rejected_without_a_build(
    pipeline: Pipeline, recorded_before: str, key: str, body: bytes, code: str
) -> None:
    upload = pipeline.upload(key, body)
    tags = wait_for("The rejection", lambda: rejected(pipeline, upload), SECONDS)
    assert tags["build-reason"].startswith(f"{code}: ")
    assert not pipeline.builds(upload)
    assert pipeline.recorded() == recorded_before


@pytest.mark.parametrize(
    ("key", "body", "code"),
    [
        ("failing.zip", failing(), "build-failed"),
        ("amd64.zip", pinned_to_amd64(), "wrong-architecture"),
    ],
)
def test_a_build_that_fails_says_why_in_its_log_and_leaves_no_tag(
    pipeline: Pipeline, recorded_before: str, key: str, body: bytes, code: str
) -> None:
    upload = pipeline.upload(key, body)
    build = pipeline.ended_build(upload, SECONDS)
    assert build["buildStatus"] == "FAILED"
    assert pipeline.reason(build).startswith(f"reason: {code}: ")
    assert pipeline.tags(upload)["image-tag"] not in pipeline.images()
    ring(pipeline)
    assert pipeline.recorded() == recorded_before


def rejected(pipeline: Pipeline, upload: Upload) -> dict[str, str] | None:
    """The upload's tags, once it is rejected."""
    tags = pipeline.tags(upload)
    return tags if tags.get("build-status") == "rejected" else None
