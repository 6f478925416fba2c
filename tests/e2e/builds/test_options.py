"""A stack whose builds run a tests' stage, get build arguments and compress with zstd."""

import json
import os
import subprocess
from typing import Any

import pytest

from local.emulator import Account
from local.pipeline import Pipeline
from local.sam import deploy_built
from local.sources.samples import BASE
from local.sources.zipping import zip_with
from tests.e2e.conftest import PARAMETERS
from tests.e2e.support.waiting import SECONDS

# The last stage refers to nothing in the tests' stage: BuildKit alone would skip it.
DOCKERFILE = f"""\
{BASE.strip()} AS app
COPY text /
FROM app AS Unit-Tests
RUN grep right /text || {{ echo "text: expected right, found $(cat /text)"; exit 3; }}
FROM app
ARG GREETING
ARG UPLOAD_KEY
ARG UPLOAD_IMAGE_TAG
ENV VERSION=$UPLOAD_IMAGE_TAG KEY=$UPLOAD_KEY
RUN echo "$GREETING $VERSION" > /greeting
CMD ["cat", "/greeting"]
"""
KEY = '-- $HOME `id` "ü", a=b.zip'


@pytest.fixture(scope="module")
def chosen(here: Account, pipeline: Pipeline) -> Pipeline:
    """The stack with these options, in its own account."""
    assert pipeline
    there = here.beside("333333333333")
    options = {"TestTarget": "unit-tests", "BuildArguments": "GREETING=hello:1,UNDECLARED=x", "Compression": "zstd"}
    return Pipeline(there.session(), deploy_built(there, PARAMETERS | options), there.endpoint)


def source(text: str) -> bytes:
    return zip_with({"Dockerfile": DOCKERFILE, "text": text})


def test_failed_tests_prevent_an_image(chosen: Pipeline) -> None:
    upload = chosen.upload("wrong.zip", source("wrong"))
    build = chosen.ended_build(upload, SECONDS)
    log = chosen.log(build)

    assert build["buildStatus"] == "FAILED"
    assert any(line.startswith("tests-failed: Dockerfile:4 RUN grep right") for line in log)
    assert any("text: expected right, found wrong" in line for line in log)
    assert chosen.images() == {}


def test_an_image_whose_tests_pass_knows_its_arguments_and_has_new_layers_in_zstd(
    chosen: Pipeline, docker: dict[str, str]
) -> None:
    upload = chosen.upload(KEY, source("right"))
    recorded = chosen.wait_until_recorded(upload, SECONDS)
    tag = chosen.tags(upload)["image-tag"]
    run = ["docker", "run", "--rm", "--pull", "always", "--platform", "linux/arm64", recorded]
    printed = subprocess.run(run, env=os.environ | docker, capture_output=True, text=True, check=True).stdout
    inspected = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{json .Config.Env}}", recorded],
        env=os.environ | docker,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed == f"hello:1 {tag}\n"
    assert {f"VERSION={tag}", f"KEY={KEY}"} <= set(json.loads(inspected))
    assert [layer["mediaType"].rpartition("+")[2] for layer in layers(chosen, tag)] == ["gzip", "gzip", "zstd", "zstd"]
    assert not any("not consumed" in line or "WARN" in line for line in chosen.log(chosen.ended_build(upload, SECONDS)))


def layers(pipeline: Pipeline, tag: str) -> list[dict[str, Any]]:
    """An image's layers in the registry, the base's first."""
    (image,) = pipeline.ecr.batch_get_image(repositoryName=pipeline.repository, imageIds=[{"imageTag": tag}])["images"]
    found: list[dict[str, Any]] = json.loads(image["imageManifest"])["layers"]
    return found
