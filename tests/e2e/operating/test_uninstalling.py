"""docs/operating/uninstalling.md, pasted whole: with a stack in the way that still imports, and without."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.emulator import ROOT, Account, local_cloud
from local.pipeline import Pipeline
from local.sam import STACK, deploy
from tests.docs.support.documents import blocks
from tests.docs.support.shells import PASTED
from tests.e2e.conftest import PARAMETERS
from tests.e2e.support.ecs import deployed
from tests.e2e.support.uploads import SECONDS

PAGE = "\n".join(blocks((ROOT / "docs" / "operating" / "uninstalling.md").read_text(), "bash"))
SERVICE = PARAMETERS["ServiceName"]
STACKS = {STACK, f"{SERVICE}-uploader", f"{SERVICE}-auto-deploy", f"{SERVICE}-ecs"}
ANOTHER = "another-uploader"
MANY = 1005
"""More versions of an object than S3 lists or deletes at a time."""
ODD_KEYS = ["a b+c%20d.zip", 'it\'s "quoted" \\ $(id) `id`.zip', "a\nline.zip", "<&>.zip", "ünï/☃.zip", "-rf", "*"]


@dataclass(frozen=True)
class Installed:
    """All that a user makes by the documents, in an account of its own."""

    here: Account
    pipeline: Pipeline

    def role(self, stack: str) -> None:
        """Deploys a role for uploads from CI, which imports from the stack."""
        self.pipeline.client("cloudformation").create_stack(
            StackName=stack,
            TemplateBody=(ROOT / "examples" / "github-actions" / "role.yaml").read_text(),
            Parameters=[
                {"ParameterKey": "Repository", "ParameterValue": "jwt-pizza/jwt-pizza-service"},
                {"ParameterKey": "MakeProvider", "ParameterValue": "no"},
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
        self.pipeline.client("cloudformation").get_waiter("stack_create_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1}
        )

    def stacks(self) -> set[str]:
        """The stacks of the account, without SAM's own."""
        found = self.pipeline.client("cloudformation").describe_stacks()["Stacks"]
        return {each["StackName"] for each in found} - {"aws-sam-cli-managed-default"}

    def has_log_of_service(self) -> bool:
        """Whether the log group of the service's stack is there."""
        groups = self.pipeline.logs.describe_log_groups()["logGroups"]
        return any(f"{SERVICE}-ecs" in each["logGroupName"] for each in groups)

    def versions(self) -> list[Any]:
        """All versions in the source bucket, the delete markers included."""
        pages = self.pipeline.s3.get_paginator("list_object_versions").paginate(Bucket=self.pipeline.bucket)
        return [each for found in pages for each in (*found.get("Versions", []), *found.get("DeleteMarkers", []))]

    def paste(self, kind: str, folder: Path) -> str:
        """What a shell printed into which the whole page was pasted."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            PASTED[kind],
            input=PAGE,
            cwd=folder,
            env={**os.environ, **self.here.environment, "PATH": path, "HISTFILE": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=SECONDS,
        ).stdout


@pytest.fixture(scope="module")
def installed(docker: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A stack with a recorded image, a service that follows it, and the roles of two repositories."""
    with local_cloud(docker, tmp_path_factory.mktemp("installed")) as here:
        pipeline = Pipeline(here.session(), deploy(here, PARAMETERS), here.endpoint)
        with deployed(here, pipeline, is_balanced=False) as service:
            service.follow_by_itself()
            made = Installed(here, pipeline)
            made.role(f"{SERVICE}-uploader")
            made.role(ANOTHER)
            yield made


@pytest.mark.parametrize("kind", PASTED)
def test_a_stack_that_still_imports_keeps_everything(installed: Installed, tmp_path: Path, kind: str) -> None:
    recorded, images, versions = installed.pipeline.recorded(), installed.pipeline.images(), installed.versions()

    printed = installed.paste(kind, tmp_path)

    assert ANOTHER in printed
    assert installed.stacks() == STACKS - {f"{SERVICE}-uploader"} | {ANOTHER}
    assert installed.pipeline.recorded() == recorded
    assert installed.pipeline.images() == images
    assert installed.versions() == versions
    assert (bool(recorded), bool(images), bool(versions)) == (True, True, True)


def test_nothing_is_left_but_what_others_may_use(installed: Installed, tmp_path: Path) -> None:
    cloudformation, s3 = installed.pipeline.client("cloudformation"), installed.pipeline.s3
    cloudformation.delete_stack(StackName=ANOTHER)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=ANOTHER, WaiterConfig={"Delay": 1})
    installed.pipeline.client("events").disable_rule(Name=installed.pipeline.physical("UploadRule"))
    bucket = installed.pipeline.bucket
    with ThreadPoolExecutor(8) as several:
        list(several.map(lambda _: s3.put_object(Bucket=bucket, Key="many.zip", Body=b""), range(MANY)))
    for key in ODD_KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
        s3.delete_object(Bucket=bucket, Key=key)
    assert len(installed.versions()) >= MANY + 2 * len(ODD_KEYS)
    assert installed.has_log_of_service()

    printed = installed.paste("a terminal", tmp_path)

    assert f"{STACK} is uninstalled.\n" in printed
    assert installed.stacks() == set()
    assert not installed.pipeline.recorded()
    assert not installed.pipeline.ecr.describe_repositories()["repositories"]
    assert bucket not in {each["Name"] for each in s3.list_buckets()["Buckets"]}
    assert not installed.has_log_of_service()
    assert not installed.pipeline.client("lambda").list_layers()["Layers"]
