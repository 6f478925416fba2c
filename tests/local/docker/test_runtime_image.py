"""The image of `sam local invoke`: for this machine's architecture, by the names that SAM CLI looks for."""

import pytest
from samcli.local.docker.lambda_image import LambdaImage, Runtime
from samcli.local.docker.utils import get_docker_platform, get_rapid_name

from local.docker import runtime_image
from local.docker.runtime_image import ARM64, HERE, X86_64, Architecture, of_machine


@pytest.mark.parametrize(
    ("machine", "architecture"), [("aarch64", ARM64), ("arm64", ARM64), ("x86_64", X86_64)]
)  # Graviton, Apple silicon, x86
def test_a_machine_runs_the_functions_natively(machine: str, architecture: Architecture) -> None:
    assert of_machine(machine) == architecture


def test_the_image_has_the_name_that_sam_cli_looks_for() -> None:
    image = f"{LambdaImage._INVOKE_REPO_PREFIX}/{Runtime.get_image_name_tag('python3.13', HERE.name)}"

    assert image == runtime_image.BASE
    assert image.replace("3.13-", "3.13-rapid-") == runtime_image.NAME


@pytest.mark.parametrize("architecture", [ARM64, X86_64])
def test_sam_cli_knows_the_architecture(architecture: Architecture) -> None:
    assert get_docker_platform(architecture.name) == f"linux/{architecture.platform}"
    assert runtime_image.EMULATOR.with_name(get_rapid_name(architecture.name)).is_file()
