"""docs/builds.md: a build with a secret, a login and a deleted cache, by the commands that stand there.

And what BuildKit shows of such a build to a frontend that the upload chooses itself.
"""

import gzip
import hashlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.emulator import ROOT, Account
from local.pipeline import Pipeline, Upload
from local.sam import STACK, deploy_built
from local.sources.samples import BASE, SERVES
from local.sources.zipping import zip_with
from local.subscriber import Subscriber
from tests.docs.support.documents import blocks, section
from tests.e2e.conftest import PARAMETERS
from tests.e2e.support.frontend import frontend
from tests.e2e.support.shell import run
from tests.e2e.support.waiting import SECONDS
from tests.support.zips import Link, zipped

DOCUMENT = ROOT / "docs" / "builds.md"
TOKEN, PASSWORD = "npm_s3cr3tT0ken", "s3cr3tPassw0rd"  # made up
FILES = {
    "app/Dockerfile.dockerignore": "text\n",
    "app/text": "text",
    "app/up": Link(".."),
    "app/machine": Link("/"),
    "app/etc": Link("/etc"),
}
MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture(scope="module")
def there(here: Account) -> Account:
    """An account of this file's own."""
    return here.beside("555555555555")


@pytest.fixture(scope="module")
def with_secret(there: Account, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A stack whose builds have a secret."""
    assert pipeline
    folder = tmp_path_factory.mktemp("secret")
    registry = there.endpoint.removeprefix("http://127.0.0.1")
    secret = {"NPM_TOKEN": TOKEN, f"registry:localhost{registry}": f"somebody:{PASSWORD}"}
    (folder / "secret.json").write_text(json.dumps(secret))
    (commands,) = blocks(section(DOCUMENT, "Private things"), "bash")
    create, deployment = commands.splitlines()
    assert deployment.startswith(".venv/bin/sam deploy --parameter-overrides ")
    run(there, create, folder)
    name, _, value = deployment.rpartition(" ")[2].partition("=")
    return Pipeline(there.session(), deploy_built(there, PARAMETERS | {name: value}), there.endpoint)


@pytest.fixture(scope="module")
def told(with_secret: Pipeline) -> Subscriber:
    """The subscriber to all that this stack publishes."""
    return Subscriber.at(with_secret)


@pytest.fixture(scope="module")
def upload(with_secret: Pipeline, told: Subscriber) -> Upload:
    """One that was recorded, whose build used the secret."""
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    use = f"RUN --mount=type=secret,id=NPM_TOKEN sha256sum /run/secrets/NPM_TOKEN | grep {digest}\n"
    made = with_secret.upload("private.zip", zip_with({"Dockerfile": f"{BASE}{use}RUN env > /env\n{SERVES}"}))
    with_secret.wait_until_recorded(made, SECONDS)
    return made


def blobs(pipeline: Pipeline, tag: str) -> Iterator[bytes]:
    """All that the registry has under a tag: the manifest, the configuration and each file of each layer."""
    host, _, name = pipeline.outputs["RepositoryUri"].partition("/")
    address = f"http://{host}/v2/{name}"
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
    with_secret: Pipeline, told: Subscriber, upload: Upload, value: str
) -> None:
    build = with_secret.ended_build(upload, SECONDS)
    pushed = [*blobs(with_secret, with_secret.tags(upload)["image-tag"])]
    cached = [*blobs(with_secret, "buildcache")]
    log = "".join(with_secret.log(build))
    news = json.dumps([told.wait_for_event(upload), told.wait_for_mail(upload), with_secret.tags(upload)])

    assert len(pushed) > 3
    assert len(cached) > 3
    assert any(b"PATH=" in blob for blob in pushed), "the file that has the variables of a RUN"
    assert "sha256sum /run/secrets/NPM_TOKEN" in log
    assert not [blob for blob in pushed + cached if value.encode() in blob]
    assert value not in log
    assert value not in json.dumps(build, default=str)
    assert value not in news


@pytest.fixture(scope="module")
def seen(docker: dict[str, str], with_secret: Pipeline) -> dict[str, Any]:
    """What the upload's own frontend could read during its build."""
    wanted = {
        "behind links": ["up/secrets/NPM_TOKEN", "up/password.txt", "machine/etc/passwd", "etc/passwd"],
        "above": ["..", "/../..", "/tmp", "/proc/self"],
        "other folders": ["", ".", "..", "/", "/tmp", "/var/lib/docker", "secrets", "dockerfile/..", "context/.."],
        "secrets": ["NPM_TOKEN", f"registry:{with_secret.registry}", "password.txt"],
    }
    with frontend(docker, wanted) as name:
        made = with_secret.upload("frontend.zip", zipped({"app/Dockerfile": f"# syntax={name}\n{BASE}", **FILES}))
        log = with_secret.log(with_secret.ended_build(made, SECONDS))
    report = next(line for line in log if line.startswith("ERROR: failed to solve: seen: "))
    found: dict[str, Any] = json.loads(report.partition("seen: ")[2])
    return found


def test_a_frontend_reads_the_dockerfile_and_its_ignore_file_and_nothing_else(seen: dict[str, Any]) -> None:
    both = ["Dockerfile", "Dockerfile.dockerignore"]
    assert seen["dockerfile"].keys() == {f"/{name}" for name in both}
    assert seen["dockerfile"]["/Dockerfile.dockerignore"] == "text\n"
    assert seen["above"] == {"..": both, "/../..": both, "/tmp": [], "/proc/self": []}
    assert set(seen["other folders"].values()) == {None}


def test_a_frontend_reads_of_the_context_what_was_uploaded(seen: dict[str, Any]) -> None:
    links = {"/up": "-> ..", "/machine": "-> /", "/etc": "-> /etc"}
    files = {"/text": "text", "/Dockerfile.dockerignore": "text\n", "/Dockerfile": seen["dockerfile"]["/Dockerfile"]}
    assert seen["context"] == files | links
    assert seen["context, links followed"] == links
    assert set(seen["behind links"].values()) == {None}


def test_a_frontend_gets_what_a_step_could_ask_for_and_no_more(seen: dict[str, Any], with_secret: Pipeline) -> None:
    assert seen["secrets"] == {"NPM_TOKEN": TOKEN, f"registry:{with_secret.registry}": None, "password.txt": None}
    assert seen["steps"] == {"as a RUN": "ran", "in the host's network": None, "privileged": None}
    assert PASSWORD not in json.dumps(seen)


def test_the_right_to_the_secret_comes_with_the_parameter(with_secret: Pipeline) -> None:
    assert policies(with_secret) == {"build", "build-secret"}


def test_deleting_the_cache_has_the_next_build_do_all_anew(
    there: Account, with_secret: Pipeline, upload: Upload, tmp_path: Path
) -> None:
    (delete,) = blocks(section(DOCUMENT, "The cache of layers"), "bash")
    assert "buildcache" in with_secret.images()
    run(there, delete, tmp_path)
    assert "buildcache" not in with_secret.images()
    assert with_secret.tags(upload)["build-status"] == "recorded"


def policies(pipeline: Pipeline) -> set[str]:
    """The names of the policies of the build's role."""
    cloudformation = pipeline.client("cloudformation")
    role = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId="ImageBuildRole")
    name = role["StackResourceDetail"]["PhysicalResourceId"]
    return set(pipeline.client("iam").list_role_policies(RoleName=name)["PolicyNames"])
