"""The pages with figures say what docs/performance.json says, and that has all that was promised to be measured."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from local.bench import costs, picture, report
from tests.docs.support.documents import ROOT

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What the benchmark found."""
    measured: dict[str, Any] = json.loads((DOCS / "performance.json").read_text())
    return measured


def test_the_page_is_written_from_the_figures(found: dict[str, Any]) -> None:
    assert (DOCS / "performance.md").read_text() == report.document(found)


def test_the_picture_is_drawn_from_the_figures(found: dict[str, Any]) -> None:
    drawing = (DOCS / "performance.svg").read_text()

    assert drawing == picture.drawing(found)
    assert ElementTree.fromstring(drawing).tag.endswith("svg")  # noqa: S314  # our own


def test_the_readme_has_the_two_figures(found: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text()

    assert report.figures(found) in readme
    assert report.with_figures(readme, found) == readme


def test_every_figure_has_its_spread_and_its_place_on_the_page(found: dict[str, Any]) -> None:
    subjects = tuple(subject for *_, begun in report.SECTIONS for subject in begun)

    for figure in found["figures"]:
        assert figure["min"] <= figure["median"] <= figure["max"]
        assert figure["subject"].startswith(subjects), figure["subject"]


def test_costs_are_summed() -> None:
    assert sum(part.dollars for part in costs.of_an_idle_month()) == pytest.approx(4.54, abs=0.01)
    assert sum(part.dollars for part in costs.of_a_build()) == pytest.approx(0.028, abs=0.001)
