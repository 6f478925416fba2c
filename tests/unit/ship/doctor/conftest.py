"""An account for each test of the doctor."""

import pytest

from tests.support.wire import Wire
from tests.unit.ship.support.account import Account
from tests.unit.ship.support.world import Capsys, World


@pytest.fixture
def account(world: World, capsys: Capsys) -> Account:
    """An account in which nothing is wrong."""
    access = world.access
    clients = (access.quotas, access.sqs, access.ssm, access.ecr, access.cloudwatch, access.logs)
    return Account(world, Wire((*clients, access.s3, access.codebuild)), capsys)
