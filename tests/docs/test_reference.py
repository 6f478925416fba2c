"""What the pages say about statuses and events. `make check` compares the tables that are made from the code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_parse

from core.notifying import notifications
from core.notifying.notifications import Notification
from core.notifying.statuses import LIFE, Status
from core.uploads import ObjectVersion
from tests.docs.support.documents import ROOT, blocks, rows, section
from tests.template.support.patterns import matches

EVENTS = ROOT / "docs" / "reference" / "events.md"
NOTIFICATION = Notification(
    "jwt-pizza-service",
    ObjectVersion("a-bucket", "a key.zip", "v1"),
    Status("failed", "build-20261120T101530Z-6B001DC29329D189-225d2c00", reason="build-failed: x"),
    "jwt-pizza-service:1",
    7,
)


def test_the_events_page_names_the_source() -> None:
    assert f"The source is `{notifications.SOURCE}`." in EVENTS.read_text()


def test_the_page_on_uploading_has_every_status() -> None:
    documented = {row[0].strip("`") for row in rows(section(ROOT / "docs" / "uploading.md", "Read the result"))}
    assert documented == {*LIFE}


def test_the_advice_for_an_older_image_has_a_way_back_for_each_cause() -> None:
    found = {row[0].strip("`"): row[2] for row in rows((ROOT / "docs" / "troubleshooting.md").read_text()) if row[2:]}

    advice = found["rolled-back"]
    assert "After `ship rollback`, `ship forward` returns to the newest image." in advice
    assert "After a change of the service by hand, put the image into the parameter again" in advice
    assert "aws ssm put-parameter" in section(ROOT / "docs" / "ecs.md", "Deploy each image automatically")


def test_each_example_s_template_on_the_events_page_is_clean(tmp_path: Path) -> None:
    templates = [tmp_path / "slack.yaml", tmp_path / "deployment.yaml"]
    for template, heading in zip(templates, ["To Slack", "To a deployment"], strict=True):
        (text,) = blocks(section(EVENTS, heading), "yaml")
        template.write_text(text)
    linter = Path(sys.executable).parent / "cfn-lint"
    ended = subprocess.run([linter, *templates], capture_output=True, text=True, check=False)
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
