"""ECR: tags that keep still, and the answers that AWS gives."""

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from local.pipeline import Pipeline
from tests.local.support.resources import deploy

if TYPE_CHECKING:
    from mypy_boto3_ecr.literals import TagStatusType
    from mypy_boto3_ecr.type_defs import ImageIdentifierTypeDef
from tests.local.support.images import digest_of, manifest, push, put, tags

EXCLUDED = ("latest", "candidate", "cache-*")
TAG = "build-20261120T101530Z-6B001DC29329D189-225d2c00"


@pytest.fixture
def repository(cloud: Pipeline, unique: str) -> str:
    """A repository whose tags keep still, but for some."""
    kind, value = "ImageTagMutabilityExclusionFilterType", "ImageTagMutabilityExclusionFilterValue"
    properties = {
        "RepositoryName": unique,
        "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "ImageTagMutabilityExclusionFilters": [{kind: "WILDCARD", value: each} for each in EXCLUDED],
    }
    resource = {"Type": "AWS::ECR::Repository", "Properties": properties}
    uri = {"Value": {"Fn::GetAtt": ["Repository", "RepositoryUri"]}}
    deploy(cloud, unique, {"Resources": {"Repository": resource}, "Outputs": {"Uri": uri}})
    return unique


# Tags


@pytest.mark.parametrize("tag", ["latest", "candidate", "cache-1"])
def test_an_excluded_tag_moves(cloud: Pipeline, repository: str, tag: str) -> None:
    put(cloud, repository, manifest("first"), tag)
    second = put(cloud, repository, manifest("second"), tag)

    assert tags(cloud, repository) == {tag: second}


@pytest.mark.parametrize("tag", [TAG, "latest-1", "Latest", "my-cache-1", "v1"])
def test_a_build_tag_and_one_that_is_only_like_an_excluded_one_keep_still(
    cloud: Pipeline, repository: str, tag: str
) -> None:
    first = put(cloud, repository, manifest("first"), tag)

    with pytest.raises(cloud.ecr.exceptions.ImageTagAlreadyExistsException):
        put(cloud, repository, manifest("second"), tag)
    assert tags(cloud, repository) == {tag: first}


@pytest.mark.parametrize("tag", [TAG, "latest"])
def test_a_tag_that_the_image_has_already_is_refused(cloud: Pipeline, repository: str, tag: str) -> None:
    put(cloud, repository, manifest("first"), tag)

    with pytest.raises(cloud.ecr.exceptions.ImageAlreadyExistsException):
        put(cloud, repository, manifest("first"), tag)


def test_a_pushed_build_tag_keeps_still_and_an_excluded_one_moves(cloud: Pipeline, repository: str) -> None:
    assert [push(cloud, repository, manifest(name), TAG) for name in ("first", "second")] == ["", "400 TAG_INVALID"]
    assert [push(cloud, repository, manifest(name), "candidate") for name in ("first", "second")] == ["", ""]
    digest = put(cloud, repository, manifest("second"), "latest")
    assert digest == digest_of(manifest("second"))
    assert tags(cloud, repository) == {TAG: digest_of(manifest("first")), "candidate": digest, "latest": digest}


# Digests


def test_only_the_manifests_own_digest_is_taken(cloud: Pipeline, repository: str) -> None:
    with pytest.raises(cloud.ecr.exceptions.ImageDigestDoesNotMatchException):
        put(cloud, repository, manifest("first"), TAG, imageDigest=digest_of(manifest("second")))
    assert tags(cloud, repository) == {}
    digest = digest_of(manifest("first"))
    assert put(cloud, repository, manifest("first"), TAG, imageDigest=digest) == digest


# BatchGetImage


def test_an_image_is_named_as_it_was_asked_for(cloud: Pipeline, repository: str) -> None:
    for tag in (TAG, "latest"):
        put(cloud, repository, manifest("first"), tag)
    digest = digest_of(manifest("first"))
    wanted: list[ImageIdentifierTypeDef] = [{"imageTag": TAG}, {"imageTag": "latest"}, {"imageDigest": digest}]
    answer = cloud.ecr.batch_get_image(repositoryName=repository, imageIds=wanted)

    assert [image["imageId"] for image in answer["images"]] == [{"imageDigest": digest, **each} for each in wanted]
    assert [image["imageManifest"] for image in answer["images"]] == [manifest("first")] * 3
    assert answer["failures"] == []


def test_an_image_that_is_missing_is_a_failure_beside_those_that_are_there(cloud: Pipeline, repository: str) -> None:
    put(cloud, repository, manifest("first"), TAG)
    answer = cloud.ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": "missing"}, {"imageTag": TAG}])

    assert [image["imageId"].get("imageTag") for image in answer["images"]] == [TAG]
    assert [(each["imageId"], each["failureCode"]) for each in answer["failures"]] == [
        ({"imageTag": "missing"}, "ImageNotFound")
    ]


# DescribeImages


def test_describing_a_tag_that_is_missing_is_an_error(cloud: Pipeline, repository: str) -> None:
    put(cloud, repository, manifest("first"), TAG)

    with pytest.raises(cloud.ecr.exceptions.ImageNotFoundException):
        cloud.ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": TAG}, {"imageTag": "missing"}])


def test_an_image_is_found_by_tag_and_by_digest_with_the_size_of_its_layers(cloud: Pipeline, repository: str) -> None:
    digest = put(cloud, repository, manifest("first", 1_000_000, 234_567), TAG)
    put(cloud, repository, manifest("second"), "v1")
    wanted: list[ImageIdentifierTypeDef] = [{"imageTag": TAG}, {"imageDigest": digest}]
    for each in wanted:
        (image,) = cloud.ecr.describe_images(repositoryName=repository, imageIds=[each])["imageDetails"]

        assert (image["imageDigest"], image["imageTags"]) == (digest, [TAG])
        assert image["imageSizeInBytes"] == 1_234_567


@pytest.mark.parametrize(("status", "found"), [("TAGGED", ["new"]), ("UNTAGGED", ["old"]), ("ANY", ["old", "new"])])
def test_images_are_filtered_by_having_a_tag(
    cloud: Pipeline, repository: str, status: "TagStatusType", found: list[str]
) -> None:
    for name in ("old", "new"):
        put(cloud, repository, manifest(name), "candidate")
    images = cloud.ecr.describe_images(repositoryName=repository, filter={"tagStatus": status})["imageDetails"]

    assert [image["imageDigest"] for image in images] == [digest_of(manifest(name)) for name in found]


def test_images_come_in_pages(cloud: Pipeline, repository: str) -> None:
    digests = [put(cloud, repository, manifest(str(number)), f"v{number}") for number in range(5)]
    pages = cloud.ecr.get_paginator("describe_images").paginate(
        repositoryName=repository, PaginationConfig={"PageSize": 2}
    )
    found = [[image["imageDigest"] for image in page["imageDetails"]] for page in pages]

    assert [len(page) for page in found] == [2, 2, 1]
    assert sorted(itertools.chain.from_iterable(found)) == sorted(digests)


def test_a_page_of_images_counts_what_a_filter_leaves(cloud: Pipeline, repository: str) -> None:
    for number in range(3):
        put(cloud, repository, manifest(f"untagged {number}"), "candidate")
    put(cloud, repository, manifest("other"), "v1")
    page = cloud.ecr.describe_images(repositoryName=repository, filter={"tagStatus": "TAGGED"}, maxResults=2)

    assert len(page["imageDetails"]) == 2
    assert "nextToken" not in page


# ListImages


def test_each_tag_of_an_image_is_listed_by_itself(cloud: Pipeline, repository: str) -> None:
    digest = put(cloud, repository, manifest("first"), TAG)
    put(cloud, repository, manifest("first"), "latest")
    put(cloud, repository, manifest("second"), "latest")
    put(cloud, repository, manifest("third"), "latest")
    listed = cloud.ecr.list_images(repositoryName=repository, filter={"tagStatus": "TAGGED", "imageStatus": "ACTIVE"})

    assert listed["imageIds"] == [
        {"imageDigest": digest, "imageTag": TAG},
        {"imageDigest": digest_of(manifest("third")), "imageTag": "latest"},
    ]
    untagged = cloud.ecr.list_images(repositoryName=repository, filter={"tagStatus": "UNTAGGED"})["imageIds"]
    assert untagged == [{"imageDigest": digest_of(manifest("second"))}]


def test_tags_come_in_pages(cloud: Pipeline, repository: str) -> None:
    for number in range(5):
        put(cloud, repository, manifest(str(number)), f"v{number}")
    pages = cloud.ecr.get_paginator("list_images").paginate(repositoryName=repository, PaginationConfig={"PageSize": 2})

    found = [[image["imageTag"] for image in page["imageIds"]] for page in pages]
    assert found == [["v0", "v1"], ["v2", "v3"], ["v4"]]


# The repository


@pytest.mark.parametrize(
    ("operation", "request_of_it"),
    [
        ("put_image", {"imageManifest": manifest("first"), "imageTag": TAG}),
        ("batch_get_image", {"imageIds": [{"imageTag": TAG}]}),
        ("describe_images", {"imageIds": [{"imageTag": TAG}]}),
        ("describe_images", {}),
        ("list_images", {}),
    ],
)
def test_a_repository_that_is_missing_is_not_found(
    cloud: Pipeline, operation: str, request_of_it: dict[str, Any]
) -> None:
    with pytest.raises(cloud.ecr.exceptions.RepositoryNotFoundException):
        getattr(cloud.ecr, operation)(repositoryName="missing", **request_of_it)


def test_the_repositorys_uri_is_where_one_can_push(cloud: Pipeline, repository: str) -> None:
    (stack,) = cloud.client("cloudformation").describe_stacks(StackName=repository)["Stacks"]
    (output,) = stack["Outputs"]

    assert cloud.endpoint is not None
    assert output["OutputValue"] == f"{cloud.endpoint.removeprefix('http://')}/{repository}"
