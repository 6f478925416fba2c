"""The example's network: tasks with and without public addresses, load balancers with and without HTTPS."""

import re
from typing import Any

import pytest

from tests.support.stack import Stack

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0f9de17a-6465-404e-8e2b-2356dc13c2f8"
LISTENERS = ("SecureListener", "Listener")
FORWARD = {"Type": "forward", "TargetGroupArn": "TargetGroup"}
REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}


@pytest.fixture(scope="module")
def running() -> Stack:
    """The service's template."""
    return Stack.from_file("examples/ecs-service/template.yaml").named(AllowedNetwork="10.0.0.0/8")


def deployed(stack: Stack, name: str) -> Any:
    """What CloudFormation deploys for a resource. None if its condition doesn't hold."""
    condition = stack.document["Resources"][name].get("Condition")
    is_deployed = condition is None or stack.holds(stack.document["Conditions"][condition])
    return stack.deployed(name) if is_deployed else None


def ports(stack: Stack) -> list[int]:
    """The ports on which the load balancer may be called."""
    group = deployed(stack, "BalancerSecurityGroup")
    assert {rule["CidrIp"] for rule in group["SecurityGroupIngress"]} == {"10.0.0.0/8"}
    return [rule["FromPort"] for rule in group["SecurityGroupIngress"]]


def url(stack: Stack) -> str:
    """The output with the service's address."""
    return str(stack.decide(stack.document["Outputs"]["Url"]["Value"]))


def test_without_a_load_balancer_the_allowed_network_calls_the_tasks_themselves(running: Stack) -> None:
    (rule,) = deployed(running, "TaskSecurityGroup")["SecurityGroupIngress"]

    assert (rule["CidrIp"], rule.keys() & {"SourceSecurityGroupId"}) == ("10.0.0.0/8", set())
    assert [name for name in ("Balancer", "TargetGroup", *LISTENERS) if deployed(running, name)] == []
    assert "LoadBalancers" not in deployed(running, "Service")


@pytest.mark.parametrize(("kind", "scheme"), [("yes", "internet-facing"), ("internal", "internal")])
def test_only_the_load_balancer_calls_the_tasks_behind_it(running: Stack, kind: str, scheme: str) -> None:
    stack = running.named(LoadBalancer=kind)
    (rule,) = deployed(stack, "TaskSecurityGroup")["SecurityGroupIngress"]

    assert (rule["SourceSecurityGroupId"], rule.keys() & {"CidrIp"}) == ("BalancerSecurityGroup.GroupId", set())
    assert deployed(stack, "Balancer")["Scheme"] == scheme
    assert deployed(stack, "Service")["LoadBalancers"][0]["TargetGroupArn"] == "TargetGroup"


def test_without_a_certificate_the_load_balancer_answers_http_alone(running: Stack) -> None:
    stack = running.named(LoadBalancer="yes")
    secure, plain = (deployed(stack, name) for name in LISTENERS)

    assert secure is None
    assert (plain["Protocol"], plain["Port"], plain["DefaultActions"]) == ("HTTP", 80, [FORWARD])
    assert ports(stack) == [80]
    assert url(stack) == "http://Balancer.DNSName"


def test_with_a_certificate_it_answers_https_and_redirects_http_there(running: Stack) -> None:
    stack = running.named(LoadBalancer="yes", CertificateArn=CERTIFICATE)
    secure, plain = (deployed(stack, name) for name in LISTENERS)

    assert (secure["Protocol"], secure["Port"], secure["DefaultActions"]) == ("HTTPS", 443, [FORWARD])
    assert secure["Certificates"] == [{"CertificateArn": CERTIFICATE}]
    assert (plain["Protocol"], plain["Port"], plain["DefaultActions"]) == ("HTTP", 80, [REDIRECT])
    assert ports(stack) == [80, 443]
    assert url(stack) == "https://Balancer.DNSName"


def test_https_is_tls_1_2_or_newer(running: Stack) -> None:
    """Without a policy, ELB takes one of 2016.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    """
    policy = running.properties("SecureListener")["SslPolicy"]

    assert policy == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


def test_the_service_waits_for_the_listeners_that_forward_to_it(running: Stack) -> None:
    """HTTPS comes before HTTP becomes a redirect, so the target group always has a listener."""
    resources = running.document["Resources"]

    assert resources["Service"]["DependsOn"] == "Listener"
    assert resources["Listener"]["DependsOn"] == "SecureListener"


def test_private_tasks_are_behind_a_load_balancer_in_subnets_of_its_own(running: Stack) -> None:
    stack = running.named(
        PublicAddress="DISABLED", LoadBalancer="yes", SubnetIds="private", LoadBalancerSubnetIds="subnet-1,subnet-2"
    )
    network = deployed(stack, "Service")["NetworkConfiguration"]["AwsvpcConfiguration"]

    assert (network["AssignPublicIp"], network["Subnets"]) == ("DISABLED", "private")
    assert deployed(stack, "Balancer")["Subnets"] == ["subnet-1", "subnet-2"]


def test_a_load_balancer_without_subnets_of_its_own_is_in_those_of_the_tasks(running: Stack) -> None:
    assert deployed(running.named(LoadBalancer="yes", SubnetIds="public"), "Balancer")["Subnets"] == "public"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("LoadBalancerSubnetIds", "subnet-1"),
        ("LoadBalancerSubnetIds", "subnet-1, subnet-2"),
        ("LoadBalancerSubnetIds", "public-1,public-2"),
        ("CertificateArn", "example.com"),
        ("CertificateArn", "arn:aws:iam::123456789012:server-certificate/example"),
    ],
)
def test_what_elb_would_refuse_is_refused_at_once(running: Stack, parameter: str, value: str) -> None:
    assert not re.fullmatch(running.document["Parameters"][parameter]["AllowedPattern"], value)


def test_a_certificate_s_arn_is_accepted(running: Stack) -> None:
    assert re.fullmatch(running.document["Parameters"]["CertificateArn"]["AllowedPattern"], CERTIFICATE)
