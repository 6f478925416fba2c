"""Which records of auto-deploy are read, and what any of them make of a history."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.notifying import deployments
from core.notifying.deployments import Record
from core.notifying.statuses import DEPLOYED, clean
from tests.unit.core.notifying.support.histories import MIDDLE, NEW, OLD, history, record, uri


def test_a_record_is_read_as_the_documents_describe_it() -> None:
    value = {
        "state": "not-healthy",
        "imageUri": uri(NEW),
        "version": 7,
        "running": uri(OLD),
        "deployment": "ecs-svc/1",
        "reason": "ECS gave up.",
        "exitCode": "3",
        "log": "group stream",
        "lines": ["bye"],
    }

    assert deployments.read([json.dumps(value)]) == [
        record("not-healthy", NEW, OLD, reason="ECS gave up.", exit_code="3", lines=("bye",), log="group stream")
    ]


@pytest.mark.parametrize(
    "value",
    [
        *("", "garbage", "null", "7", "[]", "{}"),
        '{"state": "new"}',
        '{"state": "new", "imageUri": "x"}',
        '{"state": "running"}',
        '{"state": ["running"], "imageUri": "x"}',
        '{"state": "running", "imageUri": "x", "lines": 7}',
    ],
)
def test_what_is_no_record_is_left_out(value: str) -> None:
    assert deployments.read([value]) == []


STATES = st.sampled_from(sorted(deployments.STATES))
TAGS = st.sampled_from([OLD, MIDDLE, NEW])
RECORDS = st.lists(
    st.builds(record, STATES, TAGS, st.none() | TAGS, reason=st.none() | st.text(), lines=st.tuples(st.text())),
    max_size=6,
)


@given(st.lists(TAGS, min_size=1, max_size=6), RECORDS)
def test_any_histories_give_statuses_of_deployments_that_a_version_can_carry(
    tags: list[str], records: list[Record]
) -> None:
    decided = deployments.decide(history(*tags), records).statuses

    assert decided.keys() <= set(tags)
    for status in decided.values():
        assert status.name in DEPLOYED
        assert status.image_uri
        assert bool(clean(status.reason or "")) == (status.name != "running")
    assert {tag for tag, status in decided.items() if status.name == "running"} == {
        tag for tag in set(tags) if records and records[-1].running == uri(tag)
    }
