"""Docker's arguments, word for word."""

import json
from pathlib import Path

import pytest

from builder.state import FOLDER, SECRETS, State
from builder.steps import buildx
from builder.variables import Variables

REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app"
CACHE = f"type=registry,ref={REPOSITORY}:buildcache"
ENVIRONMENT = {
    "SOURCE_BUCKET": "uploads",
    "SOURCE_KEY": '"dir/-a b,c.zip"',
    "SOURCE_VERSION_ID": "-v1",
    "IMAGE_TAG": "build-1",
    "REPOSITORY_URI": REPOSITORY,
    "DOCKERFILE_PATH": "Dockerfile",
}
COMMON = [
    *("docker", "buildx", "build", "--progress", "plain", "--platform", "linux/arm64", "--provenance=false"),
]
FACTS = [
    *("--build-arg", "UPLOAD_KEY=dir/-a b,c.zip", "--build-arg", "UPLOAD_VERSION_ID=-v1"),
    *("--build-arg", "UPLOAD_IMAGE_TAG=build-1"),
]
INTO = ("--output", "type=image,oci-mediatypes=true")
GIVEN = ["--file", "/given/dockerfile/Dockerfile", "/given/tree"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the builder runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(**variables: str) -> Variables:
    """A build's variables."""
    return Variables.from_environment(ENVIRONMENT | variables)


def at(*, keeps_cache: bool = True, secrets: tuple[str, ...] = ()) -> State:
    """The build's state after fetching."""
    return State(
        context="/given/tree", dockerfile="/given/dockerfile/Dockerfile", secrets=secrets, keeps_cache=keeps_cache
    )


def result(folder: Path, *into: str) -> list[str]:
    """The options of every image build, and its destination."""
    return [
        *("--metadata-file", str(folder / FOLDER / "built.json"), "--tag", f"{REPOSITORY}:build-1", *into),
        *("--label", "org.opencontainers.image.version=build-1"),
        *("--label", "org.opencontainers.image.source=s3://uploads/dir/-a%20b%2Cc.zip?versionId=-v1"),
    ]


def test_an_image_is_built_with_these_options(folder: Path) -> None:
    build = at()
    to = f"{CACHE},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true"
    assert buildx.command(asked(), build, buildx.result(asked(), build), from_cache=True) == [
        *(*COMMON, *FACTS, "--cache-from", CACHE, *result(folder, *INTO), "--cache-to", to, *GIVEN)
    ]


def test_every_option_of_a_stack_is_in_the_command(folder: Path) -> None:
    variables = asked(BUILD_TARGET="runtime", BUILD_ARGUMENTS="A=1,B=x=y")
    build = at(keeps_cache=False, secrets=("NPM_TOKEN", "pip.conf"))
    assert buildx.command(variables, build, buildx.result(variables, build), from_cache=False) == [
        *(*COMMON, "--build-arg", "A=1", "--build-arg", "B=x=y", *FACTS, *result(folder, "--load")),
        *("--target", "runtime"),
        *("--secret", f"id=NPM_TOKEN,src={folder / SECRETS}/NPM_TOKEN"),
        *("--secret", f"id=pip.conf,src={folder / SECRETS}/pip.conf", *GIVEN),
    ]


def test_the_tests_stage_reads_the_cache_and_writes_none() -> None:
    variables = asked(TEST_TARGET="test", BUILD_TARGET="runtime")
    assert buildx.command(variables, at(), buildx.tests(variables), from_cache=True) == [
        *(*COMMON, *FACTS, "--cache-from", CACHE, "--target", "test", "--output", "type=cacheonly", *GIVEN)
    ]


def test_zstd_is_for_new_layers_of_the_image_and_of_the_cache(folder: Path) -> None:
    variables, build = asked(COMPRESSION="zstd"), at()
    zstd = "compression=zstd,compression-level=3"
    to = f"{CACHE},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true,{zstd}"
    into = ("--output", f"type=image,oci-mediatypes=true,{zstd}")
    assert buildx.command(variables, build, buildx.result(variables, build), from_cache=True) == [
        *(*COMMON, *FACTS, "--cache-from", CACHE, *result(folder, *into), "--cache-to", to, *GIVEN)
    ]


def test_without_containerd_s_store_no_zstd_is_requested() -> None:
    build = at(keeps_cache=False)
    assert buildx.result(asked(COMPRESSION="zstd"), build) == buildx.result(asked(), build)


@pytest.mark.parametrize("key", ["a\nUPLOAD_IMAGE_TAG=x", "--load", "=,$(id) `id` ${HOME} \\ \"'", "größe/\u202e"])
def test_any_key_is_the_value_of_one_argument(key: str) -> None:
    arguments = buildx.arguments(asked(SOURCE_KEY=json.dumps(key)))
    assert arguments == [f"UPLOAD_KEY={key}", "UPLOAD_VERSION_ID=-v1", "UPLOAD_IMAGE_TAG=build-1"]


@pytest.mark.parametrize("option", ["--network", "--allow", "--driver-opt", "--privileged", "--add-host"])
def test_a_build_gets_no_further_privileges(option: str) -> None:
    variables, build = asked(BUILD_TARGET="a", BUILD_ARGUMENTS="A=1"), at(secrets=("A",))
    words = buildx.command(variables, build, buildx.result(variables, build), from_cache=True)
    assert not [word for word in words if word.startswith(option)]


def test_two_uploads_of_one_source_have_different_labels() -> None:
    one, other = asked(), asked(IMAGE_TAG="build-2")
    assert buildx.labels(one) != buildx.labels(other)
