"""Keys and names in zips are data: each upload is built or rejected, and nothing comes to be anywhere else.

CodeBuild sends no events meanwhile. Triggers get lost, and the schedule's resync notifies every upload all the same.
"""

import pytest

from local.emulator import Account
from local.pipeline import Pipeline, Upload, wait_for
from local.sources.failures import FAILED
from local.sources.samples import good
from local.subscriber import Subscriber
from tests.e2e.support.operators import without_polling
from tests.e2e.support.triggers import trigger_schedule, without_build_events
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.waiting import SECONDS

# Each with the folder in which its zip has the source.
KEYS = {
    "a b.zip": "a b/",
    "a+b.zip": "",
    "a%2Bb.zip": "",
    'it\'s "quoted".zip': "",
    "$(touch x).zip": "$(touch x)/",
    "`touch x`; touch x.zip": "",
    "ünï/cödé 日本.zip": "",
    "-flag.zip": "-flag/",
    "--version-id": "",
    "file:///etc/passwd": "git@x:y/",
    "https://127.0.0.1/x": "",
    "App.ZIP": "",
    "long/" + "k" * 1015 + ".zip": "",
}
NEWEST = "newest.zip"
REJECTED = {"new\nline.zip": "key-unusable", "app.tgz": "not-a-zip"}
FAILING = ["a RUN that fails", "a program that is not there"]
"""One that fails in docker's build, and one when its image is tried."""


def names(pipeline: Pipeline) -> tuple[set[str], set[str]]:
    """The names of all parameters and repositories."""
    parameters, repositories = pipeline.ssm.describe_parameters(), pipeline.ecr.describe_repositories()
    return (
        {each["Name"] for each in parameters["Parameters"]},
        {each["repositoryName"] for each in repositories["repositories"]},
    )


@pytest.fixture(scope="module")
def names_before(pipeline: Pipeline, first: Upload) -> tuple[set[str], set[str]]:
    """The names before anything is uploaded here."""
    assert first
    return names(pipeline)


@pytest.fixture(scope="module")
def uploaded(
    here: Account, names_before: object, pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber
) -> dict[str, Upload]:
    """All of them, whose builds have all ended before RecordImage runs, by the schedule's trigger."""
    with without_build_events(here), without_polling(pipeline, "RecordImage"):
        made = {key: uploader.upload(key, b"\x1f\x8b no zip") for key in REJECTED}
        made |= {name: uploader.upload(f"{name}.zip", FAILED[name].body("")) for name in FAILING}
        made |= {key: uploader.upload(key, good(key, folder)) for key, folder in KEYS.items()}
        made[NEWEST] = uploader.upload(NEWEST, good("newest"))
        for key in {*made} - {*REJECTED}:
            pipeline.ended_build(made[key], SECONDS)
        assert pipeline.tags(made[NEWEST])["build-status"] == "accepted"
        trigger_schedule(pipeline)
    return made


def ended(pipeline: Pipeline, upload: Upload) -> dict[str, str]:
    """The upload's tags, when they hold a final status."""

    def look() -> dict[str, str] | None:
        tags = pipeline.tags(upload)
        return tags if tags.get("build-status") not in {None, "accepted", "waiting"} else None

    return wait_for(f"The end of {upload.key!r}", look, SECONDS)


@pytest.mark.parametrize("key", KEYS)
def test_an_upload_with_an_odd_key_or_folder_is_built_and_a_resync_says_that_it_is_superseded(
    pipeline: Pipeline, uploaded: dict[str, Upload], subscriber: Subscriber, key: str
) -> None:
    assert ended(pipeline, uploaded[key])["build-status"] == "superseded"
    assert pipeline.image_of(uploaded[key])
    assert subscriber.wait_for_event(uploaded[key])["detail-type"] == "Upload Superseded"


def test_a_resync_notifies_the_newest_upload_as_recorded(
    pipeline: Pipeline, uploaded: dict[str, Upload], subscriber: Subscriber
) -> None:
    assert ended(pipeline, uploaded[NEWEST])["build-status"] == "recorded"
    assert pipeline.recorded() == pipeline.image_of(uploaded[NEWEST])
    assert subscriber.wait_for_event(uploaded[NEWEST])["detail-type"] == "Image Recorded"


@pytest.mark.parametrize("name", FAILING)
def test_a_resync_notifies_a_failed_upload(
    pipeline: Pipeline, uploaded: dict[str, Upload], subscriber: Subscriber, name: str
) -> None:
    assert ended(pipeline, uploaded[name])["build-status"] == "failed"
    assert subscriber.wait_for_event(uploaded[name])["detail"]["reason"].startswith(FAILED[name].reason)
    assert subscriber.wait_for_mail(uploaded[name])


@pytest.mark.parametrize("key", REJECTED)
def test_an_upload_with_an_unusable_key_or_no_zip_is_rejected_without_a_resync(
    pipeline: Pipeline, uploaded: dict[str, Upload], key: str
) -> None:
    tags = ended(pipeline, uploaded[key])
    assert tags["build-status"] == "rejected"
    assert tags["build-reason"].startswith(f"{REJECTED[key]}: ")
    assert not pipeline.builds(uploaded[key])


def test_a_folder_marker_gets_no_status(pipeline: Pipeline, uploader: Uploader) -> None:
    marker = uploader.upload("a folder/", b"")
    after = uploader.upload("after the folder.txt", b"no zip")
    assert ended(pipeline, after)["build-status"] == "rejected"
    assert pipeline.tags(marker) == {}


def test_odd_keys_and_folders_make_nothing_anywhere_else(
    pipeline: Pipeline, uploaded: dict[str, Upload], names_before: tuple[set[str], set[str]]
) -> None:
    for upload in uploaded.values():
        ended(pipeline, upload)
    assert names(pipeline) == names_before
    ours = ("build-", "settled-build-", "keep-")
    assert {tag for tag in pipeline.images() if not tag.startswith(ours)} <= {"latest", "buildcache"}
    versions = pipeline.s3.get_paginator("list_object_versions").paginate(Bucket=pipeline.bucket)
    written = {each["VersionId"] for page in versions for each in page["Versions"] if each["Key"] in KEYS}
    assert written == {uploaded[key].version for key in KEYS}
