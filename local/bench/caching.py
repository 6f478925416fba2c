"""A change of one line, built by the product on an emptied engine with the cache, without it, and on a warm engine."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local import debian
from local.bench import node_base
from local.bench.figures import Figure, alternately, seconds_to_recorded
from local.pipeline import Pipeline
from local.progress import step

RUNS = 3
WITHOUT_CACHE, WITH_CACHE, WARM = "emptied engine, no cache", "emptied engine, with the cache", "warm engine"
# A service's usual packages: what it runs with, and what it is tested and built with.
PACKAGES = {
    "name": "service",
    "version": "1.0.0",
    "dependencies": {"express": "4.21.2", "jsonwebtoken": "9.0.2", "mysql2": "3.11.5"},
    "devDependencies": {"eslint": "9.17.0", "jest": "29.7.0", "supertest": "7.0.0", "typescript": "5.7.2"},
}
DEPENDENCIES = "WORKDIR /app\nCOPY package.json package-lock.json .npmrc ./\nRUN npm ci\n"
DOCKERFILES = {
    "single-stage": "FROM {base}\n" + DEPENDENCIES + 'COPY main.js ./\nCMD ["node", "main.js"]\n',
    "multi-stage": (
        "FROM {base} AS build\n" + DEPENDENCIES + "COPY main.js ./\nRUN node --check main.js\n"
        "FROM {base}\nCOPY --from=build /app /app\n"
        'CMD ["node", "/app/main.js"]\n'
    ),
}


@dataclass(frozen=True)
class Change:
    """A source of which one line changes from build to build."""

    pipeline: Pipeline
    engine: Mapping[str, str]
    source: Mapping[str, str]

    def uncached(self) -> float:
        """Seconds from the upload to its recording, where the engine is empty and no cache is there."""
        repository = self.pipeline.repository
        self.pipeline.ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": "buildcache"}])
        return self.cached()

    def cached(self) -> float:
        """Seconds from the upload to its recording, where the engine is empty."""
        empty(self.engine)
        return self.warm()

    def warm(self) -> float:
        """Seconds from the upload to its recording, where the engine built the last one."""
        return seconds_to_recorded(self.pipeline, {**self.source, "main.js": f"console.log({time.time_ns()});\n"})


def measure(pipeline: Pipeline, engine: Mapping[str, str]) -> list[Figure]:
    """The three ways for both kinds of Dockerfile."""
    pipeline.ecr.create_repository(repositoryName="node")
    node_base.push(engine, f"{pipeline.registry}/node:22")
    files = packages()
    figures = []
    for kind, dockerfile in DOCKERFILES.items():
        source = files | {"Dockerfile": dockerfile.format(base=f"{pipeline.registry}/node:22")}
        change = Change(pipeline, engine, source)
        with step(f"A change of one line, {kind}"):
            measured = alternately(RUNS, [change.uncached, change.cached, change.warm])
        subject = f"a change of one line, {kind}"
        figures += [
            Figure(subject, what, "s", values)
            for what, values in zip((WITHOUT_CACHE, WITH_CACHE, WARM), measured, strict=True)
        ]
    return figures


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
        subprocess.run(["docker", *arguments], env=os.environ | engine, capture_output=True, check=True)
