"""An update of the stack with another builder: the builds that began during it and right after, and its events."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from local.emulator import ROOT
from local.pipeline import Pipeline, wait_for
from ship.aws.access import Access
from verify import stacks
from verify.gathering.uploads import Story, followed, probe, send
from verify.run import Run

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

SOURCES = ("template.yaml", "samconfig.toml", "buildspec.yml")
UPDATE_SECONDS = 15 * 60.0


@dataclass(frozen=True)
class BuilderUpdate:
    """Two uploads, made during the update and right after it, and CloudFormation's events of it, the oldest first."""

    during: Story
    after: Story
    events: "list[StackEventTypeDef]"


def update_builder(
    access: Access, run: Run, pipeline: Pipeline, parameters: Mapping[str, str], nonce: str
) -> BuilderUpdate:
    """Updates the stack with a builder that differs by a comment, and uploads meanwhile."""
    before = {each["EventId"] for each in stacks.events(access, pipeline.stack)}
    with other_builder(run.id + nonce) as source, ThreadPoolExecutor(1) as background:
        deployed = background.submit(stacks.deploy, access, run, pipeline.stack, parameters, source)

        def is_under_way() -> bool:
            (stack,) = access.cloudformation.describe_stacks(StackName=pipeline.stack)["Stacks"]
            return stack["StackStatus"] == "UPDATE_IN_PROGRESS" or deployed.done()

        wait_for("The update of the stack", is_under_way, UPDATE_SECONDS)
        during = send(pipeline, "during.zip", probe(nonce, "during"))
        deployed.result()
    after = send(pipeline, "after.zip", probe(nonce, "after"))
    events = [each for each in reversed(stacks.events(access, pipeline.stack)) if each["EventId"] not in before]
    return BuilderUpdate(followed(pipeline, during), followed(pipeline, after), events)


@contextmanager
def other_builder(comment: str) -> Iterator[Path]:
    """A copy of the stack's sources whose builder has one more comment."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(ROOT / "functions", copy / "functions", ignore=shutil.ignore_patterns("__pycache__"))
        for name in SOURCES:
            shutil.copy(ROOT / name, copy / name)
        with (copy / "functions" / "builder" / "build.py").open("a") as program:
            program.write(f"# {comment}\n")
        yield copy
