"""From staging to prod: one digest goes from account to account, by the document's commands, and is recorded there."""

import json
import shutil
from pathlib import Path

import pytest

from local.docker import debian
from local.emulator import ROOT, Account
from local.pipeline import Pipeline, wait_for
from local.sam import deploy_built
from local.sources.samples import good
from tests.docs.support.documents import blocks, section
from tests.e2e.conftest import PARAMETERS
from tests.e2e.support.shell import run
from tests.e2e.support.shippers import Shipper
from tests.e2e.support.triggers import trigger_schedule
from tests.e2e.support.waiting import SECONDS

PAGE = ROOT / "docs" / "operating" / "stages.md"
STAGING, PROD = (f"{number * 12}.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service" for number in "12")


@pytest.fixture(scope="module")
def prod(here: Account, pipeline: Pipeline) -> Pipeline:
    """Prod's stack, in an account beside staging's."""
    assert pipeline
    there = here.beside("222222222222")
    return Pipeline(there.session(), deploy_built(there, PARAMETERS), there.endpoint)


@pytest.fixture
def home(pipeline: Pipeline, tmp_path: Path) -> dict[str, str]:
    """The variables of somebody with a profile for each account, and a skopeo that takes a registry without TLS."""
    if shutil.which("skopeo") is None and debian.installable():
        debian.install(["skopeo"])
    profiles = {"staging": "000000000000", "prod": "222222222222"}
    lines = [
        f"[profile {name}]\naws_access_key_id = {key}\naws_secret_access_key = test" for name, key in profiles.items()
    ]
    (tmp_path / "config").write_text("\n".join(lines))
    containers = tmp_path / ".config" / "containers"
    containers.mkdir(parents=True)
    (containers / "registries.conf").write_text(f'[[registry]]\nlocation = "{pipeline.registry}"\ninsecure = true\n')
    (containers / "policy.json").write_text(json.dumps({"default": [{"type": "insecureAcceptAnything"}]}))
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "HOME": str(tmp_path),
        "REGISTRY_AUTH_FILE": str(tmp_path / "auth.json"),
    }


def test_what_staging_recorded_is_recorded_by_prod_with_the_same_digest(
    here: Account, pipeline: Pipeline, prod: Pipeline, home: dict[str, str], tmp_path: Path
) -> None:
    upload = pipeline.upload("promoted.zip", good("promoted"))
    staged = pipeline.wait_until_recorded(upload, SECONDS)
    promote, wait = blocks(section(PAGE, "Promote"), "bash")
    commands = promote.replace(STAGING, pipeline.outputs["RepositoryUri"]).replace(PROD, prod.outputs["RepositoryUri"])
    wait_for("The move of latest", lambda: staged.endswith(f"@{pipeline.images()['latest']}"), SECONDS)

    run(here, commands, tmp_path, **home)
    trigger_schedule(prod)
    digest = staged.partition("@")[2]

    # Until there is a parameter, the command says on stderr that there is none.
    assert run(here, wait, tmp_path, **home, DIGEST=digest).splitlines()[-1] == prod.recorded()
    assert prod.recorded() == f"{prod.outputs['RepositoryUri']}@{digest}"
    assert prod.images()[pipeline.tags(upload)["image-tag"]] == digest


def test_ship_does_the_same_and_says_so_where_a_newer_one_is_recorded_there(
    here: Account, pipeline: Pipeline, prod: Pipeline, home: dict[str, str]
) -> None:
    older = pipeline.recorded()
    upload = pipeline.upload("shipped.zip", good("shipped"))
    staged = pipeline.wait_until_recorded(upload, SECONDS)
    shipper = Shipper(here, ("", ""), home)
    arguments = ("--profile", "staging", "--to-profile", "prod")

    with shipper.started("promote", *arguments) as promoting:
        wait_for("The copy", lambda: pipeline.tags(upload)["image-tag"] in prod.images(), SECONDS)
        trigger_schedule(prod)
        said, told = promoting.communicate()
        code = promoting.returncode
    assert (code, said) == (0, f"{prod.recorded()}\n"), told
    assert prod.recorded().partition("@")[2] == staged.partition("@")[2]
    assert shipper.ship("promote", *arguments).stdout == said  # it is recorded there already

    pipeline.ssm.put_parameter(
        Name=pipeline.outputs["ParameterName"], Value=older, Description="Rolled back", Type="String", Overwrite=True
    )
    ended = shipper.ship("promote", *arguments)
    assert (ended.returncode, ended.stdout) == (3, ""), ended.stderr
    assert "is recorded there, so this image was copied but won't be recorded." in ended.stderr
