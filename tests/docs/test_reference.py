"""The tables that people look things up in: each entry is true, and none is missing."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_parse

from aws.metrics import ALARM_METRICS
from aws.ssm import REMEDIES
from core import reasons
from core.build_output import build_reasons
from core.notifying import notifications
from core.notifying.notifications import Notification
from core.notifying.statuses import LIFE, Status
from core.reasons import Reason
from core.trial import start_reasons
from core.uploads import ObjectVersion
from core.zips import zip_reasons
from tests.docs.support.documents import ROOT, blocks, rows, section
from tests.support.stack import Stack
from tests.template.support.patterns import matches
from tools import status_diagram

EVENTS, TROUBLESHOOTING, OPERATIONS = (
    ROOT / "docs" / f"{name}.md" for name in ("events", "troubleshooting", "operations")
)
NOTIFICATION = Notification(
    "jwt-pizza-service",
    ObjectVersion("a-bucket", "a key.zip", "v1"),
    Status("failed", "build-20261120T101530Z-6B001DC29329D189-225d2c00", reason="build-failed: x"),
    "jwt-pizza-service:1",
    7,
)


def codes() -> set[str]:
    """All reason codes that the functions and the builder give."""
    constants = [
        value
        for module in (reasons, zip_reasons, build_reasons, start_reasons)
        for value in vars(module).values()
        if isinstance(value, Reason)
    ]
    sources = [path.read_text() for path in (ROOT / "functions").rglob("*.py")]
    made = {code for text in sources for code in re.findall(r'Reason\(\s*"([a-z-]+)"', text)}
    return {each.code for each in constants} | made


def test_troubleshooting_has_every_reason_code_and_no_other() -> None:
    table = section(TROUBLESHOOTING, "No status at all")
    documented = {row[0].strip("`") for row in rows(TROUBLESHOOTING.read_text().replace(table, ""))}
    assert documented == codes()


def test_the_diagram_of_the_statuses_is_drawn_from_their_table() -> None:
    text = TROUBLESHOOTING.read_text()
    assert status_diagram.diagram() in text
    assert status_diagram.drawn(text) == text, "run: PYTHONPATH=functions .venv/bin/python -m tools.status_diagram"


def test_the_page_on_uploading_has_every_status() -> None:
    documented = {row[0].strip("`") for row in rows(section(ROOT / "docs" / "uploading.md", "Read the result"))}
    assert documented == {*LIFE}


def test_the_events_page_has_every_member_of_the_detail() -> None:
    table = EVENTS.read_text().partition("The detail:")[2].partition("Delivery is")[0]
    documented = [name for row in rows(table) for name in re.findall(r"`(\w+)`", row[0])]
    assert documented == list(NOTIFICATION.detail)


def test_the_events_page_has_every_detail_type() -> None:
    table = EVENTS.read_text().partition("The source is")[0]
    assert {row[0].strip("`") for row in rows(table)} == set(notifications.DETAIL_TYPES.values())
    assert f"The source is `{notifications.SOURCE}`." in EVENTS.read_text()


def test_the_operations_page_has_every_alarm() -> None:
    documented = {row[0].strip("`") for row in rows(section(OPERATIONS, "Alarms"))}
    assert documented == set(Stack.from_file().resources("AWS::CloudWatch::Alarm"))


def test_the_operations_page_has_every_metric_that_needs_a_person() -> None:
    documented = {row[0].strip("`"): row[1].strip("`") for row in rows(section(OPERATIONS, "Alarms"), 1)}
    assert documented == {outcome: f"{metric}Alarm" for outcome, metric in ALARM_METRICS.items()}


def test_the_operations_page_names_metrics_that_the_functions_send() -> None:
    sent = " ".join(path.read_text() for path in (ROOT / "functions").rglob("*.py"))
    metrics = re.findall(r"`([A-Z]\w+)`", section(OPERATIONS, "Alarms").rpartition("|")[2])
    assert metrics
    assert [name for name in metrics if f'"{name}"' not in sent] == []


def test_the_operations_page_has_every_error_of_writing_the_parameter() -> None:
    cells = [row[0] for row in rows(section(OPERATIONS, "When the parameter can't be written"))]
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == set(REMEDIES)


@pytest.mark.parametrize("heading", ["To Slack", "To a deployment"])
def test_each_example_s_template_on_the_events_page_is_clean(heading: str, tmp_path: Path) -> None:
    (text,) = blocks(section(EVENTS, heading), "yaml")
    (tmp_path / "template.yaml").write_text(text)
    linter = Path(sys.executable).parent / "cfn-lint"
    ended = subprocess.run([linter, tmp_path / "template.yaml"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize(
    ("heading", "name", "selected"),
    [
        ("To Slack", "Failures", {"Build Failed", "Upload Rejected"}),
        ("To a deployment", "Recorded", {"Image Recorded"}),
    ],
)
def test_each_example_s_rule_on_the_events_page_selects_its_events(heading: str, name: str, selected: set[str]) -> None:
    (text,) = blocks(section(EVENTS, heading), "yaml")
    pattern = yaml_parse(text)["Resources"][name]["Properties"]["EventPattern"]
    entry = NOTIFICATION.entry
    event = {"source": entry["Source"], "detail": json.loads(entry["Detail"])}
    kinds = notifications.DETAIL_TYPES.values()
    assert {kind for kind in kinds if matches(pattern, event | {"detail-type": kind})} == selected
