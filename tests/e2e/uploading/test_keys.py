"""Keys and names in zips are data: each upload is built or rejected, and nothing comes to be anywhere else.

CodeBuild sends no events meanwhile: the resync notifies them all.
"""

import pytest

from local.emulator import Account
from local.pipeline import Pipeline, Upload, wait_for
from tests.e2e.support.triggers import trigger_schedule, without_build_events
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.uploads import SECONDS, good

KEYS = [
    "a b.zip",
    "a+b.zip",
    "a%2Bb.zip",
    'it\'s "quoted".zip',
    "$(touch x).zip",
    "`touch x`; touch x.zip",
    "ünï/cödé 日本.zip",
    "-flag.zip",
    "--version-id",
    "file:///etc/passwd",
    "https://127.0.0.1/x",
    "App.ZIP",
    "long/" + "k" * 1015 + ".zip",
]
FOLDERS = ["git@x:y", "-flag", "a b", "$(touch x)"]
REJECTED = {"new\nline.zip": "key-unusable", "app.tgz": "not-a-zip"}


@pytest.fixture(scope="module")
def uploaded(here: Account, first: Upload, pipeline: Pipeline, uploader: Uploader) -> dict[str, Upload]:
    """All of them, uploaded at once."""
    with without_build_events(here):
        made = {key: uploader.upload(key, good(key)) for key in KEYS}
        made |= {folder: uploader.upload(f"folder of {folder}.zip", good(folder, f"{folder}/")) for folder in FOLDERS}
        for upload in made.values():
            pipeline.ended_build(upload, SECONDS)
        trigger_schedule(pipeline)
    return made | {key: uploader.upload(key, b"\x1f\x8b no zip") for key in REJECTED}


def ended(pipeline: Pipeline, upload: Upload) -> dict[str, str]:
    """The upload's tags, when they hold a final status."""

    def look() -> dict[str, str] | None:
        tags = pipeline.tags(upload)
        return tags if tags.get("build-status") not in {None, "accepted", "waiting"} else None

    return wait_for(f"The end of {upload.key!r}", look, SECONDS)


@pytest.mark.parametrize("name", [*KEYS, *FOLDERS])
def test_an_upload_with_an_odd_key_or_folder_is_built(
    pipeline: Pipeline, uploaded: dict[str, Upload], name: str
) -> None:
    tags = ended(pipeline, uploaded[name])
    assert tags["build-status"] in {"recorded", "superseded"}, tags
    assert pipeline.image_of(uploaded[name])


@pytest.mark.parametrize("name", REJECTED)
def test_an_upload_with_an_unusable_key_or_no_zip_is_rejected(
    pipeline: Pipeline, uploaded: dict[str, Upload], name: str
) -> None:
    tags = ended(pipeline, uploaded[name])
    assert tags["build-status"] == "rejected"
    assert tags["build-reason"].startswith(f"{REJECTED[name]}: ")
    assert not pipeline.builds(uploaded[name])


def test_a_folder_marker_gets_no_status(pipeline: Pipeline, uploader: Uploader) -> None:
    marker = uploader.upload("a folder/", b"")
    after = uploader.upload("after the folder.txt", b"no zip")
    assert ended(pipeline, after)["build-status"] == "rejected"
    assert pipeline.tags(marker) == {}


def test_odd_keys_and_folders_make_nothing_anywhere_else(pipeline: Pipeline, uploaded: dict[str, Upload]) -> None:
    for upload in uploaded.values():
        ended(pipeline, upload)
    parameters = pipeline.ssm.describe_parameters()["Parameters"]
    assert [each["Name"] for each in parameters] == [pipeline.outputs["ParameterName"]]
    repositories = pipeline.ecr.describe_repositories()["repositories"]
    assert [each["repositoryName"] for each in repositories] == [pipeline.repository]
    ours = ("build-", "settled-build-", "keep-")
    assert {tag for tag in pipeline.images() if not tag.startswith(ours)} <= {"latest", "buildcache"}
    versions = pipeline.s3.get_paginator("list_object_versions").paginate(Bucket=pipeline.bucket)
    written = {each["VersionId"] for page in versions for each in page["Versions"] if each["Key"] in KEYS}
    assert written == {uploaded[key].version for key in KEYS}
