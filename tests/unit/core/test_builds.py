"""A build in CodeBuild's shape: which upload it was for, where it ended, and where its log is."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.builds import Build, NotOurBuildError
from tests.unit.support.object_created import BUCKET, upload

UPLOAD = upload()
OURS = {
    "SOURCE_KEY": json.dumps(UPLOAD.version.key),
    "SOURCE_VERSION_ID": UPLOAD.version.version_id,
    "IMAGE_TAG": UPLOAD.image_tag,
}
BEFORE = [{"phaseType": kind, "phaseStatus": "SUCCEEDED"} for kind in ("SUBMITTED", "QUEUED", "PROVISIONING")]
FINISHED = [{"phaseType": kind, "phaseStatus": "SUCCEEDED"} for kind in ("UPLOAD_ARTIFACTS", "FINALIZING")]
COMPLETED = {"phaseType": "COMPLETED"}


def build(variables: dict[str, str] | None = None, **changes: Any) -> Build:
    """A build of the upload in events/object-created.json, changed."""
    given = OURS if variables is None else variables
    answer = {
        "id": "jwt-pizza-service:1",
        "buildStatus": "FAILED",
        "currentPhase": "COMPLETED",
        "phases": [*BEFORE, {"phaseType": "BUILD", "phaseStatus": "FAILED"}, COMPLETED],
        "environment": {
            "environmentVariables": [
                {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in given.items()
            ]
        },
        "logs": {"groupName": "builds", "streamName": "1"},
    }
    return Build.from_answer(answer | changes, BUCKET)


def test_a_build_names_its_upload() -> None:
    found = build()

    assert (found.version, found.image_tag) == (UPLOAD.version, UPLOAD.image_tag)


@pytest.mark.parametrize("key", ["naïve/日本語/🍕.zip", 'a "quoted" name', "back\\slash", " "])
def test_the_key_of_a_build_is_its_uploads_whatever_it_holds(key: str) -> None:
    other = upload(key=key)
    variables = OURS | {"SOURCE_KEY": other.version.written_key, "IMAGE_TAG": other.image_tag}

    assert build(variables).version == other.version


def test_other_variables_of_a_build_do_not_matter() -> None:
    assert build({"REPOSITORY_URI": "some", **OURS, "DEBUG": "1"}) == build()


NO_UPLOAD, OTHER_TAG = "jwt-pizza-service:1 names no upload", "under a tag of something else"


@pytest.mark.parametrize(
    ("variables", "match"),
    [
        ({}, NO_UPLOAD),
        *(({each: value for each, value in OURS.items() if each != name}, NO_UPLOAD) for name in OURS),
        *((OURS | {"SOURCE_KEY": key}, NO_UPLOAD) for key in ("", "plain.zip", "[", '"\\ud800"')),
        *(
            (OURS | {"IMAGE_TAG": tag}, OTHER_TAG)
            for tag in (
                *("", "latest", UPLOAD.version.id, f"build-{UPLOAD.version.id}", f"{UPLOAD.image_tag}-by-hand"),
                *(upload(version_id="another").image_tag, upload(key="another.zip").image_tag),
            )
        ),
    ],
)
def test_a_build_whose_variables_do_not_name_an_upload_is_not_ours(variables: dict[str, str], match: str) -> None:
    with pytest.raises(NotOurBuildError, match=match):
        build(variables)


def test_a_build_without_any_variables_is_not_ours() -> None:
    with pytest.raises(NotOurBuildError):
        build(environment={"type": "ARM_CONTAINER"})


def test_a_build_whose_tag_is_of_another_bucket_is_not_ours() -> None:
    variables = [{"name": name, "value": value} for name, value in OURS.items()]
    with pytest.raises(NotOurBuildError):
        Build.from_answer({"id": "x:1", "environment": {"environmentVariables": variables}}, "another-bucket")


# Where it ended


@pytest.mark.parametrize("status", ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"])
def test_only_a_build_with_the_status_succeeded_has_succeeded(status: str) -> None:
    assert build(buildStatus="SUCCEEDED").succeeded
    assert not build(buildStatus=status).succeeded


def ended(*phases: tuple[str, str]) -> list[dict[str, str]]:
    """The phases of a build, with these after the first ones."""
    return [*BEFORE, *({"phaseType": kind, "phaseStatus": status} for kind, status in phases), COMPLETED]


@pytest.mark.parametrize(
    ("phases", "phase", "ran"),
    [
        *(
            ([*ended(("BUILD", status))[:-1], *FINISHED, COMPLETED], "BUILD", True)
            for status in ("FAILED", "FAULT", "TIMED_OUT", "STOPPED", "CLIENT_ERROR")
        ),
        (ended(("BUILD", "FAILED"), ("FINALIZING", "FAILED")), "BUILD", True),
        (ended(), "COMPLETED", False),
        ([], "COMPLETED", False),
        *(([*BEFORE[:2], {"phaseType": kind}], "COMPLETED", True) for kind in ("PRE_BUILD", "BUILD", "POST_BUILD")),
        *(
            ([{"phaseType": kind, "phaseStatus": "FAILED"}, COMPLETED], kind, False)
            for kind in ("QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL")
        ),
    ],
)
def test_the_phase_of_a_build_is_its_first_that_failed_and_the_builder_ran_if_one_of_its_own_began(
    phases: list[dict[str, str]], phase: str, ran: bool
) -> None:
    found = build(phases=phases)

    assert (found.phase, found.ran_builder) == (phase, ran)


# Its log


def test_the_log_of_a_build_is_a_group_and_a_stream() -> None:
    assert build().log == ("builds", "1")


@pytest.mark.parametrize("logs", [{}, {"groupName": "builds"}, {"streamName": "1"}, {"deepLink": "https://some"}])
def test_a_build_without_both_group_and_stream_has_no_log(logs: dict[str, str]) -> None:
    assert build(logs=logs).log is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [({}, True), ({"logs": {}}, False), ({"phases": BEFORE}, False)]
    + [({"buildStatus": status}, False) for status in ("FAULT", "TIMED_OUT", "STOPPED", "SUCCEEDED")],
)
def test_only_a_builder_that_failed_says_why_in_a_log(changes: dict[str, Any], says: bool) -> None:
    assert build(**changes).says_why_in_log is says


# Its end

END = datetime(2026, 11, 20, 10, 17, 4, tzinfo=UTC)


def test_a_build_has_ended_from_its_end_on() -> None:
    found = build(endTime=END)

    assert (found.has_ended, build().has_ended) == (True, False)
    assert found.had_ended(END)
    assert not found.had_ended(END - timedelta(seconds=1))
    assert not build().had_ended(datetime.max.replace(tzinfo=UTC))
