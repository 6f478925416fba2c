"""The layer cache on new machines, whose engine the builder restarts to have one."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.docker import base_image, debian
from local.emulator import ROOT
from tests.e2e.support.waiting import SECONDS

CONTAINERD = ["driver-type", "io.containerd.snapshotter.v1"]
GZIP, ZSTD = (f"application/vnd.oci.image.layer.v1.tar+{name}" for name in ("gzip", "zstd"))
ANEW = ["dependencies", "more"]

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare"), reason="Only root may make a machine's namespaces, on Linux."
)


@pytest.fixture(scope="module")
def became(docker: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each build of the scenario, in namespaces of its own."""
    if debian.installable():
        debian.install(["iproute2"])
    folder = tmp_path_factory.mktemp("machines")
    busybox = folder / "busybox"
    container = base_image_container(docker)
    subprocess.run(["docker", "cp", f"{container}:/bin/busybox", busybox], env=os.environ | docker, check=True)
    subprocess.run(["docker", "rm", container], env=os.environ | docker, check=True)
    environment = os.environ | docker | {"PYTHONPATH": str(ROOT)}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    del environment["DOCKER_HOST"]
    namespaces = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc"]
    program = [sys.executable, "-m", "tests.e2e.support.build_machine", str(folder), str(busybox)]
    subprocess.run([*namespaces, *program], env=environment, check=True, timeout=SECONDS)
    found: dict[str, dict[str, Any]] = json.loads((folder / "became.json").read_text())
    return found


def base_image_container(docker: dict[str, str]) -> str:
    create = ["docker", "create", "--platform", "linux/arm64", base_image.NAME]
    return subprocess.run(create, env=os.environ | docker, capture_output=True, text=True, check=True).stdout.strip()


def said(build: dict[str, Any], text: str) -> bool:
    return any(text in line for line in build["log"])


def test_whatever_the_cache_is_the_build_succeeds(became: dict[str, dict[str, Any]]) -> None:
    assert len(became) == 13
    assert [name for name, build in became.items() if not (build["succeeded"] and build["tagged"])] == []


def test_the_engine_is_started_with_the_image_store_that_exports_caches(became: dict[str, dict[str, Any]]) -> None:
    assert CONTAINERD in became["first"]["store"]
    assert not became["first"]["listens"], "the API is on no TCP port any more"


def test_a_machine_that_never_built_takes_the_layers_of_another(became: dict[str, dict[str, Any]]) -> None:
    assert became["first"]["made"] == ANEW
    assert became["second"]["made"] == []


@pytest.mark.parametrize("cache", ["its index expired", "corrupt", "foreign"])
def test_a_cache_that_does_not_fit_costs_time_alone(became: dict[str, dict[str, Any]], cache: str) -> None:
    assert became[cache]["made"] == ANEW
    assert not said(became[cache], "Building without the cache")


def test_a_cache_whose_layers_are_gone_is_left_out_and_replaced(became: dict[str, dict[str, Any]]) -> None:
    assert said(became["layers expired"], "Building without the cache")
    assert became["layers expired"]["made"] == ANEW
    assert became["after that"]["made"] == []


def test_new_layers_use_the_stack_s_compression_and_cached_ones_stay(became: dict[str, dict[str, Any]]) -> None:
    assert became["first"]["layers"] == [GZIP] * 4
    assert became["first"]["cached"] == [GZIP] * 5
    assert became["zstd"]["made"] == ANEW
    assert became["zstd"]["layers"] == [GZIP, ZSTD, ZSTD, ZSTD]
    assert sorted(became["zstd"]["cached"]) == [GZIP, ZSTD, ZSTD, ZSTD, ZSTD]
    assert became["gzip again"]["made"] == []
    assert became["gzip again"]["layers"] == [GZIP, ZSTD, ZSTD, GZIP]


def test_images_of_docker_hub_come_through_the_mirror(became: dict[str, dict[str, Any]]) -> None:
    assert said(became["from Docker Hub"], "load metadata for docker.io/library/base:build-1")
    assert became["from Docker Hub"]["mirrors"]
    assert not became["without the mirror"]["mirrors"]


def test_an_engine_that_does_not_start_so_goes_on_as_it_was(became: dict[str, dict[str, Any]]) -> None:
    build = became["an engine that doesn't start so"]
    assert CONTAINERD not in build["store"]
    assert said(
        build,
        "The engine doesn't start with containerd's image store. It starts with its old one, without its TCP port.",
    )
    assert said(build, "This engine can't export a layer cache")
    assert said(build, "The layers are compressed with gzip: zstd needs containerd's image store.")
    assert not build["listens"], "a start that fails opens no TCP port again"


def test_an_engine_that_was_given_stays_as_it_is(became: dict[str, dict[str, Any]]) -> None:
    build = became["an engine that is given"]
    assert CONTAINERD not in build["store"]
    assert build["listens"]
