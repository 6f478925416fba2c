"""Lambda: an invocation's lines are in the log by the time of its response."""

import select
import time
from typing import Any

from ministack.core import lambda_runtime

from local.cloud.shared.replacing import Function, replaces

QUIET_TURNS, MOST_TURNS = 20, 2000
"""Turns of a millisecond that the emulator's reader gets. The emulator uses the clock instead. On a slow machine its
last lines then end up in the next invocation's log."""


@replaces(lambda_runtime.Worker, "_drain_stderr_bounded")
def drains(_: Function) -> Function:
    """Reads the lines that are in the pipe: the function writes them before its response."""

    def drain(worker: Any) -> str:
        stderr = worker._proc and worker._proc.stderr  # a custom runtime only writes to stdout
        lines: list[str] = []
        quiet = 0
        for _ in range(MOST_TURNS):
            time.sleep(0.001)
            quiet = 0 if stderr and select.select([stderr], [], [], 0)[0] else quiet + 1
            while not worker._stderr_queue.empty():
                lines.append(worker._stderr_queue.get())
                quiet = 0
            if quiet == QUIET_TURNS:
                break
        return "\n".join(lines)

    return drain
