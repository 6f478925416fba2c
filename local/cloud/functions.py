"""Lambda: all lines that an invocation printed are in its function's log when its answer is there."""

import select
import time
from typing import Any

from ministack.core import lambda_runtime

from local.cloud.replacing import Function, replaces

PATIENCE = 2  # seconds
QUIET = 0.02  # seconds; on a busy machine the emulator's 0.005 leave the last lines to the next invocation's log


@replaces(lambda_runtime.Worker, "_drain_stderr_bounded")
def drains(original: Function) -> Function:
    """The function writes its lines before its answer: they are in the pipe, and only have to be read."""

    def drain(worker: Any, **waits: float) -> Any:
        stderr = worker._proc and worker._proc.stderr  # a custom runtime writes into stdout alone
        deadline = time.monotonic() + PATIENCE
        while stderr and select.select([stderr], [], [], 0)[0] and time.monotonic() < deadline:
            time.sleep(0.001)
        return original(worker, **{"idle_confirm": QUIET, "hard_cap": PATIENCE, **waits})

    return drain
