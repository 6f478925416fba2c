"""People who call `ship`, each with other policies of the stack."""

from dataclasses import replace

import pytest

from local.emulator import Account
from local.pipeline import Pipeline
from tests.e2e.support.shippers import Shipper


@pytest.fixture(scope="module")
def root(here: Account, pipeline: Pipeline) -> Shipper:
    """Somebody who may do all."""
    assert pipeline
    return Shipper(here, here.root)


@pytest.fixture(scope="module")
def uploader(here: Account, pipeline: Pipeline) -> Shipper:
    """Somebody who may upload, and nothing else: the bucket is all that can be known."""
    made = Shipper.with_policies(here, pipeline, "UploaderPolicyArn")
    return replace(made, variables={"SHIP_BUCKET": pipeline.bucket})


@pytest.fixture(scope="module")
def developer(here: Account, pipeline: Pipeline) -> Shipper:
    """Somebody who may upload and follow."""
    return Shipper.with_policies(here, pipeline, "UploaderPolicyArn", "FollowerPolicyArn")


@pytest.fixture(scope="module")
def follower(here: Account, pipeline: Pipeline) -> Shipper:
    """Somebody who may follow, and nothing else."""
    return Shipper.with_policies(here, pipeline, "FollowerPolicyArn")


@pytest.fixture(scope="module")
def operator(here: Account, pipeline: Pipeline) -> Shipper:
    """Somebody who may roll back, and nothing else."""
    return Shipper.with_policies(here, pipeline, "RollbackPolicyArn")
