"""docs/builds.md: a build with a secret, a login and a deleted cache, by the commands that stand there."""

import gzip
import hashlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.account import ROOT, Account
from local.pipeline import Pipeline, Upload
from local.sources import zip_with
from local.stack import STACK, deploy
from local.subscriber import Subscriber
from tests.docs.support.documents import blocks, section
from tests.e2e.conftest import PARAMETERS
from tests.e2e.support.shell import run
from tests.e2e.support.uploads import BASE, SECONDS, SERVES

DOCUMENT = ROOT / "docs" / "builds.md"
TOKEN, PASSWORD = "npm_s3cr3tT0ken", "s3cr3tPassw0rd"  # made up
MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture(scope="module")
def with_secret(here: Account, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The stack, whose builds have a secret while the tests of this file run."""
    folder = tmp_path_factory.mktemp("secret")
    registry = here.endpoint.removeprefix("http://127.0.0.1")
    secret = {"NPM_TOKEN": TOKEN, f"registry:localhost{registry}": f"somebody:{PASSWORD}"}
    (folder / "secret.json").write_text(json.dumps(secret))
    (commands,) = blocks(section(DOCUMENT, "Private things"), "bash")
    create, deployment = commands.splitlines()
    assert deployment.startswith("sam deploy --parameter-overrides ")
    run(here, create, folder)
    name, _, value = deployment.rpartition(" ")[2].partition("=")
    deploy(here, PARAMETERS | {name: value})
    yield pipeline
    deploy(here, PARAMETERS)


@pytest.fixture(scope="module")
def upload(with_secret: Pipeline) -> Upload:
    """One that was recorded, whose build used the secret."""
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    use = f"RUN --mount=type=secret,id=NPM_TOKEN sha256sum /run/secrets/NPM_TOKEN | grep {digest}\n"
    made = with_secret.upload("private.zip", zip_with({"Dockerfile": f"{BASE}{use}RUN env > /env\n{SERVES}"}))
    with_secret.wait_until_recorded(made, SECONDS)
    return made


def blobs(here: Account, pipeline: Pipeline, tag: str) -> Iterator[bytes]:
    """All that the registry has under a tag: the manifest, the configuration and each file of each layer."""
    address = f"{here.endpoint}/v2/{pipeline.repository}"
    request = urllib.request.Request(f"{address}/manifests/{tag}", headers={"Accept": MANIFESTS})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        manifest = answer.read()
    yield manifest
    for blob in [json.loads(manifest)["config"], *json.loads(manifest)["layers"]]:
        with urllib.request.urlopen(f"{address}/blobs/{blob['digest']}") as answer:  # noqa: S310
            content = answer.read()
        yield content if content[:1] == b"{" else gzip.decompress(content)


@pytest.mark.parametrize("value", [TOKEN, PASSWORD])
def test_a_secret_is_nowhere_but_where_a_step_asks_for_it(
    here: Account, with_secret: Pipeline, subscriber: Subscriber, upload: Upload, value: str
) -> None:
    build = with_secret.ended_build(upload, SECONDS)
    pushed = [*blobs(here, with_secret, with_secret.tags(upload)["image-tag"])]
    cached = [*blobs(here, with_secret, "buildcache")]
    log = "".join(with_secret.log(build))
    told = json.dumps([subscriber.wait_for_event(upload), subscriber.wait_for_mail(upload), with_secret.tags(upload)])

    assert len(pushed) > 3
    assert len(cached) > 3
    assert any(b"PATH=" in blob for blob in pushed), "the file that has the variables of a RUN"
    assert "sha256sum /run/secrets/NPM_TOKEN" in log
    assert not [blob for blob in pushed + cached if value.encode() in blob]
    assert value not in log
    assert value not in json.dumps(build, default=str)
    assert value not in told


def test_the_right_to_the_secret_comes_with_the_parameter(with_secret: Pipeline) -> None:
    assert policies(with_secret) == {"build", "build-secret"}


def test_deleting_the_cache_has_the_next_build_do_all_anew(
    here: Account, with_secret: Pipeline, upload: Upload, tmp_path: Path
) -> None:
    (delete,) = blocks(section(DOCUMENT, "The cache of layers"), "bash")
    assert "buildcache" in with_secret.images()
    run(here, delete, tmp_path)
    assert "buildcache" not in with_secret.images()
    assert with_secret.tags(upload)["build-status"] == "recorded"


def policies(pipeline: Pipeline) -> set[str]:
    """The names of the policies of the build's role."""
    cloudformation = pipeline.client("cloudformation")
    role = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId="ImageBuildRole")
    name = role["StackResourceDetail"]["PhysicalResourceId"]
    return set(pipeline.client("iam").list_role_policies(RoleName=name)["PolicyNames"])
