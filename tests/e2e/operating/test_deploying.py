"""docs/operating/deploying.md: the deployment from CI, run as it stands there."""

from pathlib import Path

from local.emulator import ROOT, Account
from local.pipeline import Pipeline
from tests.docs.support.documents import blocks, section
from tests.e2e.support.shell import run

MOST_BYTES_OF_OUR_OWN, MOST_BYTES_OF_POWERTOOLS = 225_000, 3_810_000


def test_what_is_deployed_is_small(here: Account, pipeline: Pipeline) -> None:
    assert pipeline
    package = here.folder / "build" / "StartBuild"
    files = [path for path in package.rglob("*") if path.is_file()]

    own = {path for path in files if (ROOT / "functions" / path.relative_to(package)).exists()}

    assert sum(path.stat().st_size for path in own) <= MOST_BYTES_OF_OUR_OWN
    assert sum(path.stat().st_size for path in files if path not in own) <= MOST_BYTES_OF_POWERTOOLS
    assert not [path for path in files if path.suffix in {".so", ".pyc"}]


def test_a_deployment_from_ci_that_changes_nothing_ends_well(
    here: Account, pipeline: Pipeline, recorded_before: str, project_folder: Path
) -> None:
    (commands,) = blocks(section(ROOT / "docs" / "operating" / "deploying.md", "From CI"), "bash")
    assert "No changes to deploy" in run(here, commands, project_folder)
    assert pipeline.recorded() == recorded_before
