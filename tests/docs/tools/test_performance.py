"""The pages with figures say what docs/figures/performance.json says, and that has all that was promised."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.docs.support.documents import ROOT
from tests.support.stack import Stack
from tools import costs
from tools.bench import picture, report

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What the benchmark found."""
    measured: dict[str, Any] = json.loads((DOCS / "figures" / "performance.json").read_text())
    return measured


def test_the_page_is_written_from_the_figures(found: dict[str, Any]) -> None:
    assert (DOCS / "performance.md").read_text() == report.document(found)


def test_the_picture_is_drawn_from_the_figures(found: dict[str, Any]) -> None:
    drawing = (DOCS / "figures" / "performance.svg").read_text()

    assert drawing == picture.drawing(found)
    assert ElementTree.fromstring(drawing).tag.endswith("svg")  # noqa: S314  # our own


def test_the_readme_has_the_figures(found: dict[str, Any]) -> None:
    assert report.figures(found) in (ROOT / "README.md").read_text()


def test_the_page_of_costs_has_the_costs() -> None:
    assert report.monthly(1, 5, 10) in (DOCS / "costs.md").read_text()  # `make costs` writes it


@pytest.mark.parametrize(("page", "name"), [("README.md", "figures"), ("docs/costs.md", "costs")])
def test_a_page_is_rewritten_between_its_two_marks_alone(page: str, name: str) -> None:
    text = (ROOT / page).read_text()
    before, old, after = split(text, f"<!-- {name} -->\n")

    assert report.in_place(text, name, old) == text
    assert report.in_place(text, name, "new\n") == f"{before}<!-- {name} -->\nnew\n<!-- -->{after}"


def split(text: str, mark: str) -> tuple[str, str, str]:
    """A page before a mark, between it and the next, and after that."""
    before, _, rest = text.partition(mark)
    between, _, after = rest.partition("<!-- -->")
    return before, between, after


def test_every_figure_has_its_spread_and_its_place_on_the_page(found: dict[str, Any]) -> None:
    subjects = tuple(subject for *_, begun in report.SECTIONS for subject in begun)

    for figure in found["figures"]:
        assert figure["min"] <= figure["median"] <= figure["max"]
        assert figure["subject"].startswith(subjects), figure["subject"]


def test_costs_are_summed() -> None:
    alarms = costs.alarms() * costs.ALARM_MONTH

    assert sum(part.dollars for part in costs.of_an_idle_month()) - alarms == pytest.approx(3.90, abs=0.01)
    assert sum(part.dollars for part in costs.of_a_build()) == pytest.approx(0.028, abs=0.001)


def test_what_aws_gives_free_is_an_accounts_and_not_a_services() -> None:
    for number in (1, 5, 10):
        month = {part.what.partition(":")[0]: part.dollars for part in costs.of_a_month(number)}

        assert month["dashboards"] == 3.00 * max(0, number - 3)
        assert month["alarms"] == pytest.approx(0.10 * max(0, number * costs.alarms() - 10))
        assert month["polling"] == pytest.approx(0.45 * (1.296 * number - 1))


def test_what_is_counted_is_what_the_templates_have() -> None:
    stack, service = Stack.from_file(), Stack.from_file("examples/ecs-service/template.yaml").document["Parameters"]
    follower = Stack.from_file("examples/ecs-service/auto-deploy.yaml")
    queues = [
        queue.get("FifoQueue", False) for queue in stack.all("AWS::SQS::Queue").values() if "RedrivePolicy" in queue
    ]

    assert costs.alarms() == len(stack.resources("AWS::CloudWatch::Alarm"))
    assert costs.alarms("examples/ecs-service/auto-deploy.yaml") == len(follower.resources("AWS::CloudWatch::Alarm"))
    assert sorted(queues) == [False, True]  # those that Lambda polls
    assert follower.properties("Queue")["FifoQueue"]
    assert stack.function("StartBuild")["Events"]["Uploads"]["Properties"]["ScalingConfig"]["MaximumConcurrency"] == 2
    assert float(service["Cpu"]["Default"]) / 1024 == costs.TASK_VCPU
    assert float(service["Memory"]["Default"]) / 1024 == costs.TASK_GB
