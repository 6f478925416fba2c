"""The service's network: the account's default one, or the one that is given."""

from typing import Any

from problems import Problem, looking_up

# assumes: fargate-arm64-zones
ZONES_WITHOUT_ARM64 = {"use1-az3", "apne3-az2", "apne3-az3"}
DEFAULT_SUBNETS = {"Name": "default-for-az", "Values": ["true"]}


def first_network(ec2: Any, given: dict[str, str]) -> dict[str, str]:
    """The network for a first deployment: the account's default network, unless another one is given.

    Later deployments keep it.

    Raises:
        Problem: there is no default network, or none of its zones has ARM64.
    """
    if given.keys() >= {"VpcId", "SubnetIds"}:
        return {}
    if "SubnetIds" in given:
        raise Problem("SubnetIds= needs VpcId=, the subnets' network.")
    with looking_up("the account's default network"):
        vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        filters = [{"Name": "vpc-id", "Values": [each["VpcId"] for each in vpcs]}, DEFAULT_SUBNETS]
        found = ec2.describe_subnets(Filters=filters)["Subnets"] if vpcs else []
    subnets = sorted(each["SubnetId"] for each in found if each["AvailabilityZoneId"] not in ZONES_WITHOUT_ARM64)
    if not subnets:
        raise Problem(
            "There is no default network with ARM64 here: give VpcId= and SubnetIds=, with commas between subnets."
        )
    return {"VpcId": vpcs[0]["VpcId"], "SubnetIds": ",".join(subnets)}


def require_zones(ec2: Any, tasks: str, balancer: str) -> None:
    """Makes sure that the load balancer has a subnet in each zone of the tasks: it calls no tasks in other zones.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html

    Raises:
        Problem: a zone is missing, or a subnet doesn't exist.
    """
    with looking_up("the subnets"):
        zones = [
            {each["AvailabilityZoneId"] for each in ec2.describe_subnets(SubnetIds=subnets.split(","))["Subnets"]}
            for subnets in (tasks, balancer)
        ]
    if missing := sorted(zones[0] - zones[1]):
        raise Problem(
            f"The load balancer has no subnet in {', '.join(missing)}, where tasks can run. "
            "LoadBalancerSubnetIds= needs one subnet in each zone of SubnetIds=."
        )
