"""`sam local invoke` of both functions, by the README's own commands, in Lambda's image for arm64."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.account import ROOT, Account
from local.bridge import bridged
from local.cloud.settings import Settings
from local.pipeline import Pipeline, wait_for
from local.runtime_image import bound_to
from local.stack import STACK
from tests.docs.documents import blocks, section
from tests.e2e.uploads import SECONDS, good

KEY = "by-hand.zip"
MADE = ("settings.json", "event.json")


@pytest.fixture(scope="module")
def environment(here: Account, docker: dict[str, str], pipeline: Pipeline) -> Iterator[dict[str, str]]:
    """What the commands run under. The functions in their containers know this account alone."""
    with bridged(here.endpoint, docker) as reachable, bound_to(reachable, docker):
        tools = f"{Path(sys.executable).parent}{os.pathsep}" + docker.get("PATH", os.environ["PATH"])
        yield {**os.environ, **docker, **here.environment, "PATH": tools, "BUCKET": pipeline.bucket, "KEY": KEY}
    for name in MADE:
        (ROOT / name).unlink(missing_ok=True)


@pytest.fixture
def silence(here: Account, pipeline: Pipeline) -> Iterator[None]:
    """Nothing starts by itself while this lasts: no upload and no build's end rings."""
    rule = pipeline.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId="UploadRule")
    name = rule["StackResourceDetail"]["PhysicalResourceId"]
    here.set(Settings(build_events=False))
    pipeline.client("events").disable_rule(Name=name)
    yield
    pipeline.client("events").enable_rule(Name=name)
    here.set(Settings())


def run(commands: str, environment: dict[str, str]) -> str:
    """What the commands print, the function's log included, in a shell that ends at the first error."""
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


@pytest.mark.usefixtures("first", "silence")
def test_start_build_starts_a_build_and_record_image_records_it(
    pipeline: Pipeline, environment: dict[str, str]
) -> None:
    start, record = blocks(section(ROOT / "README.md", "Run one function by itself"), "bash")
    upload = pipeline.upload(KEY, good("by hand"))
    assert '{"batchItemFailures": []}' in run(start, environment)
    wait_for("The image", lambda: pipeline.image_of(upload), SECONDS)
    assert pipeline.recorded() != pipeline.image_of(upload)
    run(record, environment)
    assert pipeline.recorded() == pipeline.image_of(upload)
