"""Into which network deploy.sh deploys, and which combinations of parameters it refuses."""

import pytest

from tests.examples.support.world import NEW, OLD, World

ZONES = {"subnet-b": "use1-az2", "subnet-c": "use1-az3", "subnet-a": "use1-az1"}


@pytest.mark.parametrize("status", [None, "REVIEW_IN_PROGRESS"], ids=["no stack", "a change set never executed"])
def test_a_first_deployment_goes_into_the_default_network_s_zones_with_arm64(world: World, status: str | None) -> None:
    world.can_deploy(status, before=None, after=NEW)
    world.has_default_network(ZONES)

    assert world.run("AllowedNetwork=0.0.0.0/0") == ""

    assert world.asked[world.asked.index("--parameter-overrides") + 1 :] == [
        'ServiceName="app"',
        'ImageUri="/app/image-uri"',
        'VpcId="vpc-d"',
        'SubnetIds="subnet-a,subnet-b"',
        'AllowedNetwork="0.0.0.0/0"',
    ]


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_later_deployment_keeps_the_network(world: World, status: str) -> None:
    world.can_deploy(status, before=OLD, after=NEW)

    assert world.run("Tasks=2") == ""

    assert world.asked[-3:] == ['ServiceName="app"', 'ImageUri="/app/image-uri"', 'Tasks="2"']


def test_a_network_that_is_given_is_taken(world: World) -> None:
    world.can_deploy(None, before=None, after=NEW)

    assert world.run("VpcId=vpc-own", "SubnetIds=subnet-1,subnet-2") == ""

    assert world.asked[-2:] == ['VpcId="vpc-own"', 'SubnetIds="subnet-1,subnet-2"']


@pytest.mark.parametrize("given", [["VpcId=vpc-own"], ["VpcId="], ["Tasks=2", "VpcId=vpc-own"]])
def test_a_network_without_its_subnets_is_refused_before_aws_is_asked(world: World, given: list[str]) -> None:
    assert world.run(*given).startswith("VpcId= needs SubnetIds=")


def test_subnets_without_their_network_are_refused_where_there_is_no_service_yet(world: World) -> None:
    world.names(NEW)
    world.has_stack(None)

    assert world.run("SubnetIds=subnet-1,subnet-2").startswith("SubnetIds= needs VpcId=")


@pytest.mark.parametrize("zones", [{}, {"subnet-a": "apne3-az2", "subnet-b": "apne3-az3"}], ids=["none", "x86 alone"])
def test_a_default_network_without_arm64_is_none(world: World, zones: dict[str, str]) -> None:
    world.names(NEW)
    world.has_stack(None)
    world.has_default_network(zones)

    assert "give VpcId= and SubnetIds=" in world.run()


# --- Which parameters fit together ----------------------------------------------------------------------------------

PRIVATE = ("PublicAddress=DISABLED", "LoadBalancer=yes")
WRONG = {
    ("SecretNames=A",): "SecretNames needs SecretArn",
    ("CertificateArn=arn",): "CertificateArn needs LoadBalancer=yes or LoadBalancer=internal",
    ("LoadBalancerSubnetIds=subnet-1,subnet-2",): "LoadBalancerSubnetIds needs LoadBalancer=yes",
    PRIVATE: "PublicAddress=DISABLED with LoadBalancer=yes needs LoadBalancerSubnetIds",
}


@pytest.mark.parametrize("given", WRONG, ids=" ".join)
def test_parameters_that_contradict_each_other_are_named_before_anything_is_deployed(
    world: World, given: tuple[str, ...]
) -> None:
    world.names(NEW)
    world.has_stack(None)

    problem = world.run(*given)

    assert problem.startswith(WRONG[given])
    assert len(problem.splitlines()) == 1
    assert world.asked == []


def test_each_rule_of_the_template_is_among_them(world: World) -> None:
    descriptions = [
        assertion["AssertDescription"]
        for rule in world.deploy.template()["Rules"].values()
        for assertion in rule["Assertions"]
    ]

    assert [[text for text in descriptions if text.startswith(said)] for said in WRONG.values()] == [
        [text] for text in descriptions
    ]


def test_a_parameter_that_is_kept_counts_as_well(world: World) -> None:
    world.names(NEW)
    world.has_stack("UPDATE_COMPLETE", LoadBalancer="yes", CertificateArn="arn")

    assert world.run("LoadBalancer=no").startswith("CertificateArn needs LoadBalancer=yes")


@pytest.mark.parametrize(
    "given",
    [
        ["PublicAddress=DISABLED"],
        ["PublicAddress=DISABLED", "LoadBalancer=internal"],
        ["LoadBalancer=internal", "CertificateArn=arn"],
        ["SecretNames=A", "SecretArn=arn"],
    ],
    ids=" ".join,
)
def test_what_fits_together_is_deployed(world: World, given: list[str]) -> None:
    world.can_deploy("UPDATE_COMPLETE", before=OLD, after=NEW)

    assert world.run(*given) == ""


@pytest.mark.parametrize(("has", "given"), [("yes", "internal"), ("internal", "yes")])
def test_a_load_balancer_is_not_moved_into_the_network_or_out_of_it(world: World, has: str, given: str) -> None:
    world.names(NEW)
    world.has_stack("UPDATE_COMPLETE", LoadBalancer=has)

    assert world.run(f"LoadBalancer={given}").startswith("A load balancer can't be moved. Deploy with LoadBalancer=no")


def test_a_load_balancer_in_each_zone_of_the_tasks_is_deployed(world: World) -> None:
    world.can_deploy("UPDATE_COMPLETE", before=OLD, after=NEW, SubnetIds="subnet-1,subnet-2")
    world.has_subnets({"subnet-1": "use1-az1", "subnet-2": "use1-az2"})
    world.has_subnets({"subnet-8": "use1-az2", "subnet-9": "use1-az1", "subnet-7": "use1-az4"})

    assert world.run(*PRIVATE, "LoadBalancerSubnetIds=subnet-8,subnet-9,subnet-7") == ""


def test_tasks_that_move_into_a_zone_without_the_load_balancer_are_refused(world: World) -> None:
    world.names(NEW)
    world.has_stack("UPDATE_COMPLETE", VpcId="vpc-own", LoadBalancer="yes", LoadBalancerSubnetIds="subnet-8,subnet-9")
    world.has_subnets({"subnet-1": "use1-az1", "subnet-2": "use1-az2"})
    world.has_subnets({"subnet-8": "use1-az1", "subnet-9": "use1-az4"})

    problem = world.run("VpcId=vpc-own", "SubnetIds=subnet-1,subnet-2")

    assert problem.startswith("The load balancer has no subnet in use1-az2")


def test_a_first_deployment_with_tasks_in_a_zone_without_the_load_balancer_is_refused(world: World) -> None:
    world.names(NEW)
    world.has_stack(None)
    world.has_subnets({"subnet-1": "use1-az1", "subnet-2": "use1-az2"})
    world.has_subnets({"subnet-8": "use1-az1", "subnet-9": "use1-az4"})

    problem = world.run(
        *PRIVATE, "VpcId=vpc-own", "SubnetIds=subnet-1,subnet-2", "LoadBalancerSubnetIds=subnet-8,subnet-9"
    )

    assert problem.startswith("The load balancer has no subnet in use1-az2, where tasks can run.")
    assert world.asked == []


def test_a_subnet_that_does_not_exist_is_named(world: World) -> None:
    world.names(NEW)
    world.has_stack("UPDATE_COMPLETE", SubnetIds="subnet-1,subnet-2")
    world.stubs["ec2"].add_client_error("describe_subnets", "InvalidSubnetID.NotFound", "'subnet-1' does not exist")

    problem = world.run("LoadBalancer=yes", "LoadBalancerSubnetIds=subnet-8,subnet-9")

    assert problem.startswith("deploy.sh stopped, because it couldn't look up the subnets.")
    assert "'subnet-1' does not exist" in problem
