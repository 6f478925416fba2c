"""Ends the programs behind the make targets: stops what they started and prints errors as sentences."""

import signal
import sys
from collections.abc import Callable

from local.pipeline import Late
from local.progress import UserError


def exit_code(work: Callable[[], object]) -> int:
    """Runs `work` and returns the exit code: 0 if it succeeded, 1 if it failed, 130 if it was interrupted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything that was started is stopped
    try:
        work()
    except (UserError, Late) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0
