"""Runs a recorded image for a moment and shows what there is of it: its machine, its answers or its output."""

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
    """Pulls the image by its recorded URI, runs it, and shows what it answers, or else its state and output.

    Raises:
        UserError: it can't be pulled, or no container can be made of it, or it must answer 200 on its health path and
            doesn't.
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
        """What the command printed; empty if it failed."""
        ended = self.run(arguments)
        return ended.stdout.strip() if ended.returncode == 0 else ""

    def must(self, *arguments: str) -> str:
        """What the command printed.

        Raises:
            UserError: it failed.
        """
        ended = self.run(arguments)
        if ended.returncode:
            raise UserError(f"docker {arguments[0]} failed: {ended.stderr.strip()}")
        return ended.stdout.strip()

    def run(self, arguments: tuple[str, ...], errors: int = subprocess.PIPE) -> "subprocess.CompletedProcess[str]":
        """What the command did; its errors may go where its output goes."""
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
            UserError: the engine can't; the text has its reason.
        """
        self.docker.must("start", self.id)

    def machine(self) -> str:
        """The machine that its programs see; empty if it has ended or has no `uname`."""
        return self.docker.call("exec", self.id, "uname", "-m")

    def facts(self) -> dict[str, Any]:
        """What the engine knows of it now."""
        (facts,) = json.loads(self.docker.must("inspect", self.id))
        return dict(facts)

    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return bool(self.facts()["State"]["Status"] != "running")

    def state(self) -> str:
        """Its state in words."""
        state = self.facts()["State"]
        return f"exited with code {state['ExitCode']}" if state["Status"] == "exited" else str(state["Status"])

    def exposes(self) -> bool:
        """Whether its image names a TCP port."""
        return any(port.endswith("/tcp") for port in self.facts()["Config"].get("ExposedPorts") or {})

    def addresses(self) -> list[str]:
        """Where its TCP ports are published on this machine; nowhere if it has ended."""
        ports = self.facts()["NetworkSettings"]["Ports"] or {}
        found = [each["HostPort"] for port, at in ports.items() if port.endswith("/tcp") for each in at or []]
        return [f"127.0.0.1:{port}" for port in dict.fromkeys(found)]  # once, though also published for IPv6

    def output(self) -> list[str]:
        """The last lines that it printed."""
        return self.docker.run(("logs", "--tail", str(OUTPUT_LINES), self.id), subprocess.STDOUT).stdout.splitlines()


@contextmanager
def container_of(docker: Docker, uri: str) -> Iterator[Container]:
    """A container of the image, not started, that is gone after the block."""
    container = Container(docker, docker.must("create", *PLATFORM, "--publish-all", uri))
    try:
        yield container
    finally:
        docker.call("rm", "--force", "--volumes", container.id)


@dataclass(frozen=True)
class Answer:
    """What a service answered."""

    address: str
    path: str
    status: int
    text: str

    @property
    def is_healthy(self) -> bool:
        """Whether it says that the service is well."""
        return self.path == HEALTH and self.status == HTTPStatus.OK


def start(container: Container) -> list[Answer]:
    """Starts the container and shows what there is of it; gives its answers, if any came in time."""
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
    """Lets a container work for a moment that can answer nothing."""
    say("  The image exposes no TCP port (EXPOSE): there is nothing to fetch.")
    with step(f"Watching its container for at most {WATCH_SECONDS} s"), suppress(Late):
        wait_for("The container's end", container.has_ended, WATCH_SECONDS)
    return []


def wait_for_answers(container: Container) -> list[Answer]:
    """What the container answers, as soon as it answers anything; nothing if it ends, or doesn't answer in time."""
    addresses = container.addresses()
    with step(f"Waiting at most {ANSWER_SECONDS} s for an HTTP answer"), suppress(Late):
        wait_for("An answer", lambda: answers_of(addresses) or container.has_ended(), ANSWER_SECONDS)
    answers = answers_of(addresses)
    if addresses and not answers:
        say(f"  No HTTP answer from {' or '.join(addresses)}.")
    return answers


def answers_of(addresses: list[str]) -> list[Answer]:
    """What is answered now: on the health path, and at the top where health isn't well."""
    answers = []
    for address in addresses:
        health = fetch(address, HEALTH)
        top = None if health and health.is_healthy else fetch(address, "/")
        answers += [answer for answer in (health, top) if answer]
    return answers


def fetch(address: str, path: str) -> Answer | None:
    """The answer's status, and its first line or what the status means; nothing if there is no answer in HTTP."""
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
    say(f"  Its container: {container.state()}")
    lines = container.output()
    say("  The end of its output:" if lines else "  It has printed nothing.")
    for line in lines:
        say(f"    {line}")
