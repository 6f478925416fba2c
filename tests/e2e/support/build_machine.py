"""Build machines like CodeBuild's: each with its own empty engine, started the way AWS's images start it.

Run inside its own namespaces, this program builds one source after the other with the builder, each on a new machine,
and prints the results as JSON. All share the local cloud's registry.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloud.builds.buildspec import parse
from local.emulator import BUILD_TOOLS, ROOT, Account, local_cloud
from local.pipeline import wait_for
from local.sources.zipping import zip_with

# https://github.com/aws/aws-codebuild-docker-images, al/aarch64/standard/4.0/dockerd-entrypoint.sh
AS_AWS_STARTS_IT = [
    "dockerd",
    "--host=unix:///var/run/docker.sock",
    "--host=tcp://127.0.0.1:2375",
    "--storage-driver=overlay2",
]
SECONDS = 300
BUCKET, REPOSITORY = "uploads", "service"
OCI = "application/vnd.oci.image.manifest.v1+json"
# Each stage has a step that says so when it runs, and what is copied last is what changes.
DOCKERFILE = """\
FROM scratch AS dependencies
COPY --chmod=755 busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "echo made dependencies; echo 1 > /made"]
FROM scratch
COPY --chmod=755 busybox /bin/busybox
COPY --from=dependencies /made /made
RUN ["/bin/busybox", "sh", "-c", "echo made more; echo 1 > /more"]
COPY text /text
CMD ["/bin/busybox", "cat", "/text"]
"""
CHANGED = DOCKERFILE.replace("echo 1 >", "echo 2 >")


@dataclass
class Machines:
    """The machines, of which one runs at a time, and the cloud beside them."""

    cloud: Account
    folder: Path
    busybox: bytes
    builds: int = 0

    @property
    def registry(self) -> str:
        """The registry's host and port."""
        return self.cloud.endpoint.removeprefix("http://")

    def build(self, dockerfile: str = DOCKERFILE, path: str = "", **variables: str) -> dict[str, Any]:
        """Builds a source that differs from the ones before in one line; on a machine that has built nothing yet."""
        self.builds += 1
        key, tag = f"{self.builds}.zip", f"build-{self.builds}"
        source = zip_with({"Dockerfile": dockerfile, "text": str(self.builds), "busybox": self.busybox})
        client = self.cloud.session().client("s3", endpoint_url=self.cloud.endpoint)
        version = client.put_object(Bucket=BUCKET, Key=key, Body=source)["VersionId"]
        environment = {
            **os.environ,
            **self.cloud.environment,
            "PATH": os.pathsep.join([*([path] if path else []), str(BUILD_TOOLS), os.environ["PATH"]]),
            "SOURCE_BUCKET": BUCKET,
            "SOURCE_KEY": json.dumps(key),
            "SOURCE_VERSION_ID": version,
            "IMAGE_TAG": tag,
            "REPOSITORY_URI": f"{self.registry}/{REPOSITORY}",
            "DOCKERFILE_PATH": "Dockerfile",
            "DOCKER_HUB_MIRROR": self.cloud.endpoint,
            **variables,
        }
        with self.machine():
            log, succeeded = self.run(environment)
            engine = json.loads(docker("info", "--format", "json"))
            listens = f":{2375:04X} " in Path("/proc/net/tcp").read_text()
        is_tagged = tag in self.tags()
        return {
            "succeeded": succeeded,
            "log": log,
            "made": [line.rpartition(" ")[2] for line in log if re.fullmatch(r"#\d+ \d+\.\d+ made \w+", line)],
            "store": engine["DriverStatus"],
            "mirrors": engine["RegistryConfig"]["Mirrors"],
            "listens": listens,
            "tagged": is_tagged,
            "layers": self.layers(tag) if is_tagged else [],
            "cached": self.layers("buildcache"),
        }

    def run(self, environment: dict[str, str]) -> tuple[list[str], bool]:
        """Runs the builder's commands and returns their output and whether all succeeded."""
        folder = self.folder / f"build-{self.builds}"
        folder.mkdir()
        shutil.make_archive(str(folder / "builder"), "zip", ROOT / "functions")
        _, *phases = parse((ROOT / "buildspec.yml").read_text())
        for command in (command for phase in phases for command in phase.commands):
            with (folder / "log").open("a+") as output:  # no pipe, since the engine that is started holds it open
                ended = subprocess.run(
                    ["bash", "-c", command],
                    cwd=folder,
                    env=environment | {"HOME": str(folder)},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    check=False,
                )
            if ended.returncode:
                break
        return (folder / "log").read_text().splitlines(), ended.returncode == 0

    @contextmanager
    def machine(self) -> Iterator[None]:
        """An engine without images, layers or caches, whoever started it last."""
        shutil.rmtree("/var/lib/docker", ignore_errors=True)
        with Path("/var/log/docker.log").open("a") as log:
            subprocess.Popen(AS_AWS_STARTS_IT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for("The engine", lambda: docker("version"), SECONDS)
        try:
            yield
        finally:
            process = int(Path("/var/run/docker.pid").read_text())
            os.kill(process, 15)
            wait_for("The engine's end", lambda: not Path("/var/run/docker.pid").exists(), SECONDS)

    def tags(self) -> list[str]:
        """The tags in the repository."""
        client = self.cloud.session().client("ecr", endpoint_url=self.cloud.endpoint)
        images = client.describe_images(repositoryName=REPOSITORY)["imageDetails"]
        return [tag for image in images for tag in image.get("imageTags", [])]

    def copy(self, tag: str, repository: str) -> None:
        """Puts an image into another repository of the registry, too."""
        self.cloud.session().client("ecr", endpoint_url=self.cloud.endpoint).create_repository(
            repositoryName=repository
        )
        manifest = self.request("GET", f"manifests/{tag}")
        for blob in [json.loads(manifest)["config"], *json.loads(manifest)["layers"]]:
            mount = f"blobs/uploads/?mount={blob['digest']}&from={REPOSITORY}"
            self.request("POST", mount, repository=repository)
        self.request("PUT", f"manifests/{tag}", manifest, repository)

    def request(self, method: str, path: str, body: bytes | None = None, repository: str = REPOSITORY) -> bytes:
        """Asks the registry itself."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.cloud.endpoint}/v2/{repository}/{path}", body, {"Content-Type": OCI, "Accept": OCI}, method=method
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            content: bytes = answer.read()
        return content

    def layers(self, tag: str) -> list[str]:
        """The media type of each layer under a tag."""
        return [layer["mediaType"] for layer in json.loads(self.request("GET", f"manifests/{tag}"))["layers"]]

    def cache(self) -> dict[str, Any]:
        """The cache's manifest."""
        manifest: dict[str, Any] = json.loads(self.request("GET", "manifests/buildcache"))
        return manifest


def docker(*arguments: str) -> str:
    """What the command printed; empty if it failed."""
    ended = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    return ended.stdout if ended.returncode == 0 else ""


def isolate(folder: Path) -> None:
    """Gives this process a loopback, and folders in which the engine finds nothing of the machine's."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    for name in ("/var/lib", "/var/log"):
        own = folder / name.removeprefix("/")
        own.mkdir(parents=True)
        subprocess.run(["mount", "--bind", own, name], check=True)


def scenario(machines: Machines) -> dict[str, dict[str, Any]]:
    """What became of each build, by what it is about."""
    became = {"first": machines.build(), "second": machines.build()}
    machines.copy("build-1", "library/base")
    for layer in machines.cache()["layers"]:
        machines.request("DELETE", f"blobs/{layer['digest']}")
    became["layers expired"] = machines.build()
    became["after that"] = machines.build()
    machines.request("DELETE", f"blobs/{machines.cache()['config']['digest']}")
    became["its index expired"] = machines.build()
    manifest = machines.cache()
    no_index = manifest | {"config": manifest["layers"][0] | {"mediaType": manifest["config"]["mediaType"]}}
    machines.request("PUT", "manifests/buildcache", json.dumps(no_index).encode())
    became["corrupt"] = machines.build()
    machines.request("PUT", "manifests/buildcache", machines.request("GET", "manifests/build-1"))
    became["foreign"] = machines.build()
    became["without the mirror"] = machines.build(DOCKER_HUB_MIRROR="")
    became["zstd"] = machines.build(CHANGED, COMPRESSION="zstd")
    became["gzip again"] = machines.build(CHANGED)
    became["from Docker Hub"] = machines.build("FROM base:build-1\nCOPY text /other\n")
    refusing = machines.folder / "refusing"
    refusing.mkdir()
    program = f'#!/bin/sh\ncase "$*" in *config-file*) exit 1 ;; esac\nexec {shutil.which("dockerd")} "$@"\n'
    (refusing / "dockerd").write_text(program)
    (refusing / "dockerd").chmod(0o755)
    became["an engine that doesn't start so"] = machines.build(path=str(refusing), COMPRESSION="zstd")
    became["an engine that is given"] = machines.build(DOCKER_HOST="unix:///var/run/docker.sock")
    return became


def main(folder: Path, busybox: Path) -> None:
    """Runs the scenario in this process's namespaces, and writes what became of it."""
    program = busybox.read_bytes()
    isolate(folder)
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    with local_cloud({"PATH": os.environ["PATH"]}, folder) as cloud:
        machines = Machines(cloud, folder, program)
        session = cloud.session()
        session.client("s3", endpoint_url=cloud.endpoint).create_bucket(Bucket=BUCKET)
        session.client("s3", endpoint_url=cloud.endpoint).put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        session.client("ecr", endpoint_url=cloud.endpoint).create_repository(repositoryName=REPOSITORY)
        (folder / "became.json").write_text(json.dumps(scenario(machines)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
