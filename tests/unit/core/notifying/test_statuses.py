"""A status is three tags beside the uploader's own, in words that S3 takes as they are."""

import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import start_build
from core import reasons
from core.build_output import build_reasons
from core.notifying import statuses
from core.notifying.statuses import FINAL, LIFE, OPEN, NoRoomError, Status, clean, may_follow, read, with_status
from core.reasons import NO_ROOM, Reason
from core.trial import start_reasons
from core.zips import checks, zip_reasons
from tests.support.served import Served
from tests.support.zips import zipped
from tests.unit.support.object_created import upload

VERSION = upload().version
TAG = upload().image_tag
OTHER_TAG = "build-20261120T101530Z-6B001DC29329D189-0123abcd"
STATUS = {"build-status": "accepted", "image-tag": TAG, "build-reason": "A build is queued or runs."}

FIXED = [
    each
    for module in (reasons, zip_reasons, build_reasons, start_reasons)
    for each in vars(module).values()
    if isinstance(each, Reason)
]
COMPOSED = [
    checks.check(2**20 + 1, Served(b"").fetch, most_mib=1),
    zip_reasons.file_too_large("core.dump"),
    zip_reasons.unpacks_too_large("core.dump"),
    build_reasons.ignored("dist/index.html"),
    build_reasons.no_such_stage("Dockerfile:4 FROM bulider", "bulider", ["builder", "tests"]),
    Served(zipped({"main.py": ""})).check(),
    Served(zipped({"services/web_1/Dockerfile": "", "main.py": ""})).check(),
]
SENTENCES = [str(each) for each in FIXED + COMPOSED] + [start_build.BUILDING]
CODES = {
    "not-a-zip",
    "encrypted",
    "no-dockerfile",
    "too-many-entries",
    "zip-damaged",
    "source-unreadable",
    "key-unusable",
    "no-room",
    "aws-fails",
    "not-recorded",
    "log-late",
    "superseded",
    "timed-out",
    "stopped",
    "build-system-fault",
    "build-failed",
    "out-of-memory",
    "disk-full",
    "rate-limited",
    "wrong-architecture",
    "no-program",
}


# The tags


def test_a_status_is_three_tags() -> None:
    assert with_status({}, Status("accepted", TAG, "A build is queued or runs.")) == STATUS


def test_the_uploader_s_own_tags_stay_beside_a_status() -> None:
    own = {"team": "pizza", "Build-Status": "theirs", "größe": "42"}

    assert with_status(own, Status("accepted", TAG, "A build is queued or runs.")) == STATUS | own


def test_a_recorded_status_names_its_image_in_the_place_of_a_reason() -> None:
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@sha256:" + 64 * "a"
    tags = {"build-status": "recorded", "image-tag": TAG, "image-uri": uri}

    assert with_status(STATUS, Status("recorded", TAG, image_uri=uri)) == tags


def test_an_earlier_status_gives_way_to_the_new_one() -> None:
    earlier = {"build-status": "recorded", "image-tag": OTHER_TAG, "image-uri": "repository@sha256:0", "team": "pizza"}

    assert with_status(earlier, Status("accepted", TAG, "A build is queued or runs.")) == STATUS | {"team": "pizza"}


def test_the_tags_to_which_a_status_is_added_are_left_alone() -> None:
    earlier = {"build-status": "recorded", "team": "pizza"}
    with_status(earlier, Status("accepted", TAG, ""))

    assert earlier == {"build-status": "recorded", "team": "pizza"}


def test_the_same_status_again_changes_nothing() -> None:
    assert with_status(STATUS, Status("accepted", TAG, STATUS["build-reason"])) == STATUS


def test_a_reason_is_written_as_a_tag_may_hold_it() -> None:
    assert with_status({}, Status("rejected", TAG, "It's\n«bad»"))["build-reason"] == "It s bad"


def own_tags(number: int) -> dict[str, str]:
    return {f"own-{each}": "value" for each in range(number)}


def test_seven_own_tags_leave_room_for_a_status() -> None:
    assert with_status(own_tags(7), Status("accepted", TAG, STATUS["build-reason"])) == own_tags(7) | STATUS


def test_eight_own_tags_leave_no_room_for_a_status() -> None:
    with pytest.raises(NoRoomError, match="8 tags of the uploader's own leave no room"):
        with_status(own_tags(8), Status("accepted", TAG, ""))


def test_an_earlier_status_takes_no_room() -> None:
    assert len(with_status(own_tags(7) | STATUS, Status("rejected", TAG, ""))) == 10


# The words


@given(st.text(max_size=400))
def test_a_clean_value_is_one_that_s3_takes(value: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9 +\-=._:/@]{0,256}", clean(value))


@given(st.text("a .:'\n", max_size=400) | st.text(max_size=400))
def test_the_spaces_of_a_clean_value_are_single_and_inside(value: str) -> None:
    assert "  " not in clean(value)
    assert clean(value) == clean(value).strip()


@given(st.text("a .:'\n", max_size=600) | st.text(max_size=400))
def test_a_clean_value_stays_as_it_is(value: str) -> None:
    assert clean(clean(value)) == clean(value)


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("", ""),
        ("'", ""),
        ("plain words", "plain words"),
        ("+-=._:/@ 09azAZ", "+-=._:/@ 09azAZ"),
        ("it's \t (bad),\r\nvery", "it s bad very"),
        (" «größe» 🍕 ", "gr e"),
        ("a" * 256, "a" * 256),
        ("'" + "a" * 256, "a" * 256),
    ],
)
def test_a_character_that_s3_does_not_take_is_a_space(value: str, cleaned: str) -> None:
    assert clean(value) == cleaned


@given(st.text("ab -", min_size=300, max_size=3000).map(" ".join))
def test_of_a_long_value_the_beginning_and_the_end_stay(middle: str) -> None:
    cleaned = clean(f"build-failed: RUN make {middle} exit code: 2")

    assert cleaned.startswith("build-failed: RUN make ")
    assert " ... " in cleaned
    assert cleaned.endswith(" exit code: 2")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_reason_fits_a_tag_as_it_is_written(sentence: str) -> None:
    assert clean(sentence) == sentence


def test_each_fixed_reason_has_a_code_and_a_sentence() -> None:
    assert {each.code for each in FIXED} == CODES
    for each in FIXED:
        assert str(each) == f"{each.code}: {each.sentence}"
        assert " " in each.sentence


# What stands on a version


@pytest.mark.parametrize("name", LIFE)
def test_a_status_is_read_as_it_was_written(name: str) -> None:
    status = Status(name, TAG, "no-room: No room.", "uri" if name == "recorded" else None)

    assert read(with_status({"team": "pizza"}, status), VERSION) == replace(
        status, reason=None if name == "recorded" else status.reason
    )
    assert set(STATUS) == {statuses.STATUS, statuses.IMAGE_TAG, statuses.REASON}


@pytest.mark.parametrize("tags", [{}, {"build-status": "recorded"}, {"image-tag": TAG}, {"team": "pizza"}])
def test_a_version_without_both_tags_has_no_status(tags: dict[str, str]) -> None:
    assert read(tags, VERSION) is None


def test_the_status_that_came_with_a_copy_is_not_the_copy_s_own() -> None:
    assert read({"build-status": "recorded", "image-tag": OTHER_TAG}, VERSION) is None


def test_an_upload_that_waits_as_an_older_stack_wrote_it_waits() -> None:
    older = STATUS | {"build-reason": "waiting: CodeBuild takes no more builds now."}

    assert read(older, VERSION) == Status("waiting", TAG, older["build-reason"])


def test_an_older_stack_s_code_makes_no_final_status_wait() -> None:
    older = {"build-status": "failed", "image-tag": TAG, "build-reason": "waiting: x"}

    assert read(older, VERSION) == Status("failed", TAG, "waiting: x")


@pytest.mark.parametrize("reason", ["A build is queued or runs.", "waiting", "It is waiting: for what", ""])
def test_an_accepted_upload_whose_reason_has_no_code_does_not_wait(reason: str) -> None:
    assert read(STATUS | {"build-reason": reason}, VERSION) == Status("accepted", TAG, reason)


@pytest.mark.parametrize("reason", [NO_ROOM, zip_reasons.UNREADABLE, reasons.built_again(NO_ROOM)])
def test_a_written_reason_is_read_as_it_was(reason: Reason) -> None:
    assert reasons.parsed(str(reason)) == reason


@pytest.mark.parametrize("text", ["", "A build is queued or runs.", "Two words: and more", "no-room", "no-room:x"])
def test_a_text_without_a_code_is_a_sentence(text: str) -> None:
    assert reasons.parsed(text) == Reason("", text)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("AccessDenied", "no-permission"), ("AccessDeniedException", "no-permission"), ("SlowDown", "aws-fails")],
)
def test_what_an_upload_waits_for_tells_a_missing_permission_from_a_refusal(code: str, expected: str) -> None:
    assert reasons.refused("GetObject", code).code == expected


# The life of a status


def test_the_statuses_of_an_upload_are_these() -> None:
    assert {*LIFE} == {"accepted", "waiting", "rejected", "failed", "superseded", "recorded"}
    assert FINAL == ("rejected", "failed", "superseded", "recorded")


def test_each_status_follows_statuses_that_there_are() -> None:
    assert {before for stage in LIFE.values() for before in stage.follows} == {*OPEN, *FINAL} - {"recorded"}


@pytest.mark.parametrize("before", [None, "accepted", "waiting", "Recorded", "by hand"])
def test_each_status_may_follow_one_that_is_not_final(before: str | None) -> None:
    assert all(may_follow(name, Status(before, TAG) if before else None) for name in LIFE)


def test_a_final_status_gives_way_to_the_higher_ones_and_no_other() -> None:
    rises = {(before, name) for before in FINAL for name in LIFE if may_follow(name, Status(before, TAG))}

    assert rises == set(itertools.combinations(FINAL, 2))
