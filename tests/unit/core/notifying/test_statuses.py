"""A status is three tags beside the uploader's own, in words that S3 takes as they are."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import start_build
from core import reasons
from core.build_output import build_reasons
from core.notifying import statuses
from core.notifying.statuses import (
    DEPLOYED,
    FINAL,
    LIFE,
    OPEN,
    NoRoomError,
    Status,
    clean,
    may_follow,
    read,
    with_status,
)
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

# The tags


ACCEPTED = Status("accepted", TAG, "A build is queued or runs.")
URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@sha256:" + 64 * "a"
RECORDED = {"build-status": "recorded", "image-tag": TAG, "image-uri": URI}
OWN = {"team": "pizza", "Build-Status": "theirs", "größe": "42"}


def own_tags(number: int) -> dict[str, str]:
    return {f"own-{each}": "value" for each in range(number)}


@pytest.mark.parametrize(
    ("before", "status", "after"),
    [
        pytest.param({}, ACCEPTED, STATUS, id="three tags"),
        pytest.param(OWN, ACCEPTED, STATUS | OWN, id="beside the uploader's own"),
        pytest.param(STATUS, Status("recorded", TAG, image_uri=URI), RECORDED, id="an image in place of a reason"),
        pytest.param(
            RECORDED | {"image-tag": OTHER_TAG, "team": "pizza"}, ACCEPTED, STATUS | {"team": "pizza"}, id="a new one"
        ),
        pytest.param(STATUS, ACCEPTED, STATUS, id="the same again"),
        pytest.param(own_tags(7), ACCEPTED, own_tags(7) | STATUS, id="seven own tags leave room"),
        pytest.param(own_tags(7) | STATUS, ACCEPTED, own_tags(7) | STATUS, id="an earlier status takes none"),
        pytest.param(
            {},
            Status("rejected", TAG, "It's\n«bad»"),
            {"build-status": "rejected", "image-tag": TAG, "build-reason": "It s bad"},
            id="a reason as a tag may hold it",
        ),
    ],
)
def test_a_status_is_tags_beside_the_uploader_s_own(
    before: dict[str, str], status: Status, after: dict[str, str]
) -> None:
    unchanged = before.copy()

    assert with_status(before, status) == after
    assert before == unchanged


def test_eight_own_tags_leave_no_room_for_a_status() -> None:
    with pytest.raises(NoRoomError, match="8 tags of the uploader's own leave no room for 3 more"):
        with_status(own_tags(8), ACCEPTED)


# The words


@given(st.text("a .:'\n", max_size=600) | st.text(max_size=400))
def test_a_clean_value_is_one_that_s3_takes_without_outer_or_double_spaces_and_stays_as_it_is(value: str) -> None:
    cleaned = clean(value)

    assert re.fullmatch(r"[A-Za-z0-9 +\-=._:/@]{0,256}", cleaned)
    assert "  " not in cleaned
    assert clean(cleaned) == cleaned == cleaned.strip()


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
    for each in FIXED:
        assert reasons.CODE.fullmatch(each.code)
        assert str(each) == f"{each.code}: {each.sentence}"
        assert " " in each.sentence


# What stands on a version


@pytest.mark.parametrize("name", LIFE)
def test_a_status_is_read_as_it_was_written(name: str) -> None:
    reason, uri = "no-room: No room.", "uri" if name in {"recorded", *DEPLOYED} else None
    status = Status(name, TAG, None if name in {"recorded", "running"} else reason, uri)

    assert read(with_status({"team": "pizza"}, status), VERSION) == status
    assert set(STATUS) == {statuses.STATUS, statuses.IMAGE_TAG, statuses.REASON}


OLDER = "waiting: CodeBuild takes no more builds now."


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        *((tags, None) for tags in ({}, {"build-status": "recorded"}, {"image-tag": TAG}, {"team": "pizza"})),
        ({"build-status": "recorded", "image-tag": OTHER_TAG}, None),  # it came with a copy
        (STATUS | {"build-reason": OLDER}, Status("waiting", TAG, OLDER)),  # as an older stack wrote it
        (STATUS | {"build-status": "failed", "build-reason": OLDER}, Status("failed", TAG, OLDER)),
        *(
            (STATUS | {"build-reason": reason}, Status("accepted", TAG, reason))
            for reason in ("A build is queued or runs.", "waiting", "It is waiting: for what", "")
        ),
    ],
)
def test_what_tags_say_of_their_version(tags: dict[str, str], expected: Status | None) -> None:
    assert read(tags, VERSION) == expected


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
    assert ("rejected", "failed", "superseded", "recorded", *DEPLOYED) == FINAL
    assert DEPLOYED == ("running", "not-healthy", "replaced", "rolled-back")
    assert {*LIFE} == {"accepted", "waiting", *FINAL}


def test_each_status_follows_statuses_that_there_are() -> None:
    assert {before for stage in LIFE.values() for before in stage.follows} == {*OPEN, *FINAL}


@pytest.mark.parametrize("before", [None, "accepted", "waiting", "Recorded", "by hand"])
def test_each_status_up_to_recorded_may_follow_one_that_is_not_final(before: str | None) -> None:
    following = [name for name in LIFE if may_follow(name, Status(before, TAG) if before else None)]

    assert following == [name for name in LIFE if name not in DEPLOYED]


def test_a_final_status_gives_way_to_the_higher_ones_and_those_of_a_deployment_to_each_other() -> None:
    rises = {(before, name) for before in FINAL for name in LIFE if may_follow(name, Status(before, TAG))}
    up_to_recorded = FINAL[: FINAL.index("recorded") + 1]

    assert rises == {
        *itertools.combinations(up_to_recorded, 2),
        *itertools.permutations(DEPLOYED, 2),
        *(("recorded", name) for name in DEPLOYED),
    } - {("not-healthy", "replaced"), ("not-healthy", "rolled-back")}
