"""The examples for deploying to ECS: each is read by the tool that it is for, or by AWS's own model."""

import ast
import json
import shlex
import subprocess
import sys
from pathlib import Path

import botocore.session
import hcl2
import pytest
from botocore.validate import validate_parameters
from samcli.commands.deploy.command import cli

from tests.docs.support.documents import ROOT, blocks, section
from tests.support.stack import Stack

PAGE = ROOT / "docs" / "ecs.md"
WORKFLOWS = [str(ROOT / ".venv-scan" / "bin" / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows"]


def the_one(heading: str, language: str) -> str:
    """The one example of a section in a language."""
    (block,) = blocks(section(PAGE, heading), language)
    return block


def test_the_workflow_is_one(tmp_path: Path) -> None:
    file = tmp_path / "deploy.yml"
    file.write_text(the_one("GitHub Actions", "yaml"))

    checked = subprocess.run([*WORKFLOWS, file], capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout


def test_the_workflow_names_the_container_of_the_task_definition() -> None:
    (container,) = json.loads(the_one("The console, or JSON", "json"))["containerDefinitions"]

    assert f"container-name: {container['name']}\n" in the_one("GitHub Actions", "yaml")


@pytest.mark.slow
def test_the_terraform_example_is_in_its_language_and_for_arm64() -> None:
    document = hcl2.loads(the_one("Terraform", "hcl"))

    (resource,) = document["resource"]
    ((definition,),) = [each.values() for each in resource.values()]
    (platform,) = definition["runtime_platform"]
    assert platform["cpu_architecture"].strip('"') == "ARM64"


def test_the_cdk_example_is_python_that_cloudformation_resolves() -> None:
    names = {node.attr for node in ast.walk(ast.parse(the_one("CDK", "python"))) if isinstance(node, ast.Attribute)}

    assert {"value_for_string_parameter", "ARM64"} <= names
    assert "value_from_lookup" not in names


@pytest.mark.parametrize(
    ("heading", "operation"),
    [("The console, or JSON", "RegisterTaskDefinition"), ("Express Mode", "CreateExpressGatewayService")],
)
def test_the_json_is_what_ecs_takes_and_asks_for_arm64(heading: str, operation: str) -> None:
    model = botocore.session.get_session().get_service_model("ecs").operation_model(operation)
    request = json.loads(the_one(heading, "json"))

    assert model.input_shape
    validate_parameters(request, model.input_shape)
    assert "ARM64" in {request.get("cpuArchitecture"), request.get("runtimePlatform", {}).get("cpuArchitecture")}


def test_sam_cli_knows_the_options_and_the_template_the_parameters_of_a_preview() -> None:
    commands, _ = blocks(section(PAGE, "A preview"), "bash")
    words = shlex.split(commands.partition("sam deploy ")[2].replace("\\\n", " "))
    end = words.index("--parameter-overrides")
    unknown = cli.make_parser(cli.context_class(cli)).parse_args(words[:end])[1]
    names = {word.partition("=")[0] for word in words[end + 1 :]}

    assert unknown == []
    assert names <= Stack.from_file().document["Parameters"].keys()


def test_the_example_s_scripts_are_clean_to_shellcheck() -> None:
    scripts = sorted((ROOT / "examples" / "ecs-service").glob("*.sh"))
    shellcheck = Path(sys.executable).with_name("shellcheck")

    checked = subprocess.run([shellcheck, "--severity=style", *scripts], capture_output=True, text=True, check=False)

    assert (bool(scripts), checked.stdout) == (True, "")
