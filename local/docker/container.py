"""Runs a recorded image for a moment and shows its machine, and its HTTP answers or its output."""

import http.client
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from local.pipeline import Late, wait_for
from local.progress import UserError, say, step

HEALTH = "/health"
PLATFORM = ("--platform", "linux/arm64")
ANSWER_SECONDS = 20  # emulated programs start slowly
WATCH_SECONDS = 5
OUTPUT_LINES = 15


def run_image(engine: Mapping[str, str], uri: str, *, must_be_healthy: bool) -> None:
    """Pulls the image by its recorded URI, runs it, and shows its HTTP answers, or else its state and output.

    Raises:
        UserError: it can't be pulled or no container can be created, or it must be healthy and isn't.
    """
    docker = Docker({**os.environ, **engine})
    with step("Pulling the recorded image"):
        built_here = docker.call("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", uri.partition("@")[0]).split()
        docker.call("image", "rm", "--force", *built_here)
        docker.must("pull", "--quiet", *PLATFORM, uri)
    with container_of(docker, uri) as container:
        answers = start(container)
    if must_be_healthy and not any(answer.is_healthy for answer in answers):
        raise UserError(f"The image runs, but doesn't answer 200 on {HEALTH}.")


@dataclass(frozen=True)
class Docker:
    """The docker command in an environment."""

    environment: Mapping[str, str]

    def call(self, *arguments: str) -> str:
        """Runs the command and returns its output. Empty if it failed."""
        ended = self.run(arguments)
        return ended.stdout.strip() if ended.returncode == 0 else ""

    def must(self, *arguments: str) -> str:
        """Runs the command and returns its output.

        Raises:
            UserError: it failed.
        """
        ended = self.run(arguments)
        if ended.returncode:
            raise UserError(f"docker {arguments[0]} failed: {ended.stderr.strip()}")
        return ended.stdout.strip()

    def run(self, arguments: tuple[str, ...], errors: int = subprocess.PIPE) -> "subprocess.CompletedProcess[str]":
        """Runs the command. `errors` says where its stderr goes."""
        return subprocess.run(
            ["docker", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
            check=False,
        )


@dataclass(frozen=True)
class Container:
    """A container, by its id."""

    docker: Docker
    id: str

    def start(self) -> None:
        """Starts it.

        Raises:
            UserError: the engine can't. The text has its reason.
        """
        self.docker.must("start", self.id)

    def machine(self) -> str:
        """Its machine, from `uname -m`. Empty if it has ended or has no `uname`."""
        return self.docker.call("exec", self.id, "uname", "-m")

    def facts(self) -> dict[str, Any]:
        """Its current facts, from `docker inspect`."""
        (facts,) = json.loads(self.docker.must("inspect", self.id))
        return dict(facts)

    def has_ended(self) -> bool:
        """Whether it has stopped running."""
        return bool(self.facts()["State"]["Status"] != "running")

    def state(self) -> str:
        """Its state in words."""
        state = self.facts()["State"]
        return f"exited with code {state['ExitCode']}" if state["Status"] == "exited" else str(state["Status"])

    def exposes(self) -> bool:
        """Whether its image exposes a TCP port."""
        return any(port.endswith("/tcp") for port in self.facts()["Config"].get("ExposedPorts") or {})

    def addresses(self) -> list[str]:
        """The addresses of its TCP ports on this machine. Empty if it has ended."""
        ports = self.facts()["NetworkSettings"]["Ports"] or {}
        found = [each["HostPort"] for port, at in ports.items() if port.endswith("/tcp") for each in at or []]
        return [f"127.0.0.1:{port}" for port in dict.fromkeys(found)]  # once, although Docker also publishes for IPv6

    def output(self) -> list[str]:
        """The last lines that it printed."""
        return self.docker.run(("logs", "--tail", str(OUTPUT_LINES), self.id), subprocess.STDOUT).stdout.splitlines()


@contextmanager
def container_of(docker: Docker, uri: str) -> Iterator[Container]:
    """A container of the image, not started. It is removed after the block."""
    container = Container(docker, docker.must("create", *PLATFORM, "--publish-all", uri))
    try:
        yield container
    finally:
        docker.call("rm", "--force", "--volumes", container.id)


@dataclass(frozen=True)
class Answer:
    """A service's HTTP answer."""

    address: str
    path: str
    status: int
    text: str

    @property
    def is_healthy(self) -> bool:
        """Whether it says that the service is healthy."""
        return self.path == HEALTH and self.status == HTTPStatus.OK


def start(container: Container) -> list[Answer]:
    """Starts the container and shows its state. Returns its HTTP answers, if any came in time."""
    try:
        container.start()
    except UserError as error:
        say(f"  {error}")
        return []
    machine = container.machine()
    answers = wait_for_answers(container) if container.exposes() else watch(container)
    if machine:
        say(f"  uname -m in the container: {machine}")
    for answer in answers:
        say(f"  GET http://{answer.address}{answer.path}: {answer.status} {answer.text}")
    if not answers:
        show_end(container)
    return answers


def watch(container: Container) -> list[Answer]:
    """Lets a container without a port run for a moment."""
    say("  The image exposes no TCP port (EXPOSE), so there is nothing to request.")
    with step(f"Watching the container for at most {WATCH_SECONDS} s"), suppress(Late):
        wait_for("The container's end", container.has_ended, WATCH_SECONDS)
    return []


def wait_for_answers(container: Container) -> list[Answer]:
    """The container's HTTP answers, as soon as there are any. Empty if it ends or doesn't answer in time."""
    addresses = container.addresses()
    with step(f"Waiting at most {ANSWER_SECONDS} s for an HTTP answer"), suppress(Late):
        wait_for("An answer", lambda: answers_of(addresses) or container.has_ended(), ANSWER_SECONDS)
    answers = answers_of(addresses)
    if addresses and not answers:
        say(f"  No HTTP answer from {' or '.join(addresses)}.")
    return answers


def answers_of(addresses: list[str]) -> list[Answer]:
    """The current answers on the health path, and on / if that isn't healthy."""
    answers = []
    for address in addresses:
        health = fetch(address, HEALTH)
        top = None if health and health.is_healthy else fetch(address, "/")
        answers += [answer for answer in (health, top) if answer]
    return answers


def fetch(address: str, path: str) -> Answer | None:
    """The answer's status and its first line, or the status's meaning. None without an HTTP answer."""
    connection = http.client.HTTPConnection(address, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        line = answer.read1(200).decode(errors="replace").partition("\n")[0]
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return Answer(address, path, answer.status, (line if answer.status < 300 else "") or answer.reason)


def show_end(container: Container) -> None:
    """Prints the container's state and the end of its output."""
    say(f"  The container: {container.state()}")
    lines = container.output()
    say("  The end of its output:" if lines else "  It has printed nothing.")
    for line in lines:
        say(f"    {line}")
