"""Lambda: all lines that an invocation printed are in its function's log when its answer is there."""

import select
import time
from typing import Any

from ministack.core import lambda_runtime

from local.cloud.replacing import Function, replaces

QUIET_TURNS, MOST_TURNS = 20, 2000
"""Turns of a millisecond that the emulator's reader gets. The emulator goes by the clock, which on a slow machine
runs on without the reader: its last lines are then in the next invocation's log."""


@replaces(lambda_runtime.Worker, "_drain_stderr_bounded")
def drains(_: Function) -> Function:
    """The function writes its lines before its answer: they are in the pipe, and only have to be read."""

    def drain(worker: Any) -> str:
        stderr = worker._proc and worker._proc.stderr  # a custom runtime writes into stdout alone
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
