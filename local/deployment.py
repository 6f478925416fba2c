"""An engine, a local cloud and the deployed stack, for the programs behind the make targets."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.docker import base_image
from local.docker.private_engine import engine
from local.emulator import Account, local_cloud
from local.pipeline import Pipeline
from local.progress import step
from local.sam import deploy

SERVICE = "jwt-pizza-service"


@dataclass(frozen=True)
class Deployment:
    """The account, the engine's environment variables, and the stack."""

    here: Account
    docker: Mapping[str, str]
    pipeline: Pipeline


@contextmanager
def deployment() -> Iterator[Deployment]:
    """Deploys template.yaml to a local cloud that runs while the block does.

    Raises:
        UserError: the engine or the cloud doesn't start, or SAM CLI fails.
    """
    with tempfile.TemporaryDirectory(prefix="source-to-ecr-") as folder, engine() as docker:
        base_image.provide(docker)
        with local_cloud(docker, Path(folder)) as here:
            with step("Deploying template.yaml with sam build and sam deploy"):
                outputs = deploy(here, {"ServiceName": SERVICE})
            yield Deployment(here, docker, Pipeline(here.session(), outputs, here.endpoint))
