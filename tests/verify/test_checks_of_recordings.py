"""Each check of recordings, their metrics and the stack's outputs finds what breaks its assumption.

And each check that there is has a test of that, here or in another file.
"""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.verify import (
    test_checks,
    test_checks_of_ecs,
    test_checks_of_following,
    test_checks_of_services,
)
from tests.verify.support.answers import DIGEST, OUTPUTS, URI, Answers
from tests.verify.support.stories import UPLOADED, story
from tests.verify.test_checks_of_services import LOOKS, Given
from verify.checks import CHECKS, all_builds
from verify.gathering.rollback import Rollback
from verify.untried import UNTRIED
from verify.verdicts import DidNotHold, NotTried


def known(answers: Answers, **properties: Any) -> None:
    """The run knows this already."""
    answers.evidence.__dict__.update({f"_{name}_once": (value, None) for name, value in properties.items()})


def logged(answers: Answers, *lines: str) -> None:
    """The first function's log has these lines, the second one's has none."""
    for each in (lines, ()):
        answers.add("logs", "filter_log_events", {"events": [{"message": line} for line in each]})


def data(answers: Answers, *numbers: tuple[float, ...]) -> None:
    """CloudWatch has these data, for one metric after the other."""
    known(answers, pipeline=replace(answers.evidence.pipeline, outputs=OUTPUTS | MORE))
    for each in numbers:
        answers.add("cloudwatch", "get_metric_data", {"MetricDataResults": [{"Values": list(each)}]})


def recorded(answers: Answers, minutes: int) -> None:
    """The first image was recorded so many minutes after its build, which took one."""
    at = UPLOADED + timedelta(minutes=1 + minutes)
    version = {"Version": 1, "Description": "a request-1", "LastModifiedDate": at}
    answers.add("ssm", "get_parameter_history", {"Parameters": [version]})


def tags(answers: Answers, **found: str) -> None:
    """The first upload has these tags."""
    known(answers, pipeline=replace(answers.evidence.pipeline, outputs=OUTPUTS | MORE))
    answers.add("s3", "get_object_tagging", {"TagSet": [{"Key": key, "Value": value} for key, value in found.items()]})


def tagged(answers: Answers, latest: str) -> None:
    """The parameter and the build tag have DIGEST, and `latest` has this digest."""
    known(answers, again=story(tag="b"))
    answers.evidence.again.tags["image-uri"] = f"{URI}@{DIGEST}"  # type: ignore[index]
    images = [{"imageTag": "latest", "imageDigest": latest}, {"imageTag": "b", "imageDigest": DIGEST}]
    for _ in range(2):
        answers.add("ecr", "list_images", {"imageIds": images})
        answers.add("ssm", "get_parameter", {"Parameter": {"Value": f"{URI}@{DIGEST}"}})


MORE = {"UploadQueueUrl": "https://sqs/1/q", "StartBuildFunction": "f", "SourceBucketName": "bucket"}
HOLDS: list[tuple[str, Given]] = [
    ("lambda-boto3", logged),
    ("embedded-metrics", lambda it: data(it, (1.0,))),
    ("service-metrics", lambda it: data(it, (0.0,), (0.0,))),
    ("fifo-rule-targets", lambda it: recorded(it, 0)),
    ("parameter-change-event", lambda it: known(it, rollback=Rollback(2.0, DIGEST, ()))),
    ("version-tag-permissions", lambda it: tags(it, **{"build-status": "accepted"})),
    ("second-tag", lambda it: tagged(it, DIGEST)),
    ("dashboard-switch", lambda _: None),
]
BROKEN: list[tuple[str, Given]] = [
    ("lambda-boto3", lambda it: logged(it, "AttributeError: 'ECR' object has no attribute 'list_images'")),
    ("embedded-metrics", lambda it: data(it, ())),
    ("service-metrics", lambda it: data(it, (0.0,), ())),
    ("fifo-rule-targets", lambda it: recorded(it, 2)),
    ("parameter-change-event", lambda it: known(it, rollback=None)),
    ("version-tag-permissions", tags),
    ("second-tag", lambda it: tagged(it, "sha256:" + "2" * 64)),
    ("dashboard-switch", lambda it: known(it, with_dashboard=replace(it.evidence.pipeline, outputs={}))),
    ("deployer-policy", lambda it: known(it, pipeline=replace(it.evidence.pipeline, outputs={}))),
    ("describe-stacks-by-name", lambda it: it.refuse("cloudformation", "describe_stacks", "AccessDenied")),
    ("image-status-filter", lambda it: it.add("ecr", "list_images", {"imageIds": [{"imageTag": "another"}]})),
]
ELSEWHERE = {
    "eventbridge-dead-letters",
    "start-build-denies",
    "missing-version-404",
    "refusal-words",
    "docker-hub-mirror",
    "variable-length",
    "start-build-without-pass-role",
    "batch-get-builds-speed",
}
"""Tests of their own break these."""


@pytest.mark.parametrize(("assumption", "given"), HOLDS, ids=[name for name, _ in HOLDS])
def test_it_holds_on_the_expected_answer(answers: Answers, assumption: str, given: Given) -> None:
    given(answers)

    assert LOOKS[assumption](answers.evidence).endswith(".")


@pytest.mark.parametrize(("assumption", "given"), BROKEN, ids=[name for name, _ in BROKEN])
def test_another_answer_is_found(answers: Answers, assumption: str, given: Given) -> None:
    given(answers)

    with pytest.raises(DidNotHold):
        LOOKS[assumption](answers.evidence)


def test_an_image_that_is_listed_says_nothing_about_archived_ones(answers: Answers) -> None:
    answers.add("ecr", "list_images", {"imageIds": [{"imageTag": "a"}]})

    with pytest.raises(NotTried):
        LOOKS["image-status-filter"](answers.evidence)


def test_a_slow_answer_about_many_builds_is_found(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    answers.add("codebuild", "list_builds_for_project", {"ids": [f"b:{number}" for number in range(25)]})
    answers.add("codebuild", "batch_get_builds", {"builds": []})
    times = iter([0.0, 3.0])
    monkeypatch.setattr(all_builds, "time", SimpleNamespace(monotonic=lambda: next(times)))

    with pytest.raises(DidNotHold, match=r"25 builds came in 3\.0 s"):
        LOOKS["batch-get-builds-speed"](answers.evidence)


def test_each_check_has_a_test_in_which_its_assumption_is_broken() -> None:
    services = {name for name, _ in (*BROKEN, *test_checks_of_services.BROKEN)}
    stories = {name for name, _ in (*test_checks.BROKEN, *test_checks_of_ecs.BROKEN, *test_checks_of_following.BROKEN)}

    checked = {check.assumption for check in CHECKS} - UNTRIED.keys()
    assert checked == services | stories | ELSEWHERE
