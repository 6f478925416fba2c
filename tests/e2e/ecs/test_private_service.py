"""Private tasks behind a load balancer with HTTPS, and what is left of them when they are removed."""

import http.client
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.emulator import ROOT, Account
from local.pipeline import Pipeline
from tests.docs.support.documents import blocks, section
from tests.e2e.support.ecs import QUICK, EcsService, page
from tests.e2e.support.shell import run

PAGE = ROOT / "docs" / "ecs.md"
SERVICE = "jwt-pizza-service"
type Things = dict[str, set[str]]


@pytest.fixture(scope="module")
def before(here: Account, pipeline: Pipeline) -> Things:
    """The account's resources before the service is deployed, after one upload is recorded."""
    EcsService(here, pipeline, is_balanced=True).record(page("first"))
    return things(pipeline)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the page's commands find what they need of a clone."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / ".venv").symlink_to(Path(sys.prefix))
    return folder


@pytest.fixture(scope="module")
def service(here: Account, pipeline: Pipeline, before: Things, folder: Path) -> Iterator[EcsService]:
    """The service, as the page's commands deploy it into a network of private and public subnets."""
    assert before
    _, commands = blocks(section(PAGE, "The network"), "bash")
    here.set(QUICK)
    service = EcsService(here, pipeline, is_balanced=True)
    try:
        run(here, commands, folder, **network(pipeline))
        yield service
    finally:
        service.remove()


def network(pipeline: Pipeline) -> dict[str, str]:
    """The variables that the page's commands take: two subnets of each kind, and a certificate."""
    ec2 = pipeline.client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    public = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"][:2]
    private = [
        ec2.create_subnet(VpcId=vpc["VpcId"], AvailabilityZone=zone["AvailabilityZone"], CidrBlock=f"172.31.{i}.0/28")
        for i, zone in enumerate(public, start=200)
    ]
    return {
        "VPC": vpc["VpcId"],
        "PRIVATE_SUBNETS": ",".join(each["Subnet"]["SubnetId"] for each in private),
        "PUBLIC_SUBNETS": ",".join(each["SubnetId"] for each in public),
        "CERTIFICATE": pipeline.client("acm").request_certificate(DomainName="pizza.example.com")["CertificateArn"],
    }


def things(pipeline: Pipeline) -> Things:
    """The account's resources of the kinds that the two stacks create, except AWS's service-linked roles."""
    client = pipeline.client
    roles = {each["Arn"] for each in client("iam").list_roles()["Roles"]}
    return {
        "alarms": {each["AlarmName"] for each in client("cloudwatch").describe_alarms()["MetricAlarms"]},
        "clusters": set(client("ecs").list_clusters()["clusterArns"]),
        "functions": {each["FunctionName"] for each in client("lambda").list_functions()["Functions"]},
        "load balancers": {each["DNSName"] for each in client("elbv2").describe_load_balancers()["LoadBalancers"]},
        "log groups": {each["logGroupName"] for each in client("logs").describe_log_groups()["logGroups"]},
        "parameters": {each["Name"] for each in client("ssm").describe_parameters()["Parameters"]},
        "queues": set(client("sqs").list_queues()["QueueUrls"]),
        "roles": {each for each in roles if "/aws-service-role/" not in each},
        "rules": {each["Name"] for each in client("events").list_rules()["Rules"]},
        "security groups": {each["GroupId"] for each in client("ec2").describe_security_groups()["SecurityGroups"]},
        "stacks": {each["StackName"] for each in client("cloudformation").describe_stacks()["Stacks"]},
        "target groups": {each["TargetGroupArn"] for each in client("elbv2").describe_target_groups()["TargetGroups"]},
        "task definitions": set(client("ecs").list_task_definitions()["taskDefinitionArns"]),
    }


def called(service: EcsService, port: int) -> tuple[int, str | None, str]:
    """The load balancer's answer on this port: status, where it redirects to, and text."""
    host = urlsplit(service.outputs()["Url"]).hostname
    with closing(http.client.HTTPConnection(urlsplit(service.here.endpoint).netloc, timeout=5)) as connection:
        connection.request("GET", "/index.html?a=b", headers={"Host": f"{host}:{port}"})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location"), answer.read().decode()


def test_private_tasks_answer_through_a_load_balancer_that_redirects_to_https(service: EcsService) -> None:
    service.wait_for_answer("first")

    assert called(service, 443) == (200, None, "first")
    host = urlsplit(service.outputs()["Url"]).hostname
    assert called(service, 80)[:2] == (301, f"https://{host}:443/index.html?a=b")


def test_it_has_the_subnets_and_the_certificate_that_were_given(service: EcsService) -> None:
    elb = service.pipeline.client("elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    ecs = service.pipeline.client("ecs")
    (found,) = ecs.describe_services(cluster=SERVICE, services=[SERVICE])["services"]

    assert {each["Port"]: each["Protocol"] for each in listeners} == {443: "HTTPS", 80: "HTTP"}
    (certificate,) = next(each["Certificates"] for each in listeners if each["Port"] == 443)
    (requested,) = service.pipeline.client("acm").list_certificates()["CertificateSummaryList"]
    assert certificate["CertificateArn"] == requested["CertificateArn"]
    tasks = found["networkConfiguration"]["awsvpcConfiguration"]
    assert tasks["assignPublicIp"] == "DISABLED"
    assert not {*tasks["subnets"]} & {each["SubnetId"] for each in balancer["AvailabilityZones"]}


def test_auto_deploy_follows_a_service_whose_names_are_looked_up(service: EcsService, folder: Path) -> None:
    (commands,) = blocks(section(PAGE, "A service that you made"), "bash")

    run(service.here, commands, folder)

    (stack,) = service.pipeline.client("cloudformation").describe_stacks(StackName=f"{SERVICE}-auto-deploy")["Stacks"]
    given = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    wanted = dict(re.findall(r"(\w+)=(\S+)", service.outputs()["AutoDeploy"]))
    assert given | wanted == given
    service.record(page("followed"))
    service.wait_for_answer("followed")


def test_when_it_is_removed_only_what_the_page_names_is_left(service: EcsService, before: Things, folder: Path) -> None:
    log_group = service.outputs()["LogGroup"]
    delete, deregister = blocks(section(PAGE, "Remove the service"), "bash")

    printed = run(service.here, delete, folder)

    assert f"Its log is in {log_group}." in printed
    left = {kind: found - before[kind] for kind, found in things(service.pipeline).items()}
    assert {kind for kind, found in left.items() if found} == {"log groups", "task definitions"}
    assert left["log groups"] == {log_group}
    run(service.here, deregister, folder, SERVICE=SERVICE)
    assert things(service.pipeline)["task definitions"] == before["task definitions"]
