"""Measures a one-line change: on an emptied engine with the cache and without it, and on a warm engine.

Also measures both ways to compress new layers, without a cache.
"""

import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.docker import debian
from local.docker.client import docker
from local.pipeline import Pipeline
from local.progress import step
from tools.bench import node_base
from tools.bench.figures import MOST_SECONDS, Figure, alternately, seconds_to_recorded

RUNS = 3
WITHOUT_CACHE, WITH_CACHE, WARM = "emptied engine, no cache", "emptied engine, with the cache", "warm engine"
GZIP, ZSTD = "Compression=gzip", "Compression=zstd"
# A service's packages. Four of them are compiled.
PACKAGES = {
    "name": "service",
    "version": "1.0.0",
    "dependencies": {
        "argon2": "0.44.0",
        "bcrypt": "6.0.0",
        "bufferutil": "4.0.9",
        "express": "4.21.2",
        "jsonwebtoken": "9.0.2",
        "mysql2": "3.11.5",
        "utf-8-validate": "6.0.5",
        "ws": "8.18.0",
    },
}
INSTALL = "npm ci --build-from-source --nodedir=/usr"
# The compiler doesn't stay in the image: one has it for a step, the other in a stage.
DOCKERFILES = {
    "single-stage": f"""\
FROM {{base}}
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=from={{compiler}},source=/usr,target=/usr --mount=from={{compiler}},source=/lib,target=/lib {INSTALL}
COPY main.js ./
CMD ["node", "main.js"]
""",
    "multi-stage": f"""\
FROM {{compiler}} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN {INSTALL}
FROM {{base}}
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY main.js ./
CMD ["node", "main.js"]
""",
}


@dataclass(frozen=True)
class Change:
    """A source of which one line changes from build to build."""

    pipeline: Pipeline
    engine: Mapping[str, str]
    source: Mapping[str, str]

    def uncached(self) -> float:
        """Seconds from the upload to its recording, with an empty engine and no cache."""
        repository = self.pipeline.repository
        self.pipeline.ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": "buildcache"}])
        return self.cached()

    def gzip(self) -> tuple[float, float]:
        """Seconds without a cache, and the image's MiB, with new layers compressed with gzip."""
        return self.compressed("gzip")

    def zstd(self) -> tuple[float, float]:
        """The same with zstd."""
        return self.compressed("zstd")

    def compressed(self, compression: str) -> tuple[float, float]:
        """Seconds without a cache, and the image's MiB, with new layers compressed like this."""
        compress(self.pipeline, compression)
        return self.uncached(), mebibytes(self.pipeline)

    def cached(self) -> float:
        """Seconds from the upload to its recording, with an empty engine."""
        empty(self.engine)
        return self.warm()

    def warm(self) -> float:
        """Seconds from the upload to its recording, on the engine that built the last one."""
        return seconds_to_recorded(self.pipeline, {**self.source, "main.js": f"console.log({time.time_ns()});\n"})


def measure(pipeline: Pipeline, engine: Mapping[str, str]) -> list[Figure]:
    """The three ways for both kinds of Dockerfile."""
    pipeline.ecr.create_repository(repositoryName="node")
    images = {"base": f"{pipeline.registry}/node:22", "compiler": f"{pipeline.registry}/node:22-compiler"}
    node_base.push(engine, images["base"], images["compiler"])
    files = packages()
    figures, single = [], DOCKERFILES["single-stage"]
    for kind, dockerfile in DOCKERFILES.items():
        source = files | {"Dockerfile": dockerfile.format(**images)}
        change = Change(pipeline, engine, source)
        with step(f"A change of one line, {kind}"):
            measured = alternately(RUNS, [change.uncached, change.cached, change.warm])
        subject = f"a change of one line, {kind}"
        figures += [
            Figure(subject, what, "s", values)
            for what, values in zip((WITHOUT_CACHE, WITH_CACHE, WARM), measured, strict=True)
        ]
        ratios = tuple(cached / warm for _, cached, warm in zip(*measured, strict=True))
        figures.append(Figure(subject, "with the cache, times as long as warm", "", ratios))
    with step("Both ways to compress, single-stage"):
        figures += compressions(Change(pipeline, engine, files | {"Dockerfile": single.format(**images)}))
    return figures


def compressions(change: Change) -> list[Figure]:
    """Both ways to compress new layers."""
    figures = []
    for name, measured in zip((GZIP, ZSTD), alternately(RUNS, [change.gzip, change.zstd]), strict=True):
        seconds, sizes = zip(*measured, strict=True)
        figures.append(Figure("compressing, no cache", name, "s", seconds))
        figures.append(Figure("compressing, the image", name, "MiB", sizes))
    return figures


def compress(pipeline: Pipeline, compression: str) -> None:
    """Makes the project's next builds compress like this, as a deployment with that parameter would."""
    name = pipeline.outputs["ProjectName"]
    environment = pipeline.codebuild.batch_get_projects(names=[name])["projects"][0]["environment"]
    others = [each for each in environment["environmentVariables"] if each["name"] != "COMPRESSION"]
    environment["environmentVariables"] = [*others, {"name": "COMPRESSION", "value": compression}]
    pipeline.codebuild.update_project(name=name, environment=environment)


def mebibytes(pipeline: Pipeline) -> float:
    """How large the recorded image's layers are in the repository."""
    digest = pipeline.recorded().rpartition("@")[2]
    answer = pipeline.ecr.batch_get_image(repositoryName=pipeline.repository, imageIds=[{"imageDigest": digest}])
    layers = json.loads(answer["images"][0]["imageManifest"])["layers"]
    return float(sum(layer["size"] for layer in layers)) / 2**20


def packages() -> dict[str, str]:
    """The files by which `npm ci` installs the packages."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "package.json").write_text(json.dumps(PACKAGES))
        debian.run(["npm", "--prefix", folder, "install", "--package-lock-only", "--silent"])
        lock = Path(folder, "package-lock.json").read_text()
    return {"package.json": json.dumps(PACKAGES), "package-lock.json": lock, ".npmrc": node_base.npm_settings()}


def empty(engine: Mapping[str, str]) -> None:
    """Leaves the engine without images, layers and caches, as a machine that has never built."""
    for arguments in (["system", "prune", "--all", "--force"], ["buildx", "prune", "--all", "--force"]):
        docker(arguments, engine, MOST_SECONDS).check_returncode()
