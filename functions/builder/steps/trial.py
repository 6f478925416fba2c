"""Starts an image once and gathers facts. core/trial/refusals.py decides from them whether the image can start.

The engine and the kernel say whether it starts. An error of the program itself isn't a verdict: the program has neither
network nor data.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from builder.commands import Ended, give, leave, log, run
from builder.steps import entrypoint
from core.trial.facts import Config, Facts

# Processes and log are bounded. Memory isn't: an engine inside a container may be unable to set a limit.
# assumes: cgroup-limits
CREATE = (
    *("docker", "create", "--pull", "never", "--platform", "linux/arm64", "--network", "none"),
    *("--pids-limit", "256", "--log-opt", "max-size=1m"),
)
# A program that can't start ends at once, but an emulator or a script's interpreter takes a moment to say so.
SECONDS = 0.5
MOST_LINES = 100  # a shell's usage text, about thirty lines, follows the line that says why


@dataclass(frozen=True)
class Trial:
    """The facts, and the id of the container to remove; empty if none was created."""

    container: str
    facts: Facts


def start(image: str) -> Trial:
    """Starts the image's own command, and finds out what kind of program it is meanwhile."""
    created = run([*CREATE, image])
    if created.code:
        return Trial("", Facts(not_created=answer(created)))
    container = created.output.decode().strip()
    with ThreadPoolExecutor() as at_once:
        starting = at_once.submit(run, ["docker", "start", container])
        looked = run(["docker", "image", "inspect", image])
        started = starting.result()
        if looked.code:
            return Trial(container, Facts(no_answer=answer(looked)))
        if not started.code:
            at_once.submit(give, SECONDS, ["docker", "wait", container])
        config = Config.read(json.loads(looked.output)[0]["Config"])
        found = entrypoint.find(container, config)
    facts = Facts(config=config, programs=found, not_started=answer(started) if started.code else "")
    return Trial(container, ended(container, facts))


def remove(container: str) -> None:
    """Has the engine remove the trial's container, if there is one, while the build goes on."""
    if container:
        leave(["docker", "rm", "--force", "--volumes", container])


def ended(container: str, facts: Facts) -> Facts:
    """Adds the container's status to the facts and, if the program has ended, its exit code, time and output."""
    inspected = run(["docker", "inspect", container])
    if inspected.code:
        return replace(facts, no_answer=answer(inspected))
    state = json.loads(inspected.output)[0]["State"]
    facts = replace(facts, status=state["Status"], exit_code=state["ExitCode"])
    if facts.status != "exited":
        return facts
    printed = run(["docker", "logs", "--tail", str(MOST_LINES), container])
    output = (printed.output + printed.error).decode(errors="replace")
    return replace(facts, seconds=seconds_of(state), output="" if printed.code else output)


def seconds_of(state: dict[str, Any]) -> float:
    """How long an ended container ran, in seconds."""
    began, ends = (datetime.fromisoformat(state[name]) for name in ("StartedAt", "FinishedAt"))
    return max(0.0, (ends - began).total_seconds())


def answer(refused: Ended) -> str:
    """Logs docker's error and returns it."""
    log(refused.error)
    return refused.error.decode(errors="replace").strip() or f"docker ended with exit code {refused.code}."
