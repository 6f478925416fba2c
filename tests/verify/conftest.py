"""A run that has begun, in a folder of its own."""

from pathlib import Path

import boto3
import pytest

from local.pipeline import Pipeline
from ship.aws.access import Access
from tests.verify.support.answers import OUTPUTS, STACK, Answers
from tests.verify.support.stories import evidence
from verify import run
from verify.run import Run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the runs."""
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def begun() -> Run:
    """A run that has begun."""
    run = Run.new("111122223333", "us-east-1")
    run.save()
    return run


@pytest.fixture
def answers() -> Answers:
    """Nothing is answered yet. Nothing is waited for."""
    pipeline = Pipeline(boto3.Session(), OUTPUTS, None, STACK)
    found = evidence(pipeline=pipeline, with_dashboard=pipeline)
    found.access, found.patience = Access(), 0.0
    return Answers(found)
