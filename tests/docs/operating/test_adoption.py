"""docs/operating/adoption.md: what of the adoption can be tried without AWS."""

import re
import subprocess
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_dump, yaml_parse

from tests.docs.support.documents import ROOT, blocks
from tests.support.stack import Stack

(COMMANDS,) = blocks((ROOT / "docs" / "operating" / "adoption.md").read_text(), "bash")


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    """A folder with the template as SAM CLI writes it."""
    (tmp_path / "packaged.yaml").write_text(yaml_dump(yaml_parse((ROOT / "template.yaml").read_text())))
    return tmp_path


def test_the_adopted_template_names_the_repository_and_differs_in_nothing_else(packaged: Path) -> None:
    (edit,) = re.findall(r"^ *(sed .*) &&$", COMMANDS, re.MULTILINE)
    subprocess.run(["bash", "-euc", f"SERVICE=jwt-pizza-service; {edit}"], cwd=packaged, check=True)
    before, after = (yaml_parse((packaged / name).read_text()) for name in ("packaged.yaml", "adopt.yaml"))

    assert after["Resources"]["Repository"]["Properties"]["RepositoryName"] == "jwt-pizza-service"
    before["Resources"]["Repository"]["Properties"]["RepositoryName"] = "jwt-pizza-service"
    assert before == after


def test_the_adoption_asks_for_the_capabilities_that_the_template_needs() -> None:
    assert re.findall(r"--capabilities (.*?) *\\?$", COMMANDS, re.MULTILINE) == ["CAPABILITY_IAM"]
    assert Stack.from_file().document["Transform"] == "AWS::Serverless-2016-10-31"


def test_the_adoption_names_a_service_that_the_template_takes() -> None:
    pattern = Stack.from_file().document["Parameters"]["ServiceName"]["AllowedPattern"]
    (name,) = re.findall(r"^SERVICE=(\S+)$", COMMANDS, re.MULTILINE)
    assert '"ParameterKey=ServiceName,ParameterValue=$SERVICE"' in COMMANDS
    assert re.search(pattern, name)
