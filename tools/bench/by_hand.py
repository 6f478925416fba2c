"""Measures uploads beside what people do by hand: `docker build`, `docker tag`, `docker push`."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.docker import base_image
from local.docker.client import docker
from local.pipeline import Pipeline
from local.progress import step
from tools.bench.figures import MOST_SECONDS, Figure, alternately, seconds, seconds_to_recorded

BASE, BY_HAND = "base", "by-hand"
"""The repositories of the base image, and of what is pushed by hand."""
ENDS, KEEPS_RUNNING = 'CMD ["/bin/cat", "/text"]\n', 'CMD ["/bin/sleep", "60"]\n'
IMAGES = {
    "a trivial image": (ENDS, 7),
    "a trivial image that keeps running": (KEEPS_RUNNING, 7),
    "an image with 20 s of work": (f"RUN sleep 20\n{ENDS}", 5),
}
"""The last lines of the Dockerfile, below the line that copies what changes, and the number of runs."""


@dataclass(frozen=True)
class Comparison:
    """The two ways from a source, which differs each time, to an image in the registry."""

    pipeline: Pipeline
    engine: Mapping[str, str]
    last_lines: str

    def by_hand(self) -> float:
        """Seconds for what people do without Source to ECR; their login lasts for 12 hours, and isn't counted."""
        image = f"{self.pipeline.registry}/{BY_HAND}:latest"
        with tempfile.TemporaryDirectory() as folder:
            for name, text in self.files().items():
                Path(folder, name).write_text(text)
            build = ["buildx", "build", "--platform", "linux/arm64", "--provenance=false", "--load", "--tag", "by-hand"]
            return seconds(lambda: self.docker([*build, folder], ["tag", "by-hand", image], ["push", image]))

    def uploaded(self) -> float:
        """Seconds from the upload to its recording."""
        return seconds_to_recorded(self.pipeline, self.files())

    def files(self) -> dict[str, str]:
        """The source's files."""
        return trivial(self.pipeline, self.last_lines)

    def docker(self, *commands: list[str]) -> None:
        """Runs docker's commands."""
        for arguments in commands:
            docker(arguments, self.engine, MOST_SECONDS).check_returncode()


def trivial(pipeline: Pipeline, last_lines: str = ENDS) -> dict[str, str]:
    """A small source with new content each time, so that no step below its COPY comes from a cache."""
    return {
        "Dockerfile": f"FROM {pipeline.registry}/{BASE}:stable\nCOPY text /\n{last_lines}",
        "text": str(time.time_ns()),
    }


def measure(pipeline: Pipeline, engine: Mapping[str, str]) -> list[Figure]:
    """The two ways, for each source, in turns."""
    for repository in (BASE, BY_HAND):
        pipeline.ecr.create_repository(repositoryName=repository)
    base = f"{pipeline.registry}/{BASE}:stable"
    Comparison(pipeline, engine, "").docker(["tag", base_image.NAME, base], ["push", base])
    figures = []
    for subject, (last_lines, runs) in IMAGES.items():
        both = Comparison(pipeline, engine, last_lines)
        with step(f"{subject.capitalize()}, by hand and uploaded"):
            alternately(1, [both.by_hand, both.uploaded])  # then the functions are warm, and there is a cache
            by_hand, uploaded = alternately(runs, [both.by_hand, both.uploaded])
        more = tuple(ours - theirs for theirs, ours in zip(by_hand, uploaded, strict=True))
        ratios = tuple(ours / theirs for theirs, ours in zip(by_hand, uploaded, strict=True))
        figures += [
            Figure(subject, "by hand: build, tag, push", "s", by_hand),
            Figure(subject, "from upload to recorded", "s", uploaded),
            Figure(subject, "more than by hand", "s", more),
            Figure(subject, "times as long as by hand", "", ratios),
        ]
    return figures
