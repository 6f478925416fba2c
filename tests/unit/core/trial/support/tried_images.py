"""Images that were started once: the facts that the builder gathers about them."""

from dataclasses import replace
from typing import Any

from core.trial.facts import Config, Facts
from core.trial.programs import Kind, Program, seen
from core.trial.refusals import verdict
from tests.unit.support.elf import program

TAG = "build-20261130T000000Z-1-a"
TASK = "failed to create task for container: failed to create shim task: "
RUNC = f"{TASK}OCI runtime create failed: runc create failed: unable to start container process: "
INIT = f"{RUNC}error during container init: "
DIGEST = "868d6453ad0ddedcd8ce6a26dde613e13d6e306b56f996a6ee06b7e1ee99c18b"
VOLUME = f"/var/lib/docker/volumes/{DIGEST}/_data"
ROOT = f"/var/lib/docker/rootfs/overlayfs/{DIGEST}"
TRIED = Facts(config=Config(command=("/app",), image_tag=TAG), programs=(seen("/app", program()),), status="running")
SHELL = seen("/bin/sh", program())
BUSYBOX_S_HINT = (
    "Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists"
)


def configured(facts: Facts, **changes: Any) -> Facts:
    """The facts of an image with this configuration."""
    return replace(facts, config=replace(facts.config, **changes))


def not_created(words: str, **config: Any) -> Facts:
    """The facts of an image from which the engine created no container."""
    warning = "WARNING: The requested image's platform (linux/arm64) does not match the detected host platform\n"
    answer = f"{warning}Error response from daemon: {words}\n\nRun 'docker create --help' for more information"
    return configured(Facts(not_created=answer), **config)


def not_started(words: str, *programs: Program, **config: Any) -> Facts:
    """The facts of an image whose container the engine didn't start."""
    answer = f"Error response from daemon: {words}\nError: failed to start containers: {DIGEST}\n"
    return configured(replace(TRIED, status="created", not_started=answer, programs=programs), **config)


def ended(code: int, output: str, *programs: Program, **config: Any) -> Facts:
    """The facts of an image whose container has ended."""
    facts = replace(TRIED, status="exited", exit_code=code, output=output, programs=programs or TRIED.programs)
    return configured(facts, **config)


def script(first_line: str, path: str = "/app") -> Program:
    """A script with this first line."""
    return seen(path, f"{first_line}\necho\n".encode())


def missing(path: str) -> Program:
    """A path where there is no file."""
    return Program(path, Kind.MISSING)


def said(facts: Facts) -> str:
    """The verdict's words, or nothing."""
    return str(verdict(facts, TAG) or "")
