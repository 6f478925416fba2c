"""`sam local invoke` of both functions in Lambda's image, with the commands of docs/operating/local-invoke.md."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.docker.bridge import bridged
from local.docker.locks import Lock
from local.docker.private_engine import HOME
from local.docker.runtime_image import bound_to
from local.emulator import ROOT, Account
from local.pipeline import Pipeline, wait_for
from local.sources.samples import good
from tests.docs.support.documents import blocks
from tests.e2e.support.shell import run
from tests.e2e.support.triggers import without_build_events
from tests.e2e.support.waiting import SECONDS

KEY = "by-hand.zip"
MADE = ("settings.json", "event.json")


@pytest.fixture(scope="module")
def environment(here: Account, docker: dict[str, str], pipeline: Pipeline) -> Iterator[dict[str, str]]:
    """The commands' variables. The functions in their containers know this account alone."""
    one_at_a_time = Lock(HOME / "local-invoke.lock").held()  # all clones use one engine, and the image has one name
    with one_at_a_time, bridged(here.endpoint, docker) as reachable, bound_to(reachable, docker):
        yield {**docker, "BUCKET": pipeline.bucket, "KEY": KEY}
    for name in MADE:
        (ROOT / name).unlink(missing_ok=True)


@pytest.fixture
def stillness(here: Account, pipeline: Pipeline) -> Iterator[None]:
    """Nothing starts by itself while this lasts: no upload and no build's end triggers anything."""
    rule, events = pipeline.physical("UploadRule"), pipeline.client("events")
    with without_build_events(here):
        events.disable_rule(Name=rule)
        yield
        events.enable_rule(Name=rule)


@pytest.mark.usefixtures("first", "stillness")
def test_start_build_starts_a_build_and_record_image_records_it(
    here: Account, pipeline: Pipeline, environment: dict[str, str], project_folder: Path
) -> None:
    architecture, start, record = blocks((ROOT / "docs" / "operating" / "local-invoke.md").read_text(), "bash")
    upload = pipeline.upload(KEY, good("by hand"))
    assert '{"batchItemFailures": []}' in run(here, architecture + start, project_folder, **environment)
    wait_for("The image", lambda: pipeline.image_of(upload), SECONDS)
    assert pipeline.recorded() != pipeline.image_of(upload)
    run(here, architecture + record, project_folder, **environment)
    assert pipeline.recorded() == pipeline.image_of(upload)
