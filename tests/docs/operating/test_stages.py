"""The rights of those who promote."""

import json

from tests.docs.support.documents import ROOT, blocks, section
from tests.support.stack import listed

POLICIES = [
    json.loads(block) for block in blocks(section(ROOT / "docs" / "operating" / "stages.md", "Who may promote"), "json")
]
PULLING = {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
PUSHING = {
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
}


def test_each_right_but_a_login_is_for_the_one_repository_or_its_parameter() -> None:
    resources = [
        (action, each["Resource"].rpartition(":")[2])
        for policy in POLICIES
        for each in policy["Statement"]
        for action in listed(each["Action"])
    ]

    assert {resource for action, resource in resources if action.startswith("ecr:") and "Token" not in action} == {
        "repository/jwt-pizza-service"
    }
    assert {action for action, resource in resources if resource == "*"} == {"ecr:GetAuthorizationToken"}


def test_prod_gives_the_right_to_push_and_staging_the_right_to_pull_to_one_repository() -> None:
    prod, staging = (
        {action for each in policy["Statement"] for action in listed(each["Action"])} for policy in POLICIES
    )

    assert prod >= PUSHING
    assert staging >= PULLING
    assert not staging & PUSHING
