"""All that a build of the recipe touches: S3, ECR and the engine as folders, the recipe's commands among them."""

import json
import os
import py_compile
import re
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.zips import zipped

BUILDSPEC = Path(__file__).parents[3] / "buildspec.yml"
COMMANDS: list[str] = yaml.safe_load(BUILDSPEC.read_text())["phases"]["build"]["commands"]
PYTHON = Path(sys.executable).resolve()

BUCKET = "uploads"
REGISTRY = "127.0.0.1:4566"
REPOSITORY = "jwt-pizza-service"
TAG = "build-20261124T101500Z-0055AED6DCD90281E5-0123abcd"
OCI = "application/vnd.oci.image.manifest.v1+json"

# As CodeBuild's own open runner does it: a script for each command, environment and folder kept for the next.
SCRIPT = """\
cd "$(cat "$STATE/folder")"
set -a
. "$STATE/environment"
set +a
{command}
status=$?
export -p > "$STATE/environment"
pwd > "$STATE/folder"
exit "$status"
"""


def program(machine: int = 0xB7, tail: bytes = b"code") -> bytes:
    """The beginning of an ELF file for that machine; 0xB7 is AArch64, 0x3E x86-64."""
    return b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + b"\x02\0" + machine.to_bytes(2, "little") + tail


@cache
def compiled(name: str) -> str:
    """The fake of that name, compiled: it starts a thousand times."""
    return str(py_compile.compile(str(Path(__file__).parent / "fakes" / f"{name}.py"), doraise=True))


@dataclass(frozen=True)
class Build:
    """How a build ended: each command's status, all it printed, and the reason's file if there is one."""

    statuses: list[int]
    log: str
    report: str | None

    @property
    def succeeded(self) -> bool:
        """Whether CodeBuild would call it a success."""
        return not any(self.statuses)

    @property
    def code(self) -> str:
        """The reason's code, or nothing."""
        return (self.report or "::").split(":")[1].strip()

    @property
    def sentence(self) -> str:
        """What the reason says after its code."""
        return (self.report or "::").split(":", 2)[2].strip()


@dataclass
class Sandbox:
    """A folder in which one upload can be built."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    """The build's environment."""
    errors: dict[str, str] = field(default_factory=dict)
    """What AWS's operations and docker's commands fail with, by their names."""
    plan: dict[str, Any] = field(default_factory=dict)
    """What the engine is, what `docker build` gives, the second time too, and what becomes of its container."""

    def __post_init__(self) -> None:
        for made in ("fakes/ecr", "fakes/engine/containers", "fakes/root", "bin", "source", "home", "tmp", "state"):
            (self.folder / made).mkdir(parents=True)
        self.fakes = self.folder / "fakes"
        (self.fakes / "ecr" / "tags.json").write_text("{}")
        for name in ("aws", "docker"):
            self.command(name, f'#!/bin/sh\nexec {PYTHON} -IS {compiled(name)} "$@"\n')
        self.variables = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "STATE": str(self.folder / "state"),
            "FAKES": str(self.fakes),
            "SOURCE_BUCKET": BUCKET,
            "REPOSITORY_URI": f"{REGISTRY}/{REPOSITORY}",
            "IMAGE_TAG": TAG,
            "DOCKERFILE_PATH": "Dockerfile",
            "DOCKER_HOST": "unix:///nowhere",  # the recipe starts no engine anew that was given to it
        }
        self.plan |= {
            "output": b"#7 exporting layers\n#7 DONE 0.1s\n".hex(),
            "status": 0,
            "signal": 0,
            "labels": {},
            "media_type": OCI,
            "store": [["driver-type", "io.containerd.snapshotter.v1"]],
            "second": {},
            "refusal": "",
            "ended": None,
            "printed": "",
        }
        self.upload(zipped({"Dockerfile": "FROM scratch\n"}))
        self.image({"/app": program()}, Cmd=["/app"])

    def upload(self, content: bytes, key: str = "app.zip", version: str = "v1") -> None:
        """Puts one object version into the bucket, for the build to fetch."""
        (self.folder / "object").write_bytes(content)
        found = {"bucket": BUCKET, "key": key, "version": version, "file": str(self.folder / "object")}
        (self.fakes / "objects.json").write_text(json.dumps([found]))
        self.variables |= {"SOURCE_KEY": json.dumps(key), "SOURCE_VERSION_ID": version}

    def image(self, files: dict[str, bytes | str], mode: int = 0o755, **config: Any) -> None:
        """Lays out the image that `docker build` will give: files by content, links as the text that they hold."""
        for path, content in files.items():
            file = self.fakes / "root" / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                file.symlink_to(content)
            else:
                file.write_bytes(content)
                file.chmod(mode)
        self.plan["config"] = config

    def build_fails(self, output: str | bytes) -> None:
        """Has `docker build` print this and fail."""
        self.plan |= {"output": (output.encode() if isinstance(output, str) else output).hex(), "status": 1}

    def container_ends(self, status: int, output: str | bytes = "") -> None:
        """Has the image's program end at once with this exit status, having printed this."""
        printed = output.encode() if isinstance(output, str) else output
        self.plan |= {"ended": status, "printed": printed.hex()}

    def container_does_not_start(self, words: str) -> None:
        """Has the engine refuse to start the image's program."""
        self.plan["refusal"] = f"Error response from daemon: {words}"

    def command(self, name: str, script: str) -> None:
        """Has another program answer to that name."""
        file = self.folder / "bin" / name
        file.write_text(script)
        file.chmod(0o755)

    def tags(self) -> dict[str, str]:
        """The digest that each tag in the repository names."""
        found: dict[str, str] = json.loads((self.fakes / "ecr" / "tags.json").read_text())
        return found

    def tag(self, name: str, digest: str) -> None:
        """Puts an image with that tag into the repository."""
        (self.fakes / "ecr" / REPOSITORY).mkdir(exist_ok=True)
        image = {"imageManifest": "{}", "imageManifestMediaType": OCI}
        (self.fakes / "ecr" / REPOSITORY / digest).write_text(json.dumps(image))
        (self.fakes / "ecr" / "tags.json").write_text(json.dumps({**self.tags(), name: digest}))

    def secret(self, name: str, text: str) -> None:
        """Has Secrets Manager hold this text, and the build use it."""
        (self.fakes / "secrets").mkdir(exist_ok=True)
        (self.fakes / "secrets" / name).write_text(text)
        self.variables["BUILD_SECRET"] = name

    def logins(self) -> dict[str, list[str]]:
        """The user and the password of each registry that somebody logged in to."""
        found: dict[str, list[str]] = json.loads((self.fakes / "engine" / "logins").read_text())
        return found

    def calls(self, *words: str) -> list[list[str]]:
        """The command lines that began with these words."""
        path = self.fakes / "calls"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [line for line in lines if line[: len(words)] == list(words)]

    def built(self) -> dict[str, Any]:
        """What `docker build` was given."""
        note: dict[str, Any] = json.loads((self.fakes / "build.json").read_text())
        return note

    def elsewhere(self) -> set[Path]:
        """All that there is but the fakes' own notes."""
        notes = (self.fakes, self.folder / "state")
        return {path for path in self.folder.rglob("*") if not any(path.is_relative_to(each) for each in notes)}

    def execute(self) -> Build:
        """Runs the recipe's commands as CodeBuild does, until one fails, or all of them if the first is killed."""
        (self.fakes / "errors.json").write_text(json.dumps(self.errors))
        (self.fakes / "plan.json").write_text(json.dumps(self.plan))
        (self.folder / "state" / "folder").write_text(str(self.folder / "source"))
        (self.folder / "state" / "environment").write_text("")
        statuses, log = [], ""
        for command in COMMANDS:
            (self.folder / "state" / "script").write_text(SCRIPT.format(command=command))
            ended = subprocess.run(
                ["bash", self.folder / "state" / "script"],
                env=self.variables,
                input="y\n" * 9,  # nothing may ask for it
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
                start_new_session=True,  # without a terminal at which something could ask
            )
            statuses.append(ended.returncode)
            log += ended.stdout
        report = self.folder / "source" / "reason.txt"
        return Build(statuses, log, report.read_text() if report.exists() else None)

    def run(self) -> Build:
        """Runs the recipe and checks what holds for every build, however it ends."""
        tagged = TAG in self.tags()
        build = self.execute()
        assert build.statuses[0] == 0, "CodeBuild would print the whole recipe twice"
        assert list((self.folder / "tmp").iterdir()) == [], "the work folder is left behind"
        assert list((self.folder / "home").iterdir()) == []
        assert list((self.fakes / "engine" / "containers").iterdir()) == [], "a container is left behind"
        if build.report is None:
            assert build.statuses == [0, 0]
            assert list((self.folder / "source").iterdir()) == []
            assert TAG in self.tags(), "a build that succeeds leaves its tag"
        else:
            assert build.statuses == [0, 1]
            assert [each.name for each in (self.folder / "source").iterdir()] == ["reason.txt"]
            assert re.fullmatch(r"reason: [a-z-]+: .*\S\n", build.report), "one line of the documented form"
            assert build.report.rstrip("\n").isprintable()
            assert len(build.report) <= 500
            assert build.log.endswith("\n" + build.report), "the last line of the log says why"
            assert build.log.count("\nreason: ") == 1
            assert (TAG in self.tags()) == tagged, "a build that fails leaves no tag"
        return build
