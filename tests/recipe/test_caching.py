"""The layer cache in ECR: used where the engine can, and never the reason why a build fails."""

import pytest

from tests.recipe.support.sandbox import REGISTRY, REPOSITORY, Sandbox

CACHE = f"type=registry,ref={REGISTRY}/{REPOSITORY}:buildcache"
HOLE = "failed to solve: failed to compute cache key: failed to copy: could not fetch content descriptor sha256:9"
NO_CACHE = f"#4 ERROR: failed to configure registry cache importer: {REGISTRY}/{REPOSITORY}:buildcache: not found\n"
RUN_FAILED = 'failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1'


def builds(sandbox: Sandbox) -> list[list[str]]:
    return sandbox.calls("docker", "buildx", "build")


def test_layers_come_from_the_cache_and_go_to_it(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    built = sandbox.built()
    assert built["cache-from"] == CACHE
    assert built["cache-to"] == f"{CACHE},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true"


@pytest.mark.parametrize("store", [[["Backing Filesystem", "extfs"]], []])
def test_an_engine_whose_image_store_exports_no_cache_builds_without_it(sandbox: Sandbox, store: list[object]) -> None:
    sandbox.plan["store"] = store
    build = sandbox.run()
    assert build.succeeded
    assert "This engine keeps no cache of layers: every step is done anew." in build.log
    assert (sandbox.built()["cache-from"], sandbox.built()["cache-to"]) == (None, None)


def test_a_cache_with_holes_costs_time_and_is_mended(sandbox: Sandbox) -> None:
    sandbox.build_fails(f"ERROR: {HOLE}\n")
    sandbox.plan["second"] = {"status": 0, "output": b"#7 DONE 0.1s\n".hex()}
    build = sandbox.run()
    assert build.succeeded
    assert "Building without the cache" in build.log
    assert sandbox.built()["cache-from"] is None
    assert sandbox.built()["cache-to"].startswith(CACHE)


def test_the_reason_is_that_of_the_build_without_the_cache(sandbox: Sandbox) -> None:
    sandbox.build_fails(f"ERROR: {HOLE}\n")
    sandbox.plan["second"] = {"output": f"ERROR: {RUN_FAILED}\n".encode().hex()}
    assert sandbox.run().sentence == RUN_FAILED
    assert len(builds(sandbox)) == 2


@pytest.mark.parametrize(
    "output",
    [
        pytest.param(f"ERROR: {RUN_FAILED}\n", id="a step that failed by itself"),
        pytest.param("ERROR: failed to solve: dockerfile parse error on line 2: x\n", id="a Dockerfile with a mistake"),
        pytest.param(f"{NO_CACHE}ERROR: {HOLE}\n", id="no cache was there"),
    ],
)
def test_a_build_that_no_cache_made_fail_is_not_repeated(sandbox: Sandbox, output: str) -> None:
    sandbox.build_fails(output)
    assert sandbox.run().code == "build-failed"
    assert len(builds(sandbox)) == 1


def test_without_a_cache_nothing_is_repeated(sandbox: Sandbox) -> None:
    sandbox.plan["store"] = []
    sandbox.build_fails(f"ERROR: {HOLE}\n")
    assert sandbox.run().code == "build-failed"
    assert len(builds(sandbox)) == 1


def test_an_engine_that_was_given_is_never_started_anew(sandbox: Sandbox) -> None:
    sandbox.command("dockerd", "#!/bin/sh\necho started >> $FAKES/dockerd\n")
    assert sandbox.run().succeeded
    assert not (sandbox.fakes / "dockerd").exists()
    assert sandbox.calls("docker", "version") == []


def test_an_engine_that_does_not_answer_is_the_build_system_s_fault(sandbox: Sandbox) -> None:
    sandbox.errors["info"] = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock."
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence == f"The engine does not answer. {sandbox.errors['info']}"
