"""An update replaces the builder: which builder a running, a queued and the next build use.

In a copy of the project, the builder only prints which builder it is. No build here needs an engine.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.emulator import ROOT, Account, local_cloud
from local.pipeline import Pipeline, Upload, variables, wait_for
from local.sam import STACK, deploy
from local.sources.samples import good
from tests.e2e.conftest import PARAMETERS
from tests.e2e.support.triggers import trigger_schedule
from tests.e2e.support.waiting import SECONDS

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

VERBS = ["fetch", "build", "try", "push"]
BUILDER = """\
import sys
for verb in sys.argv[1:]:
    print(verb, "by the {name} builder")
if {gate!r} and sys.argv[1] == "fetch":
    open({gate!r}).read()
"""
"""Prints which builder it is. With a gate, it waits there."""


@dataclass(frozen=True)
class Updated:
    """A stack before and after its update."""

    pipeline: Pipeline
    before: list[str]
    """The layer's versions after two deployments of the same files."""
    after: list[str]
    """The layer's versions after the update."""
    running: "BuildTypeDef"
    """The build that ran during the update."""
    upload: Upload
    """The upload whose first build was queued during the update."""


def versions(pipeline: Pipeline) -> list[str]:
    """The ARNs of the layer's versions."""
    answer = pipeline.client("lambda").list_layer_versions(LayerName=f"{STACK}-builder")
    return [each["LayerVersionArn"] for each in answer["LayerVersions"]]


def printed(pipeline: Pipeline, build: "BuildTypeDef") -> list[str]:
    """The builder's lines in a build's log."""
    return [line for line in pipeline.log(build) if " by the " in line]


def another(pipeline: Pipeline, upload: Upload) -> "BuildTypeDef | None":
    """The upload's second build, when it has ended."""
    ended = [build for build in pipeline.builds(upload) if build["buildComplete"]]
    return ended[0] if len(ended) == 2 else None


def copied(folder: Path) -> Path:
    """A copy of the deployed files."""
    folder.mkdir()
    shutil.copy(ROOT / "template.yaml", folder)
    shutil.copytree(ROOT / "functions", folder / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """A separate account without an engine."""
    folder = tmp_path_factory.mktemp("updating")
    engine = {"DOCKER_HOST": f"unix://{folder}/none.sock", "DOCKER_CONFIG": str(folder)}
    with local_cloud(engine, folder) as started:
        yield started


@pytest.fixture(scope="module")
def updated(here: Account) -> Updated:
    """A stack that was updated while one build ran and another was queued. Both have ended."""
    project, gate = copied(here.folder / "project"), str(here.folder / "gate")
    program = project / "functions" / "__main__.py"
    os.mkfifo(gate)
    program.write_text(BUILDER.format(name="old", gate=gate))
    deploy(here, PARAMETERS, project)
    pipeline = Pipeline(here.session(), deploy(here, PARAMETERS, project), here.endpoint)
    before = versions(pipeline)

    running = pipeline.codebuild.start_build(projectName=pipeline.outputs["ProjectName"])["build"]
    upload = pipeline.upload("app.zip", good("waits"))
    wait_for("The upload's build", lambda: pipeline.builds(upload), SECONDS)
    with Path(gate).open("w"):  # blocks until the builder opens it
        program.write_text(BUILDER.format(name="new", gate=""))
        deploy(here, PARAMETERS, project)
    pipeline.ended_build(upload, SECONDS)
    (running,) = pipeline.codebuild.batch_get_builds(ids=[running["id"]])["builds"]
    return Updated(pipeline, before, versions(pipeline), running, upload)


def test_a_second_deployment_of_the_same_files_publishes_no_version(updated: Updated) -> None:
    assert len(updated.before) == 1


def test_an_update_leaves_one_version_which_the_project_names(updated: Updated) -> None:
    (project,) = updated.pipeline.codebuild.batch_get_projects(names=[PARAMETERS["ServiceName"]])["projects"]
    named = {each["name"]: each["value"] for each in project["environment"]["environmentVariables"]}

    assert updated.after == [named["BUILDER"]] != updated.before


def test_a_running_build_ends_with_the_builder_that_it_has(updated: Updated) -> None:
    assert updated.running["buildStatus"] == "SUCCEEDED"
    assert printed(updated.pipeline, updated.running) == [f"{verb} by the old builder" for verb in VERBS]


def test_a_queued_build_fails_before_its_first_step_and_says_why(updated: Updated) -> None:
    pipeline, (*_, queued) = updated.pipeline, updated.pipeline.builds(updated.upload)
    failed = [each["phaseType"] for each in queued["phases"] if each.get("phaseStatus") == "FAILED"]
    log = "\n".join(pipeline.log(queued))

    assert failed == ["INSTALL"]
    assert "(AccessDeniedException) when calling the GetLayerVersionByArn operation" in log
    assert f"\nThe builder {updated.before[0]} can't be used: the line above says why." in log
    assert printed(pipeline, queued) == []


def test_its_upload_is_built_again_with_the_new_builder(updated: Updated) -> None:
    pipeline, upload = updated.pipeline, updated.upload
    wait_for(
        "The upload's status",
        lambda: pipeline.tags(upload).get("build-reason", "").startswith("built-again: "),
        SECONDS,
    )
    trigger_schedule(pipeline)
    again = wait_for("The end of another build", lambda: another(pipeline, upload), SECONDS)

    assert variables(again)["BUILDER"] == updated.after[0]
    assert printed(pipeline, again) == [f"{verb} by the new builder" for verb in VERBS]
