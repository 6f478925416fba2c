"""The matcher that the other tests trust."""

import pytest

from tests.template.support.patterns import matches

EVENT = {"source": "aws.s3", "detail": {"key": "a/b.zip", "size": 5, "tags": ["x", "y"]}}


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"source": ["aws.ssm", "aws.s3"]},
        {"detail": {"key": ["a/b.zip"], "size": [5]}},
        {"detail": {"tags": ["y"]}},
        {"source": [{"prefix": "aws."}]},
        {"detail": {"key": [{"suffix": ".zip"}]}},
        {"source": [{"anything-but": "aws.ssm"}]},
        {"source": [{"anything-but": ["aws.ssm", "aws.sqs"]}]},
        {"detail": {"key": [{"anything-but": {"suffix": "/"}}]}},
        {"detail": {"key": [{"anything-but": {"prefix": "b"}}]}},
    ],
)
def test_an_event_matches_its_pattern(pattern: dict[str, object]) -> None:
    assert matches(pattern, EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["AWS.S3"]},
        {"account": ["1"]},
        {"detail": {"size": ["5"]}},
        {"source": {"name": ["aws.s3"]}},
        {"source": ["aws.s3"], "detail": {"key": ["other"]}},
        {"source": [{"prefix": "s3"}]},
        {"detail": {"key": [{"suffix": "/"}]}},
        {"source": [{"anything-but": ["aws.s3", "aws.ssm"]}]},
        {"detail": {"key": [{"anything-but": {"suffix": ".zip"}}]}},
        {"detail": {"absent": [{"anything-but": "x"}]}},
    ],
)
def test_an_event_does_not_match_another_pattern(pattern: dict[str, object]) -> None:
    assert not matches(pattern, EVENT)


@pytest.mark.parametrize("operator", [{"wildcard": "*.zip"}, {"exists": True}, {"prefix": "a", "suffix": "b"}])
def test_an_unknown_operator_of_a_pattern_is_an_error(operator: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="doesn't know"):
        matches({"source": [operator]}, EVENT)
