"""Who may do what: each role's rights, compared whole."""

import json

import pytest

from tests.support.stack import Stack, allowed, listed, statements

ROLES = ["StartBuildRole", "ImageBuildRole", "RecordImageRole"]
OPTIONAL = {"BaseImagesPolicy": "HasBaseRepositories", "BuildSecretPolicy": "HasBuildSecret"}
"""What the build's role gets beside, each by a condition."""
STARTS_BUILDS = "StartBuildsPolicy"
TOKENS = {"ecr:GetAuthorizationToken", "ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"}
WATCHING = {
    "servicequotas:ListServiceQuotas",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTasks",
}
"""These and the tokens are allowed on all resources: AWS documents no narrower one for what is asked."""
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
RECEIVING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
BUCKET, OBJECTS = "SourceBucket.Arn", "SourceBucket.Arn/*"
LISTING = {"s3:ListBucket", "s3:ListBucketVersions"}
TAGGING = {"s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"}
BUS = "arn:aws:events:us-east-1:123456789012:event-bus/default"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/jwt-pizza-service/image-uri"
DEPLOYMENT = "arn:aws:ssm:us-east-1:123456789012:parameter/jwt-pizza-service/deployment"
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/AWS::StackName/*"
ECS_SERVICE = "arn:aws:ecs:us-east-1:123456789012:service/jwt-pizza-service/jwt-pizza-service"
ECS_STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/jwt-pizza-service"
ECS_TASKS = "arn:aws:ecs:us-east-1:123456789012:task/jwt-pizza-service/*"
ECS_LOGS = "arn:aws:logs:us-east-1:123456789012:log-group:jwt-pizza-service-ecs-Logs-*:log-stream:*"
ECS_DEAD_LETTERS = "arn:aws:sqs:us-east-1:123456789012:jwt-pizza-service-auto-deploy-DeadLetters-*"
ECS_REVISIONS = "arn:aws:ecs:us-east-1:123456789012:service-revision/jwt-pizza-service/jwt-pizza-service/*"
DEPLOYMENTS = {"ecs:ListServiceDeployments", "ecs:DescribeServiceRevisions"}
QUEUES = ["UploadQueue", "UploadDeadLetters", "TriggerDeadLetters"]
PEOPLE = ["UploaderPolicy", "FollowerPolicy", "RollbackPolicy"]


def holders(stack: Stack, action: str) -> set[str]:
    """The roles and policies that allow an action, or one that begins with it."""
    return {
        name
        for name in [*ROLES, *OPTIONAL, STARTS_BUILDS, *PEOPLE]
        for actions in allowed(stack, name).values()
        if any(each.startswith(action) for each in actions)
    }


def test_the_stack_has_exactly_these_roles(symbols: Stack) -> None:
    assert set(symbols.resources("AWS::IAM::Role")) == set(ROLES)
    assert set(symbols.resources("AWS::IAM::ManagedPolicy")) == set(PEOPLE)
    assert set(symbols.resources("AWS::IAM::Policy")) == {*OPTIONAL, STARTS_BUILDS}
    for role in ROLES:
        assert "ManagedPolicyArns" not in symbols.properties(role)


ALLOWED: dict[str, dict[str, set[str]]] = {
    "StartBuildRole": {
        "StartBuildLogs.Arn": LOGGING,
        "UploadQueue.Arn": RECEIVING,
        BUCKET: LISTING,
        OBJECTS: {"s3:GetObjectVersion", *TAGGING},
        "Repository.Arn": {"ecr:BatchGetImage", "ecr:ListImages"},
        "NewsTopic": {"sns:Publish"},
        BUS: {"events:PutEvents"},
    },
    "RecordImageRole": {
        "RecordImageLogs.Arn": LOGGING,
        "TriggerQueue.Arn": RECEIVING,
        "Repository.Arn": {"ecr:ListImages", "ecr:BatchGetImage", "ecr:PutImage"},
        PARAMETER: {"ssm:GetParameterHistory", "ssm:PutParameter"},
        DEPLOYMENT: {"ssm:GetParameterHistory"},
        "ImageBuild.Arn": {"codebuild:BatchGetBuilds", "codebuild:ListBuildsForProject"},
        "ImageBuildLogs.Arn": {"logs:GetLogEvents"},
        BUCKET: LISTING,
        OBJECTS: TAGGING,
        "NewsTopic": {"sns:Publish"},
        BUS: {"events:PutEvents"},
    },
    "ImageBuildRole": {
        "ImageBuildLogs.Arn": LOGGING,
        "Builder": {"lambda:GetLayerVersion"},  # the ARN of one version
        BUCKET: LISTING,
        OBJECTS: {"s3:GetObjectVersion"},
        "*": TOKENS,
        "Repository.Arn": {
            "ecr:BatchCheckLayerAvailability",
            "ecr:InitiateLayerUpload",
            "ecr:UploadLayerPart",
            "ecr:CompleteLayerUpload",
            "ecr:PutImage",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        },
    },
    "UploaderPolicy": {
        OBJECTS: {"s3:PutObject", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"},
        DEPLOYMENT: {"ssm:GetParameter"},
    },
    "FollowerPolicy": {
        STACK: {"cloudformation:DescribeStacks"},
        **{f"{ECS_STACK}-{name}/*": {"cloudformation:DescribeStacks"} for name in ("ecs", "auto-deploy")},
        OBJECTS: {"s3:GetObjectTagging", "s3:GetObjectVersionTagging"},
        "ImageBuild.Arn": {"codebuild:ListBuildsForProject", "codebuild:BatchGetBuilds", "codebuild:StopBuild"},
        "ImageBuildLogs.Arn": {"logs:GetLogEvents"},
        "StartBuildLogs.Arn": {"logs:FilterLogEvents"},
        "RecordImageLogs.Arn": {"logs:FilterLogEvents"},
        PARAMETER: {"ssm:GetParameter", "ssm:GetParameterHistory"},
        DEPLOYMENT: {"ssm:GetParameter", "ssm:GetParameterHistory"},
        "Repository.Arn": {"ecr:ListImages"},
        **{f"{queue}.Arn": {"sqs:GetQueueAttributes"} for queue in QUEUES},
        ECS_SERVICE: DEPLOYMENTS | {"ecs:DescribeServices"},
        ECS_REVISIONS: {"ecs:DescribeServiceRevisions"},
        ECS_TASKS: {"ecs:DescribeTasks"},
        ECS_DEAD_LETTERS: {"sqs:GetQueueAttributes"},
        ECS_LOGS: {"logs:GetLogEvents"},
        "*": WATCHING,
    },
    "RollbackPolicy": {
        STACK: {"cloudformation:DescribeStacks"},
        PARAMETER: {"ssm:GetParameterHistory", "ssm:PutParameter"},
        DEPLOYMENT: {"ssm:GetParameterHistory"},
        "Repository.Arn": {"ecr:ListImages", "ecr:BatchGetImage", "ecr:PutImage"},
        "ImageBuild.Arn": {"codebuild:ListBuildsForProject", "codebuild:BatchGetBuilds"},
        ECS_SERVICE: DEPLOYMENTS,
        ECS_REVISIONS: {"ecs:DescribeServiceRevisions"},
    },
}


@pytest.mark.parametrize("name", ALLOWED)
def test_a_role_or_a_policy_may_do_exactly_this(symbols: Stack, name: str) -> None:
    assert allowed(symbols, name) == ALLOWED[name]


@pytest.mark.parametrize("policy", OPTIONAL)
def test_an_optional_right_is_the_builds_and_exists_by_its_parameter_alone(symbols: Stack, policy: str) -> None:
    assert symbols.document["Resources"][policy]["Condition"] == OPTIONAL[policy]
    assert symbols.properties(policy)["Roles"] == ["ImageBuildRole"]


def test_a_build_reads_its_one_secret(symbols: Stack) -> None:
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:jwt-pizza-service/build-??????"

    named = symbols.named(BuildSecret="jwt-pizza-service/build")
    assert allowed(named, "BuildSecretPolicy") == {secret: {"secretsmanager:GetSecretValue"}}


def test_a_build_pulls_from_the_named_repositories(symbols: Stack) -> None:
    repositories = [f"arn:aws:ecr:us-east-1:123456789012:repository/{name}" for name in ("bases/node", "python")]

    named = symbols.named(BaseRepositoryArns=",".join(repositories))
    pulling = {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
    assert allowed(named, "BaseImagesPolicy") == dict.fromkeys(repositories, pulling)


NOBODY_S = [
    *("ecr:BatchDeleteImage", "s3:Delete", "ssm:Delete", "ssmmessages:", "iam:", "sts:Assume"),
    *("codebuild:Retry", "codebuild:StartBuildBatch", "codebuild:Update"),
]
HOLDERS: dict[str, set[str]] = {
    "ssm:PutParameter": {"RecordImageRole", "RollbackPolicy"},
    "codebuild:StopBuild": {"FollowerPolicy"},
    "codebuild:StartBuild": {STARTS_BUILDS},
    "lambda:": {"ImageBuildRole"},
    **{action: set() for action in NOBODY_S},
}


@pytest.mark.parametrize("action", HOLDERS)
def test_an_action_is_held_by_these_and_nobody_else(symbols: Stack, action: str) -> None:
    assert holders(symbols, action) == HOLDERS[action]


def test_record_image_cannot_read_a_source(symbols: Stack) -> None:
    readers = holders(symbols, "s3:GetObject") - {"UploaderPolicy"}
    sources = {name for name in readers if {"s3:GetObject", "s3:GetObjectVersion"} & allowed(symbols, name)[OBJECTS]}

    assert sources == {"StartBuildRole", "ImageBuildRole"}


@pytest.mark.parametrize("role", ROLES)
def test_s3_says_of_what_is_missing_that_it_is_missing(symbols: Stack, role: str) -> None:
    assert allowed(symbols, role)[BUCKET] == LISTING  # else it says 403, as where a right is missing


@pytest.mark.parametrize("name", [*ROLES, *PEOPLE])
def test_a_right_to_a_versions_tags_comes_with_that_to_the_objects(symbols: Stack, name: str) -> None:
    actions = allowed(symbols, name).get(OBJECTS, set())

    assert {each.replace("ObjectVersionTagging", "ObjectTagging") for each in actions if "Tagging" in each} <= actions


@pytest.mark.parametrize("name", [*ROLES, *OPTIONAL, STARTS_BUILDS, *PEOPLE])
def test_every_right_names_its_action_and_its_resource(symbols: Stack, name: str) -> None:
    for resource, actions in allowed(symbols, name).items():
        assert resource != "*" or actions in (TOKENS, WATCHING)
        assert not any("*" in action for action in actions)
    for statement in statements(symbols, name):
        assert not {"NotAction", "NotResource"} & statement.keys()


@pytest.mark.parametrize("role", ["StartBuildRole", "RecordImageRole"])
def test_events_are_put_in_the_name_of_source_to_ecr_only(symbols: Stack, role: str) -> None:
    conditions = [each["Condition"] for each in statements(symbols, role) if each["Action"] == "events:PutEvents"]

    assert conditions == [{"StringEquals": {"events:source": "source-to-ecr"}}]


# Who starts builds, and what they may override


def test_the_two_functions_start_builds_by_one_policy(symbols: Stack) -> None:
    assert symbols.properties(STARTS_BUILDS)["Roles"] == ["StartBuildRole", "RecordImageRole"]
    assert allowed(symbols, STARTS_BUILDS) == {"ImageBuild.Arn": {"codebuild:StartBuild"}}


def test_startbuild_may_set_three_variables_but_not_replace_the_buildspec_or_the_builder(symbols: Stack) -> None:
    denials = [each for each in statements(symbols, STARTS_BUILDS) if each["Effect"] == "Deny"]

    assert [each["Condition"] for each in denials] == [  # two statements: keys inside one Condition are ANDed
        {"Null": {"codebuild:source.buildspec": "false"}},
        {
            "ForAnyValue:StringNotEquals": {
                "codebuild:environment.environmentVariables.name": ["SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG"]
            }
        },
    ]
    for denial in denials:
        assert (denial["Action"], denial["Resource"]) == ("codebuild:StartBuild", "*")


@pytest.mark.parametrize("role", ROLES)
def test_no_role_has_a_denial_of_its_own(symbols: Stack, role: str) -> None:
    assert {each["Effect"] for each in statements(symbols, role)} == {"Allow"}


@pytest.mark.parametrize("role", ROLES)
def test_each_roles_policies_fit_iams_limit(symbols: Stack, role: str) -> None:
    granted = [*statements(symbols, role), *statements(symbols, STARTS_BUILDS)]
    text = json.dumps(granted, separators=(",", ":"))
    longest = 200 * sum(len(listed(each["Resource"])) for each in granted if each["Effect"] == "Allow")

    assert len(text) + longest < 10_240  # IAM's limit for all inline policies of a role
