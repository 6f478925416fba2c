"""Starts an image once and gathers what that shows; core/refusals.py judges it.

The engine and the kernel say whether an image starts. What its program does then is its own affair: it has neither
network nor data.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from builder import programs
from builder.commands import Ended, log, run
from core.trials import Config, Facts

# Its processes and its log are bounded. There is no limit of memory: an engine in a container may be unable to set one.
CREATE = (
    *("docker", "create", "--pull", "never", "--platform", "linux/arm64", "--network", "none"),
    *("--pids-limit", "256", "--log-opt", "max-size=1m"),
)
# What can't start ends at once, but an emulator or a script's interpreter takes a moment to say so.
SECONDS = 0.5
MOST_LINES = 100  # a shell's own usage, after the line that says why, has about thirty


@dataclass(frozen=True)
class Trial:
    """The container of an image that was started, to be removed, and what was seen. Without one the id is empty."""

    container: str
    facts: Facts


def start(image: str) -> Trial:
    """Starts the image's own command, and looks at what it is while it starts."""
    created = run([*CREATE, image])
    if created.code:
        return Trial("", Facts(not_created=answer(created)))
    container = created.output.decode().strip()
    with ThreadPoolExecutor() as at_once:
        starting = at_once.submit(run, ["docker", "start", container])
        looked = run(["docker", "image", "inspect", image])
        started = starting.result()
    is_due = time.monotonic() + SECONDS
    if looked.code:
        return Trial(container, Facts(no_answer=answer(looked)))
    config = Config.read(json.loads(looked.output)[0]["Config"])
    found = programs.find(container, config)
    facts = Facts(config=config, programs=found, not_started=answer(started) if started.code else "")
    if not started.code:
        time.sleep(max(0.0, is_due - time.monotonic()))
    return Trial(container, ended(container, facts))


def ended(container: str, facts: Facts) -> Facts:
    """The facts with what has become of the container by now, and what it printed if it has ended."""
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
    """How long a container ran that has ended."""
    began, ends = (datetime.fromisoformat(state[name]) for name in ("StartedAt", "FinishedAt"))
    return max(0.0, (ends - began).total_seconds())


def answer(refused: Ended) -> str:
    """What docker printed when it failed, which the build's log has, too."""
    log(refused.error)
    return refused.error.decode(errors="replace").strip() or f"docker ended with exit code {refused.code}."
