"""Which permission a role lacks, by what AWS and its tools print."""

import pytest

from ship.doctor.permissions import GIVE_BACK, MissingPermission, missing_permission

ROLE = "source-to-ecr-RecordImageRole-W8JFQ2NVXT4B"
USER = f"arn:aws:sts::123456789012:assumed-role/{ROLE}/source-to-ecr-RecordImage-Zr5LkD0sHm7Y"


ERROR = "An error occurred ({}) when calling the {} operation: "
CODEBUILD = (
    f"Service role arn:aws:iam::123456789012:role/{ROLE} does not allow AWS CodeBuild to create Amazon "
    "CloudWatch Logs log streams for build x. Error message: "
)


@pytest.mark.parametrize(
    ("before", "spelled", "on", "action"),
    [
        (ERROR.format("AccessDeniedException", "PutParameter"), "ssm:PutParameter", " resource: arn:aws:ssm:::p", ""),
        (ERROR.format("AuthorizationError", "Publish"), "SNS:Publish", " resource: arn:aws:sns:::t", "sns:Publish"),
        (
            ERROR.format("AccessDenied", "GetObject"),
            "s3:GetObjectVersion",
            ' resource: "arn:aws:s3:::b/my key.zip"',
            "",
        ),
        ("push-failed: The push failed. denied: ", "ecr:InitiateLayerUpload", " resource: arn:aws:ecr:::r", ""),
        (CODEBUILD, "logs:CreateLogStream", " resource: arn:aws:logs:::log-group:g:log-stream:s", ""),
        (ERROR.format("AccessDenied", "GetObject"), "kms:Decrypt", " this resource", ""),
        ("", "codebuild:StartBuild", "", ""),
    ],
)
def test_the_action_and_the_role_are_named(before: str, spelled: str, on: str, action: str) -> None:
    resource = f" on{on}" if on else ""
    found = missing_permission(
        f"{before}User: {USER} is not authorized to perform: {spelled}{resource} "
        f"because no identity-based policy allows the {spelled} action"
    )

    assert found
    assert (found.action, found.role) == (action or spelled, ROLE)
    assert str(found) == f"the permission {found.action}"


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "403"])
def test_where_aws_names_no_action_the_operation_is_named(code: str) -> None:
    found = missing_permission(
        f"fatal error: An error occurred ({code}) when calling the HeadObject operation: Forbidden"
    )

    assert found == MissingPermission("HeadObject")
    assert str(found) == "the permission to call HeadObject"


def test_what_a_key_says_is_not_what_aws_says() -> None:
    key = "User: arn:aws:sts::1:assumed-role/x/y is not authorized to perform: iam:PassRole.zip"

    found = missing_permission(
        "An error occurred (AccessDenied) when calling the GetObject operation: "
        f'User: {USER} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/{key}" because no x'
    )

    assert found
    assert (found.action, found.role) == ("s3:GetObject", ROLE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "An error occurred (ThrottlingException) when calling the PutParameter operation: Rate exceeded",
        "An error occurred (NoSuchVersion) when calling the GetObject operation: not authorized to perform.zip",
        "build-failed: Dockerfile:3 RUN deploy ended with exit code 1. not authorized to perform: deploy:Everything",
    ],
)
def test_anything_else_is_no_missing_permission(text: str) -> None:
    assert missing_permission(text) is None


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("because no identity-based policy allows the a:B action", GIVE_BACK),
        ("", GIVE_BACK),
        ("with an explicit deny in an identity-based policy", "A policy of the role denies it"),
        ("with an explicit deny in a service control policy", "the organization's administrators"),
        ("because no service control policy allows the a:B action", "the organization's administrators"),
        ("with an explicit deny in a resource control policy", "the organization's administrators"),
        ("with an explicit deny in a resource-based policy", "The resource's own policy denies it"),
        ("because no permissions boundary allows the a:B action", "permissions boundary"),
        ("because no VPC endpoint policy allows the a:B action", "VPC endpoint"),
    ],
)
def test_the_kind_of_policy_says_what_to_do(reason: str, remedy: str) -> None:
    found = missing_permission(f"User: {USER} is not authorized to perform: a:B on resource: arn:aws:a:::b {reason}")

    assert found
    assert found.reason == reason
    assert remedy in found.remedy
