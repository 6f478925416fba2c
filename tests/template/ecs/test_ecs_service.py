"""The example's service, which runs the recorded image."""

import re
from typing import Any

import pytest

from tests.support.stack import ROOT, Stack, allowed
from tests.template.support.ecs_templates import FOLDER, LOGGING

TEMPLATES = ["template.yaml", "auto-deploy.yaml"]
REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/jwt-pizza-service"


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_parameter_explains_and_bounds_itself_and_accepts_its_default(name: str) -> None:
    for parameter, facts in Stack.from_file(str(FOLDER / name)).document["Parameters"].items():
        assert facts["Description"], parameter
        if not facts["Type"].startswith(("AWS::", "List<AWS::")):  # those CloudFormation checks by itself
            assert {"AllowedPattern", "AllowedValues", "MinLength", "MinValue"} & facts.keys(), parameter
            assert facts["ConstraintDescription"], parameter
        if "Default" in facts:
            default = facts["Default"]
            assert default in facts.get("AllowedValues", [default]), parameter
            assert re.fullmatch(facts.get("AllowedPattern", ".*"), str(default)), parameter


def test_the_service_runs_what_the_parameter_names_on_arm64(running: Stack) -> None:
    assert running.document["Parameters"]["ImageUri"]["Type"] == "AWS::SSM::Parameter::Value<String>"
    definition = running.document["Resources"]["TaskDefinition"]["Properties"]
    assert definition["ContainerDefinitions"][0]["Image"] == {"Ref": "ImageUri"}
    assert definition["RuntimePlatform"] == {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}


def test_a_deployment_whose_tasks_are_not_well_is_rolled_back_while_the_old_ones_answer(running: Stack) -> None:
    configuration = running.properties("Service")["DeploymentConfiguration"]

    assert configuration["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert configuration["MinimumHealthyPercent"] == 100
    assert "HealthCheck" in container(running)


def test_the_execution_role_pulls_one_repository_and_writes_one_log(running: Stack) -> None:
    assert allowed(running, "ExecutionRole") == {
        "*": {"ecr:GetAuthorizationToken"},
        REPOSITORY: {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
        "Logs.Arn": LOGGING,
    }


def test_the_program_may_do_nothing_at_aws(running: Stack) -> None:
    assert running.properties("TaskRole").keys() == {"AssumeRolePolicyDocument"}


def test_a_task_definition_is_registered_on_any_resource_as_every_public_refusal_reads() -> None:
    """`… is not authorized to perform: ecs:RegisterTaskDefinition on resource: *`: an ARN would allow nothing."""
    text = (ROOT / FOLDER / "auto-deploy.yaml").read_text()

    _, _, statement = text.partition("Action: ecs:RegisterTaskDefinition\n")
    assert re.match(r'(?: +#.*\n)+ +Resource: "\*"\n', statement)
    assert "# assumes: register-task-definition-on-star\n" in statement.partition("Resource:")[0]


# --- What a caller of deploy.sh gives the service -------------------------------------------------------------------


def container(stack: Stack) -> dict[str, Any]:
    """The container, as CloudFormation deploys it."""
    (found,) = stack.deployed("TaskDefinition")["ContainerDefinitions"]
    return dict(found)


def test_without_a_configuration_a_container_gets_none_and_its_role_reads_none(running: Stack) -> None:
    assert container(running)["Secrets"] == []
    assert "EnvironmentFiles" not in container(running)
    assert len(running.deployed("ExecutionRole")["Policies"]) == 1


def test_an_environment_file_is_given_to_the_container_and_readable_to_its_execution_role(running: Stack) -> None:
    file = "arn:aws:s3:::settings/app/prod.env"
    stack = running.named(EnvironmentFile=file)

    assert container(stack)["EnvironmentFiles"] == [{"Type": "s3", "Value": file}]
    rights = allowed(stack, "ExecutionRole")
    assert rights[file] == {"s3:GetObject"}
    assert rights["arn:aws:s3:::settings"] == {"s3:GetBucketLocation"}


@pytest.mark.parametrize("number", range(1, 9))
def test_the_named_members_of_a_secret_become_variables_of_their_names(running: Stack, number: int) -> None:
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/prod-AbCdEf"
    names = [f"KEY_{digit}" for digit in range(number)]
    stack = running.named(SecretArn=secret, SecretNames=",".join(names))

    assert container(stack)["Secrets"] == [{"Name": name, "ValueFrom": f"{secret}:{name}::"} for name in names]
    assert allowed(stack, "ExecutionRole")[secret] == {"secretsmanager:GetSecretValue"}


@pytest.mark.parametrize("names", ["A,,B", ",A", "A,", "A, B", "A B", "1A", "A=x", ",".join("ABCDEFGHI")])
def test_names_that_are_not_a_list_of_variables_are_refused(running: Stack, names: str) -> None:
    assert not re.fullmatch(running.document["Parameters"]["SecretNames"]["AllowedPattern"], names)


@pytest.mark.parametrize(
    "file", ["prod.env", "s3://settings/prod.env", "arn:aws:s3:::settings", "arn:aws:s3:::settings/prod.txt"]
)
def test_what_ecs_does_not_take_as_an_environment_file_is_refused(running: Stack, file: str) -> None:
    assert not re.fullmatch(running.document["Parameters"]["EnvironmentFile"]["AllowedPattern"], file)


def test_names_without_a_secret_are_refused(running: Stack) -> None:
    rule = running.document["Rules"]["SecretIsNamed"]
    named = running.named(SecretNames="A")

    assert named.holds(rule["RuleCondition"])
    assert not named.holds(rule["Assertions"][0]["Assert"])
    assert not running.holds(rule["RuleCondition"])


def test_a_deployment_leaves_the_number_of_tasks_to_autoscaling_unless_one_is_given(running: Stack) -> None:
    """CloudFormation sends a DesiredCount in the template with each change of the service, a new image included."""
    assert "DesiredCount" not in running.deployed("Service")
    assert running.named(Tasks="3").deployed("Service")["DesiredCount"] == "3"


@pytest.mark.parametrize("seconds", ["30", "60", "120", "180", "240", "300"])
def test_a_service_that_starts_slowly_is_left_alone_until_its_load_balancer_can_have_seen_it(
    running: Stack, seconds: str
) -> None:
    assert seconds in running.document["Parameters"]["StartPeriod"]["AllowedValues"]
    stack = running.named(StartPeriod=seconds, LoadBalancer="yes")

    assert container(stack)["HealthCheck"]["StartPeriod"] == seconds
    target = stack.deployed("TargetGroup")
    seen = int(seconds) + target["HealthCheckIntervalSeconds"] * target["HealthyThresholdCount"]
    assert stack.deployed("Service")["HealthCheckGracePeriodSeconds"] > seen


def test_the_grace_period_does_not_delay_the_verdict_about_a_container(running: Stack) -> None:
    """ECS ignores failed checks of the container as well while it lasts (API reference of CreateService)."""
    check = container(running)["HealthCheck"]
    fails_after = check["Interval"] * check["Retries"]

    for start, found in running.document["Mappings"]["StartPeriods"].items():
        assert found["GracePeriod"] <= int(start) + fails_after
