"""The facts gathered about an image that is started once, by a docker that refuses unknown commands."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from builder.commands import Ended
from builder.steps import entrypoint, trial
from core.trial.facts import Config
from core.trial.programs import Kind, Program, seen
from tests.unit.support.elf import program

IMAGE, CONTAINER = "1.dkr.ecr.eu-west-1.amazonaws.com/app:build-1", "c0ffee"
ARM64 = program()
DOWN = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock."
CREATE = [
    *("docker", "create", "--pull", "never", "--platform", "linux/arm64", "--network", "none"),
    *("--pids-limit", "256", "--log-opt", "max-size=1m"),
]


@dataclass
class Docker:
    """An engine with one image, its files by path (None for a folder), and its answers in place of work."""

    files: dict[str, bytes | None] = field(default_factory=lambda: {"/app": ARM64})
    config: dict[str, Any] = field(default_factory=lambda: {"Cmd": ["/app"]})
    state: dict[str, Any] = field(default_factory=lambda: {"Status": "running", "ExitCode": 0})
    modes: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    printed: tuple[bytes, bytes] = (b"", b"")
    calls: list[str] = field(default_factory=list)

    def run(self, args: Sequence[str]) -> Ended:
        """Executes a command."""
        match args:
            case [*options, image] if options == CREATE and image == IMAGE:
                return self.answer("create", f"{CONTAINER}\n".encode(), b"WARNING: The requested image's platform\n")
            case ["docker", "start", container] if container == CONTAINER:
                return self.answer("start", f"{CONTAINER}\n".encode())
            case ["docker", "image", "inspect", image] if image == IMAGE:
                return self.answer("image inspect", json.dumps([{"Config": self.config}]).encode())
            case ["docker", "inspect", container] if container == CONTAINER:
                return self.answer("inspect", json.dumps([{"State": self.state}]).encode())
            case ["docker", "logs", "--tail", "100", container] if container == CONTAINER:
                return self.answer("logs", *self.printed)
            case ["docker", "cp", "--follow-link", source, target] if source.startswith(f"{CONTAINER}:/"):
                return self.copy(source.removeprefix(f"{CONTAINER}:"), Path(target))
        raise AssertionError(f"unknown command: {args}")

    def give(self, seconds: float, args: Sequence[str]) -> None:
        """Waits for the container."""
        assert list(args) == ["docker", "wait", CONTAINER]
        self.answer(f"wait {seconds} s", b"")

    def answer(self, call: str, output: bytes, error: bytes = b"") -> Ended:
        """A call's output, or why it is refused."""
        self.calls.append(call)
        refusal = self.refusals.get(call)
        return Ended(1, b"", error + refusal.encode() + b"\n") if refusal else Ended(0, output, error)

    def copy(self, path: str, target: Path) -> Ended:
        """Copies one file or folder."""
        if path not in self.files:
            return self.answer("cp", b"", b"") and Ended(1, b"", b"Could not find the file\n")
        content = self.files[path]
        if content is None:
            target.mkdir()
        else:
            target.write_bytes(content)
            target.chmod(self.modes.get(path, 0o755))
        return self.answer("cp", b"")


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Docker:
    """The engine that the trial talks to."""
    engine = Docker()
    for module in (trial, entrypoint):
        monkeypatch.setattr(module, "run", engine.run)
    monkeypatch.setattr(trial, "give", engine.give)
    return engine


def found(docker: Docker, files: dict[str, bytes | None], **config: Any) -> list[tuple[str, Kind]]:
    """The programs found in an image with these files."""
    docker.files = files
    docker.config = config
    return [(each.path, each.kind) for each in trial.start(IMAGE).facts.programs]


def test_a_running_image_is_described_by_its_configuration_and_its_program(docker: Docker) -> None:
    docker.config |= {
        "User": "1000",
        "Volumes": {"/data": {}},
        "Labels": {"org.opencontainers.image.version": "build-1"},
    }
    tried = trial.start(IMAGE)
    assert tried.container == CONTAINER
    assert tried.facts.config == Config(("/app",), user="1000", volumes=("/data",), image_tag="build-1")
    assert tried.facts.programs == (seen("/app", ARM64),)
    assert (tried.facts.status, tried.facts.output, tried.facts.not_started) == ("running", "", "")


def test_the_engine_gets_only_these_commands(docker: Docker) -> None:
    trial.start(IMAGE)
    # Starting and inspecting run at the same time, so they have no order.
    assert docker.calls[0] == "create"
    assert sorted(docker.calls[1:3]) == ["image inspect", "start"]
    # So do the wait and the look at its program.
    assert sorted(docker.calls[3:5]) == ["cp", f"wait {trial.SECONDS} s"]
    assert docker.calls[5:] == ["inspect"]


def test_the_trial_does_not_wait_for_a_container_that_did_not_start(docker: Docker) -> None:
    docker.refusals["start"] = "Error response from daemon: x"
    trial.start(IMAGE)
    assert docker.calls[3:] == ["cp", "inspect"]


def test_an_ended_program_is_described_with_its_time_and_output(docker: Docker) -> None:
    docker.state = {
        "Status": "exited",
        "ExitCode": 3,
        "StartedAt": "2026-11-30T07:44:22.357513691Z",
        "FinishedAt": "2026-11-30T07:44:22.657513691Z",
    }
    docker.printed = b"Listening\n", b"\xff gone\n"
    facts = trial.start(IMAGE).facts
    assert (facts.status, facts.exit_code, facts.seconds) == ("exited", 3, 0.3)
    assert facts.output == "Listening\n\ufffd gone\n"


def test_without_a_container_none_is_removed(docker: Docker) -> None:
    docker.refusals["create"] = "Error response from daemon: no command specified"
    tried = trial.start(IMAGE)
    assert tried.container == ""
    assert tried.facts.not_created.endswith("Error response from daemon: no command specified")
    assert docker.calls == ["create"]


def test_a_container_that_does_not_start_is_described_with_the_engine_s_answer(docker: Docker) -> None:
    docker.refusals["start"] = "Error response from daemon: uids and gids must be in range 0-2147483647"
    docker.state = {"Status": "created", "ExitCode": 128}
    tried = trial.start(IMAGE)
    assert tried.container == CONTAINER
    assert tried.facts.not_started == docker.refusals["start"]
    assert tried.facts.status == "created"


@pytest.mark.parametrize("call", ["image inspect", "inspect"])
def test_a_container_is_still_known_after_the_engine_is_gone(docker: Docker, call: str) -> None:
    docker.refusals[call] = DOWN
    tried = trial.start(IMAGE)
    assert tried.container == CONTAINER
    assert tried.facts.no_answer == DOWN


def test_docker_without_output_is_described_by_its_exit_code() -> None:
    assert trial.answer(Ended(-9, b"", b"\n")) == "docker ended with exit code -9."


# The program, found as the kernel would find it


ON_PATH = {"Cmd": ["app"], "Env": ["PATH=/a:/b:/c:/d"]}
CHAINS: dict[str, tuple[dict[str, bytes | None], dict[str, Any], list[tuple[str, Kind]]]] = {
    "the first executable one": (
        {"/a/app": None, "/b/app": b"x", "/c/app": ARM64, "/d/app": b"x"},
        ON_PATH,
        [("/c/app", Kind.ARM64)],
    ),
    "one that can't be executed": ({"/b/app": b"x"}, ON_PATH, [("/b/app", Kind.NOT_EXECUTABLE)]),
    "a folder": ({"/b/app": None}, ON_PATH, [("/b/app", Kind.FOLDER)]),
    "none": ({}, ON_PATH, [("app", Kind.MISSING)]),
    "a script and its interpreter": (
        {"/x": b"#!/y -a\n", "/y": b"#!z\n", "/srv/z": ARM64},
        {"Cmd": ["/x"], "WorkingDir": "/srv"},
        [("/x", Kind.SCRIPT), ("/y", Kind.SCRIPT), ("/srv/z", Kind.ARM64)],
    ),
    "a carriage return in an interpreter's name": (
        {"/x": b"#!/bin/sh\r\n", "/bin/sh": ARM64},
        {"Cmd": ["/x"]},
        [("/x", Kind.SCRIPT), ("/bin/sh\r", Kind.MISSING)],
    ),
    "scripts in a circle, as far as Linux goes": ({"/x": b"#!/x\n"}, {"Cmd": ["/x"]}, [("/x", Kind.SCRIPT)] * 6),
}


@pytest.mark.parametrize("case", CHAINS)
def test_a_program_is_found_as_the_kernel_would_find_it(docker: Docker, case: str) -> None:
    files, config, expected = CHAINS[case]
    docker.modes["/b/app"] = 0o644
    assert found(docker, files, **config) == expected


@pytest.mark.parametrize("word", ["", " ", "/a\0b", "a\0b", f"/{'x' * 200_000}", f"/{'é' * 2_050}", "/app" * 1_025])
def test_a_word_that_can_be_no_path_is_looked_for_nowhere(docker: Docker, word: str) -> None:
    assert found(docker, {}, Cmd=[word]) == [(word, Kind.MISSING)]
    assert "cp" not in docker.calls


def test_only_the_first_bytes_of_a_program_are_kept(docker: Docker) -> None:
    docker.files["/app"] = ARM64 + bytes(1 << 20)
    (program_found,) = trial.start(IMAGE).facts.programs
    assert program_found == Program("/app", Kind.ARM64, (ARM64 + bytes(4096))[:4096])
