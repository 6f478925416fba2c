"""What keeps the sources and the images, and for how long."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.support.stack import Stack


def lifecycle(stack: Stack, **parameters: str) -> list[Any]:
    policy = stack.named(**parameters).properties("Repository")["LifecyclePolicy"]["LifecyclePolicyText"]
    rules: list[Any] = json.loads(policy)["rules"]
    return rules


@pytest.mark.parametrize("name", ["SourceBucket", "Repository"])
def test_what_holds_data_outlives_the_stack_but_not_a_failed_first_deployment(stack: Stack, name: str) -> None:
    assert stack.document["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert stack.document["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_named_resources_use_references(stack: Stack) -> None:
    named = {
        (name, key): value
        for name, each in stack.document["Resources"].items()
        for key, value in each.get("Properties", {}).items()
        if key.endswith("Name") and key not in {"MetricName", "PolicyName"}
    }

    assert named == {
        ("Builder", "LayerName"): {"Fn::Sub": "${AWS::StackName}-builder"},  # SAM would name it Builder in each stack
        ("ImageBuild", "Name"): {"Ref": "ServiceName"},
        ("Repository", "RepositoryName"): {"Ref": "ServiceName"},  # `sam delete` empties what has a literal name
        ("ServiceDashboard", "DashboardName"): {"Fn::Sub": "${ServiceName}-${AWS::Region}"},
    }


def test_the_parameter_is_no_resource(stack: Stack) -> None:
    assert not stack.resources("AWS::SSM::Parameter")  # a stack update could put an old value back


# Sources


def test_sources_are_versioned_encrypted_and_private(stack: Stack) -> None:
    bucket = stack.properties("SourceBucket")

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"] == [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    ]
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_sources_come_over_tls_only(symbols: Stack) -> None:
    policy = symbols.properties("SourceBucketPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert policy["Bucket"] == "SourceBucket"
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert statement["Action"] == "s3:*"
    assert statement["Resource"] == ["SourceBucket.Arn", "SourceBucket.Arn/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_bucket_notifies_eventbridge_and_nobody_else(stack: Stack) -> None:
    assert stack.properties("SourceBucket")["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }


def test_sources_expire_after_half_a_year(stack: Stack) -> None:
    (rule,) = stack.properties("SourceBucket")["LifecycleConfiguration"]["Rules"]

    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"] == 180
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert "AbortIncompleteMultipartUpload" in rule
    assert not {"Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"} & rule.keys()


# Images


def test_images_are_scanned_and_their_tags_immutable_except_two(stack: Stack) -> None:
    repository = stack.properties("Repository")

    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert "EmptyOnDelete" not in repository  # or deleting the stack would empty it
    assert repository["ImageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert repository["ImageTagMutabilityExclusionFilters"] == [
        {"ImageTagMutabilityExclusionFilterType": "WILDCARD", "ImageTagMutabilityExclusionFilterValue": tag}
        for tag in ("latest", "buildcache")
    ]


def test_the_lifecycle_has_four_rules_in_order(stack: Stack) -> None:
    rules = lifecycle(stack)

    assert len(stack.properties("Repository")["LifecyclePolicy"]["LifecyclePolicyText"]) <= 30_720  # ECR's limit
    assert [rule["rulePriority"] for rule in rules] == [1, 2, 3, 4]
    assert [rule["selection"].get("tagPatternList") for rule in rules] == [["latest"], ["keep-*"], ["settled-*"], None]
    for rule in rules:
        assert rule.keys() == {"rulePriority", "description", "selection", "action"}
        assert rule["action"] == {"type": "expire"}


def test_rules_that_never_fire_protect_latest_and_pins(stack: Stack) -> None:
    latest, pins, *_ = (rule["selection"] for rule in lifecycle(stack))

    for protecting in (latest, pins):
        assert protecting["tagStatus"] == "tagged"
        assert protecting["countType"] == "imageCountMoreThan"
    assert latest["countNumber"] == 1  # a tag names one image
    assert pins["countNumber"] == 10_000


@pytest.mark.parametrize("number", [3, 10, 1000])
def test_of_the_settled_images_the_newest_stay(stack: Stack, number: int) -> None:
    assert lifecycle(stack, KeepImages=str(number))[2]["selection"] == {
        "tagStatus": "tagged",
        "tagPatternList": ["settled-*"],
        "countType": "imageCountMoreThan",
        "countNumber": number,
    }


def kept(rules: list[Any], images: list[set[str]]) -> list[set[str]]:
    """The tagged images that the rules keep, of images from the newest to the oldest.

    A rule counts every image with its tag, and can't expire one that an earlier rule selects:
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    """
    spared: list[set[str]] = []
    expired: list[set[str]] = []
    for selection in (rule["selection"] for rule in rules if rule["selection"]["tagStatus"] == "tagged"):
        (pattern,) = selection["tagPatternList"]
        selected = [tags for tags in images if any(fnmatchcase(tag, pattern) for tag in tags)]
        expired += [tags for tags in selected[selection["countNumber"] :] if tags not in spared]
        spared += selected
    return [tags for tags in images if tags not in expired]


@pytest.mark.parametrize("recorded", [0, 4], ids=["the newest", "after a rollback"])
def test_the_recorded_image_is_kept_with_the_newest(stack: Stack, recorded: int) -> None:
    images = [{f"settled-{number}"} for number in range(5)]
    images[recorded].add("latest")

    assert kept(lifecycle(stack, KeepImages="3"), images) == [
        tags for number, tags in enumerate(images) if number < 3 or number == recorded
    ]


@pytest.mark.parametrize(("uploads", "is_kept"), [(1, True), (2, True), (3, False)])
def test_what_ecs_runs_is_kept_while_fewer_images_than_keep_images_are_newer(
    stack: Stack, uploads: int, is_kept: bool
) -> None:
    runs = {"settled-deployed"}
    newer = [{f"settled-{number}"} for number in range(uploads)]
    newer[0].add("latest")

    assert (runs in kept(lifecycle(stack, KeepImages="3"), [*newer, runs])) is is_kept


@pytest.mark.parametrize(
    "tag",
    ["build-20261120T101530Z-6B001DC29329D189-225d2c00", "build-123", "v1.2.3", "prod", "buildcache"],
)
def test_a_tagged_image_that_is_not_settled_stays(stack: Stack, tag: str) -> None:
    patterns = [pattern for rule in lifecycle(stack) for pattern in rule["selection"].get("tagPatternList", [])]

    assert not any(fnmatchcase(tag, pattern) for pattern in patterns)


@pytest.mark.parametrize("days", [1, 7])
def test_untagged_images_expire(stack: Stack, days: int) -> None:
    assert lifecycle(stack, UntaggedDays=str(days))[3]["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": days,
    }
