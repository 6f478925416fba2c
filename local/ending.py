"""How the program behind a make target ends: what it started is stopped, a mistake is told in a sentence."""

import signal
import sys
from collections.abc import Callable

from local.pipeline import Late
from local.progress import UserError


def exit_code(work: Callable[[], object]) -> int:
    """Does the work, and gives the process's exit code: 0 if it was done, 1 if not, 130 if it was interrupted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    try:
        work()
    except (UserError, Late) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0
