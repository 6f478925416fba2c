"""Everything that a build touches: moto's AWS, an engine in this process, and its own folders."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder import build
from core import build_log
from core.reasons import Reason
from tests.support.wire import Wire
from tests.support.zips import zipped
from tests.unit.builder.support.clients import ours
from tests.unit.builder.support.docker_commands import Outcome
from tests.unit.builder.support.fake_engine import OCI, Engine

BUCKET = "uploads"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
REPOSITORY = "jwt-pizza-service"
TAG = "build-20261124T101500Z-0055AED6DCD90281E5-0123abcd"
VERBS = ("fetch", "build", "try", "push")
DOCKERFILE = "FROM scratch\n"


@dataclass(frozen=True)
class Build:
    """How a build ended: each verb's exit code, and the whole output."""

    codes: list[int]
    log: str

    @property
    def succeeded(self) -> bool:
        """Whether CodeBuild would report success."""
        return not any(self.codes)

    @property
    def reason(self) -> Reason:
        """Why it failed, as RecordImage reads it."""
        found = build_log.reason_in([self.log])
        assert found, self.log
        return found

    @property
    def code(self) -> str:
        """The reason's code, or nothing."""
        return "" if self.succeeded else self.reason.code

    @property
    def sentence(self) -> str:
        """The reason's sentence."""
        return self.reason.sentence


@dataclass
class Sandbox:
    """A machine that can build one upload, with the folder in which CodeBuild starts each command."""

    folder: Path
    engine: Engine
    aws: Wire
    public: Wire
    patch: pytest.MonkeyPatch
    printed: pytest.CaptureFixture[str]

    def upload(self, content: bytes | Mapping[str, str | bytes], key: str = "app.zip") -> None:
        """Puts an upload into the bucket, for the build to fetch."""
        body = content if isinstance(content, bytes) else zipped(content)
        version = ours("s3").put_object(Bucket=BUCKET, Key=key, Body=body)["VersionId"]
        self.variables(SOURCE_KEY=json.dumps(key), SOURCE_VERSION_ID=version)

    def secret(self, text: str) -> None:
        """Puts this text into Secrets Manager, for the build to use."""
        ours("secretsmanager").create_secret(Name="build", SecretString=text)
        self.variables(BUILD_SECRET="build")

    def variables(self, **variables: str) -> None:
        """Adds these variables to the build's environment."""
        for name, value in variables.items():
            self.patch.setenv(name, value)

    def build_fails(self, *outputs: str | bytes) -> None:
        """Makes the next builds print these outputs and fail; later ones repeat the last."""
        self.engine.outcomes = [Outcome(output, 1) for output in outputs]

    def tag(self, name: str) -> None:
        """Puts an image with that tag into the repository."""
        manifest = json.dumps({"mediaType": OCI, "config": "another"})
        ours("ecr").put_image(repositoryName=REPOSITORY, imageTag=name, imageManifest=manifest)

    def tags(self) -> list[str]:
        """The tags in the repository."""
        images = ours("ecr").list_images(repositoryName=REPOSITORY)["imageIds"]
        return [image["imageTag"] for image in images]

    def elsewhere(self) -> set[Path]:
        """All paths except those that the builder keeps and unpacks."""
        return {path for path in self.folder.rglob("*") if not path.is_relative_to(self.folder / "tmp")} - {
            *(self.folder / "source" / "work").rglob("*"),
            self.folder / "source" / "work",
        }

    def execute(self, verbs: Sequence[str] = VERBS) -> Build:
        """Runs these verbs as CodeBuild does, until one fails."""
        codes: list[int] = []
        for verb in verbs:
            codes.append(build.main([verb]))
            if codes[-1]:
                break
        return Build(codes, self.printed.readouterr().out)

    def run(self, *verbs: str) -> Build:
        """Runs these verbs, or all, and checks the facts that hold for every build."""
        before, tagged = self.elsewhere(), TAG in self.tags()
        ended = self.execute(verbs or VERBS)
        assert self.engine.unknown == []
        assert self.elsewhere() == before
        if ended.succeeded:
            assert build_log.reason_in([ended.log]) is None
            assert verbs or TAG in self.tags(), "a build that succeeds leaves its tag"
        else:
            *_, for_people, for_machines = ended.log.splitlines()
            assert for_people == str(ended.reason)
            assert for_people.isprintable()
            assert for_machines == build_log.reason_line(ended.reason)
            assert (TAG in self.tags()) == tagged, "a build that fails leaves no tag"
        assert verbs or not self.engine.containers, "a container is left behind"
        return ended
