"""`make uninstall`: what it decides from what it found."""

from dataclasses import replace
from typing import Any

import pytest

from tests.docs.support.documents import ROOT
from tests.docs.support.installed import BUCKET, LOG, PARAMETER, PIPELINE, REPOSITORY, THINGS, USERS
from tests.support.stack import Stack as Template
from tools.uninstall.looking import KINDS, Record
from tools.uninstall.plan import Attachment, Found, Plan, Stack, Thing, ending_of, plan_of

WHOLE = Found(PIPELINE, USERS, THINGS)
LAYER = "AWS::Serverless::LayerVersion"  # SAM retains these, if their property doesn't say otherwise


def names(plan: Plan) -> list[str]:
    """What a plan deletes, in order."""
    return [*(stack.name for stack in plan.stacks), *(thing.name for thing in plan.data)]


def test_what_uses_the_stack_goes_first_and_the_data_is_kept() -> None:
    plan = plan_of(WHOLE, deletes_data=False)

    assert names(plan) == [
        *("jwt-pizza-service-uploader", "jwt-pizza-service-auto-deploy", "jwt-pizza-service-ecs", "source-to-ecr")
    ]
    assert plan.kept == (PARAMETER, REPOSITORY, BUCKET, LOG)


def test_the_data_goes_last_and_only_if_asked_for() -> None:
    plan = plan_of(WHOLE, deletes_data=True)

    assert plan.stacks == (*USERS, PIPELINE)
    assert plan.data == (PARAMETER, REPOSITORY, BUCKET, LOG)
    assert plan.kept == ()


@pytest.mark.parametrize("deleted", range(len(USERS) + 1))
def test_what_is_left_after_each_stack_is_the_rest_of_the_plan(deleted: int) -> None:
    left = replace(WHOLE, users=USERS[deleted:])

    assert names(plan_of(left, deletes_data=True)) == names(plan_of(WHOLE, deletes_data=True))[deleted:]


def test_without_the_stack_the_data_that_it_left_can_be_deleted() -> None:
    assert names(plan_of(Found(None, (), THINGS), deletes_data=True)) == [
        each.name for each in (PARAMETER, REPOSITORY, BUCKET, LOG)
    ]
    assert plan_of(Found(None), deletes_data=True) == Plan()


def test_data_that_another_stack_uses_is_kept() -> None:
    used = replace(REPOSITORY, used_by="other-images")

    plan = plan_of(replace(WHOLE, things=(used, BUCKET)), deletes_data=True)

    assert (plan.data, plan.kept) == ((BUCKET,), (used,))


@pytest.mark.parametrize(
    ("stack", "reason"),
    [
        (replace(PIPELINE, is_pipeline=False), "source-to-ecr isn't a Source to ECR stack."),
        (
            replace(PIPELINE, importers=("b", USERS[0].name, "a")),
            "a, b imports from source-to-ecr. Delete these first.",
        ),
        (
            replace(PIPELINE, attached=(Attachment("user", "ada", "arn:x"), Attachment("role", "ci", "arn:y"))),
            (
                "Detach them:\n  aws iam detach-user-policy --user-name ada --policy-arn arn:x\n"
                "  aws iam detach-role-policy --role-name ci --policy-arn arn:y"
            ),
        ),
        (replace(PIPELINE, is_protected=True), "--no-enable-termination-protection --stack-name source-to-ecr"),
        (replace(PIPELINE, status="UPDATE_IN_PROGRESS"), "(UPDATE_IN_PROGRESS). Wait until it has finished."),
        (replace(PIPELINE, status="ROLLBACK_IN_PROGRESS"), "(ROLLBACK_IN_PROGRESS). Wait until it has finished."),
    ],
)
def test_if_one_stack_can_t_be_deleted_nothing_is(stack: Stack, reason: str) -> None:
    plan = plan_of(replace(WHOLE, pipeline=stack), deletes_data=True)

    assert plan.refusal.endswith(reason)
    assert names(plan) == []


def test_a_policy_of_a_role_that_is_deleted_first_needs_nobody_to_detach_it() -> None:
    uploader = replace(USERS[0], role="uploader-role")
    pipeline = replace(PIPELINE, attached=(Attachment("role", "uploader-role", "arn:x"),))

    assert plan_of(Found(pipeline, (uploader,)), deletes_data=False).refusal == ""
    assert "uploader-role" in plan_of(Found(pipeline), deletes_data=False).refusal


@pytest.mark.parametrize(
    "status", ["DELETE_IN_PROGRESS", "DELETE_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "CREATE_FAILED"]
)
def test_a_stack_in_any_state_of_rest_and_one_that_is_being_deleted_can_be_deleted(status: str) -> None:
    assert plan_of(Found(replace(PIPELINE, status=status)), deletes_data=False).refusal == ""


def test_a_stack_that_was_never_made_can_be_deleted_though_nobody_knows_from_which_template() -> None:
    empty = replace(PIPELINE, is_pipeline=False, status="REVIEW_IN_PROGRESS")

    assert names(plan_of(Found(empty), deletes_data=False)) == ["source-to-ecr"]


def test_each_stack_says_what_ends_with_it() -> None:
    endings = {ending_of(stack, PIPELINE) for stack in (*USERS, PIPELINE)}

    assert len(endings) == len(USERS) + 1


@pytest.mark.parametrize(
    ("thing", "cost"),
    [
        (BUCKET, "It costs 0.07 US dollars a month."),
        (REPOSITORY, "It costs at most 0.20 US dollars a month."),
        (LOG, "It costs less than 0.01 US dollars a month."),
        (PARAMETER, "It costs nothing."),
    ],
)
def test_what_is_kept_has_a_price(thing: Thing, cost: str) -> None:
    assert thing.cost == cost


def test_a_pipeline_uses_its_bucket_its_repository_and_its_parameter() -> None:
    outputs = [{"OutputKey": "SourceBucketName", "OutputValue": "a-bucket"}]
    service = [{"ParameterKey": "ServiceName", "ParameterValue": "jwt-pizza-service"}]

    uses = Record({"StackName": "other-images", "Outputs": outputs, "Parameters": service}).used_names

    assert uses == {BUCKET.name, REPOSITORY.name, PARAMETER.name}


def record(path: str, **parameters: str) -> Record:
    """CloudFormation's record of a stack that was made from this template."""
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    return Record({"Description": Template.from_file(path).document["Description"], "Parameters": given})


def test_the_pipeline_s_template_is_known_by_its_description() -> None:
    paths = [str(path.relative_to(ROOT)) for path in all_templates()]

    assert [path for path in paths if record(path).is_pipeline] == ["template.yaml"]


@pytest.mark.parametrize(
    ("path", "parameter", "value"),
    [
        ("examples/github-actions/role.yaml", "StackName", "source-to-ecr"),
        ("examples/ecs-service/auto-deploy.yaml", "ServiceName", "jwt-pizza-service"),
        ("examples/ecs-service/template.yaml", "ServiceName", "jwt-pizza-service"),
    ],
)
def test_a_stack_uses_the_pipeline_that_its_parameter_names(path: str, parameter: str, value: str) -> None:
    assert parameter in Template.from_file(path).document["Parameters"]
    assert record(path, **{parameter: value}).uses("source-to-ecr", "jwt-pizza-service")
    assert not record(path, **{parameter: "another"}).uses("source-to-ecr", "jwt-pizza-service")


@pytest.mark.parametrize("description", ["", "My own service"])
def test_a_stack_of_somebody_else_s_is_left_alone_whatever_its_name(description: str) -> None:
    theirs = Record({"StackName": "jwt-pizza-service-ecs", "Description": description})

    assert not theirs.uses("source-to-ecr", "jwt-pizza-service")


def test_another_pipeline_is_left_alone_whatever_its_name() -> None:
    another = record("template.yaml", ServiceName="jwt-pizza-service")

    assert not another.uses("source-to-ecr", "jwt-pizza-service")


def test_what_outlives_its_stack_is_known() -> None:
    templates = [Template.from_file(str(path.relative_to(ROOT))) for path in all_templates()]

    retained = {
        name: made["Type"]
        for each in templates
        for name, made in each.document["Resources"].items()
        if made.get("DeletionPolicy") is not None
    }

    assert retained.pop("GitHub") == "AWS::IAM::OIDCProvider", "other roles of the account may use it"
    assert set(retained) == {"SourceBucket", "Repository", "Logs"}
    assert set(retained.values()) == set(KINDS)
    assert {each["RetentionPolicy"] for found in templates for each in found.all(LAYER).values()} == {"Delete"}


def all_templates() -> list[Any]:
    """The templates of the product and the examples."""
    return [ROOT / "template.yaml", *ROOT.glob("examples/*/*.yaml")]
