"""How `make uninstall` deletes stacks and data."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from local.progress import UserError
from ship.aws.access import Access
from tests.docs.support.installed import BUCKET, ID, PARAMETER, PIPELINE, THINGS
from tools.uninstall import stacks
from tools.uninstall.__main__ import delete
from tools.uninstall.plan import Plan, Thing
from tools.uninstall.stacks import delete_stack
from tools.uninstall.things import delete_thing


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Access, Stubber]]:
    """AWS with a CloudFormation whose answers a test gives, in order."""
    monkeypatch.setattr(stacks, "POLL_SECONDS", 0.0)
    access = Access()
    with Stubber(access.cloudformation) as stubber:
        yield access, stubber
        stubber.assert_no_pending_responses()


def answer(stubber: Stubber, *statuses: str, reason: str = "") -> None:
    """The next answers about the stack."""
    for status in statuses:
        stack = {"StackName": "source-to-ecr", "StackStatus": status, "CreationTime": "2026-11-30"}
        stubber.add_response("describe_stacks", {"Stacks": [stack | {"StackStatusReason": reason}]}, {"StackName": ID})


def event(kind: str, status: str, name: str, reason: str = "") -> dict[str, Any]:
    """One of the stack's events."""
    what = {"StackId": ID, "EventId": "1", "StackName": "source-to-ecr", "Timestamp": "2026-11-30"}
    return what | {
        "ResourceType": kind,
        "ResourceStatus": status,
        "LogicalResourceId": name,
        "ResourceStatusReason": reason,
    }


def test_a_deletion_is_followed_until_the_stack_is_gone(cloudformation: tuple[Access, Stubber]) -> None:
    access, stubber = cloudformation
    stubber.add_response("delete_stack", {}, {"StackName": ID})
    answer(stubber, "UPDATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_COMPLETE")

    delete_stack(access, PIPELINE)


def test_a_deletion_that_has_begun_is_only_followed(cloudformation: tuple[Access, Stubber]) -> None:
    access, stubber = cloudformation
    answer(stubber, "DELETE_IN_PROGRESS", "DELETE_COMPLETE")

    delete_stack(access, replace(PIPELINE, status="DELETE_IN_PROGRESS"))


def test_a_failed_deletion_names_what_couldn_t_be_deleted_and_why(cloudformation: tuple[Access, Stubber]) -> None:
    access, stubber = cloudformation
    stubber.add_response("delete_stack", {}, {"StackName": ID})
    answer(stubber, "DELETE_IN_PROGRESS", "DELETE_FAILED")
    events = [
        event("AWS::CloudFormation::Stack", "DELETE_FAILED", "source-to-ecr"),
        event(
            "AWS::IAM::ManagedPolicy", "DELETE_FAILED", "UploaderPolicy", "Cannot delete a policy attached to entities."
        ),
        event("AWS::SNS::Topic", "DELETE_COMPLETE", "NewsTopic"),
        event("AWS::CloudFormation::Stack", "DELETE_IN_PROGRESS", "source-to-ecr"),
        event("AWS::SNS::Topic", "DELETE_FAILED", "NewsTopic", "The reason of an earlier attempt."),
    ]
    stubber.add_response("describe_stack_events", {"StackEvents": events}, {"StackName": ID})

    with pytest.raises(UserError) as failed:
        delete_stack(access, PIPELINE)

    assert str(failed.value) == (
        "CloudFormation didn't delete source-to-ecr (DELETE_FAILED):\n"
        "  UploaderPolicy: Cannot delete a policy attached to entities."
    )


def test_a_deletion_that_cloudformation_cancels_ends_with_its_words(
    cloudformation: tuple[Access, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    access, stubber = cloudformation
    monkeypatch.setattr(stacks, "BEGINNING_SECONDS", 0.0)
    stubber.add_response("delete_stack", {}, {"StackName": ID})
    answer(stubber, "DELETE_IN_PROGRESS")
    answer(stubber, "UPDATE_COMPLETE", reason="Delete canceled. Cannot delete export x as it is in use by y.")
    stubber.add_response("describe_stack_events", {"StackEvents": []}, {"StackName": ID})

    with pytest.raises(UserError, match="Delete canceled"):
        delete_stack(access, PIPELINE)


def test_while_somebody_has_made_the_stack_again_its_data_is_kept(cloudformation: tuple[Access, Stubber]) -> None:
    access, stubber = cloudformation
    missing = "Stack with id source-to-ecr does not exist"
    stubber.add_client_error(
        "describe_stacks", "ValidationError", missing, expected_params={"StackName": PIPELINE.name}
    )
    again = {"StackName": PIPELINE.name, "StackStatus": "CREATE_IN_PROGRESS", "CreationTime": "2026-11-30"}
    stubber.add_response("describe_stacks", {"Stacks": [again]}, {"StackName": PIPELINE.name})
    with Stubber(access.ssm) as ssm:  # and none for the bucket
        ssm.add_response("delete_parameter", {}, {"Name": PARAMETER.name})

        with pytest.raises(UserError, match="somebody has deployed source-to-ecr again"):
            delete(access, PIPELINE.name, Plan(data=(PARAMETER, BUCKET)))

        ssm.assert_no_pending_responses()


@pytest.mark.parametrize("thing", THINGS, ids=lambda each: each.kind)
def test_what_is_gone_already_counts_as_deleted(thing: Thing) -> None:
    with mock_aws():
        delete_thing(Access(), thing)


def test_a_version_that_s3_refuses_to_delete_ends_it_and_the_bucket_stays() -> None:
    access = Access()
    with Stubber(access.s3) as stubber:
        versions = [{"Key": "a.zip", "VersionId": "v1"}]
        stubber.add_response("list_object_versions", {"Versions": versions}, {"Bucket": "a-bucket"})
        stubber.add_response(
            "delete_objects",
            {"Errors": [{"Key": "a.zip", "VersionId": "v1", "Code": "AccessDenied", "Message": "not today"}]},
            {"Bucket": "a-bucket", "Delete": {"Objects": versions, "Quiet": True}},
        )

        with pytest.raises(UserError, match=r"'a\.zip' from a-bucket: not today"):
            delete_thing(access, BUCKET)
        stubber.assert_no_pending_responses()


def test_emptying_a_bucket_ends_with_its_deletion() -> None:
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="a-bucket")
        s3.put_bucket_versioning(Bucket="a-bucket", VersioningConfiguration={"Status": "Enabled"})
        for _ in range(2):
            s3.put_object(Bucket="a-bucket", Key="a.zip", Body=b"1")
        s3.delete_object(Bucket="a-bucket", Key="a.zip")

        delete_thing(Access(), BUCKET)

        assert s3.list_buckets()["Buckets"] == []
