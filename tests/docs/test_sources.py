"""A sentence that says what AWS does names its source: a page, a report or an assumption.

The rule is simple. It finds no claim in the passive, in the past, or about things such as "a new account".
"""

from pathlib import Path

import pytest

from tests.docs.support.claims import SHOWN_ELSEWHERE, claims
from tests.docs.support.documents import DOCUMENTS, ROOT

OTHERS = {ROOT / "CHANGELOG.md", ROOT / "docs" / "assumptions.md"}
"""The history, and the list itself, whose entries have a source each."""


@pytest.mark.parametrize("page", [path for path in DOCUMENTS if path not in OTHERS], ids=lambda path: path.name)
def test_a_sentence_that_says_what_aws_does_names_its_source(page: Path) -> None:
    assert [f"{each.words}: {each.sentence}" for each in claims(page.read_text()) if not each.has_source] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Then ECR deletes the image.", ["ECR deletes"]),
        ("**So** [ECS](https://a) still runs `it`.", ["ECS still runs"]),
        ("- *Rejected*: a topic (SNS can't filter it), a table.", ["SNS can't"]),
        ("| why |\n|---|\n| a new account: CodeBuild's queue\nmay be short |", ["CodeBuild's queue may"]),
        ("Nothing comes. Lambda's own retries end, which SQS doesn't know.", ["SQS doesn't"]),
        ("CloudWatch alarms can't set them.", ["CloudWatch alarms can't"]),
        ("If it fails, S3 keeps it.", ["S3 keeps"]),
        ("If S3 keeps it, and an image that ECS runs is there, we stop when AWS fails.", []),
        ("The time in CodeBuild's queue isn't counted. The AWS CLI reads a file.", []),
        ("See [what ECS does](ecs.md) for ECS services and S3 events: [ECS](ecs.md#a) says it.", []),
        ("# ECS deletes it\n\n```sh\nECS deletes it\n```\n\n`S3 keeps it`", []),
    ],
)
def test_a_claim_has_a_service_as_its_subject_and_a_verb_in_the_present(text: str, words: list[str]) -> None:
    assert [each.words for each in claims(text)] == words


@pytest.mark.parametrize(
    "text",
    ["ECS [runs it](https://docs.aws.amazon.com/a).", "ECS runs [it](../assumptions.md#an-id).", "ECS runs it[^2]."],
)
def test_a_claim_with_a_link_or_a_footnote_has_a_source(text: str) -> None:
    assert [each.has_source for each in claims(f"{text} S3 keeps it.")] == [True, False]


@pytest.mark.parametrize("page", ["local-cloud.md", "operating/operations.md", "reference/parameters.md"])
def test_the_tables_that_the_rule_leaves_out_exist(page: str) -> None:
    assert SHOWN_ELSEWHERE.search((ROOT / "docs" / page).read_text())
