"""Runs a handler as Lambda does, in a process of its own: one event a line comes in, what it took goes out.

It is started by its path, and measures what it imports: so it imports nothing of this repository.
"""

import io
import json
import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TextIO

REQUEST_ID = "8d3c1a70-2f0e-4a6b-9a53-5f1f6e1f0b21"
TIMEOUT = 30.0


def main(package: str, module: str) -> None:
    """Imports the module from the package's folder, then invokes its handler for each line."""
    sys.path.insert(0, package)
    out, sys.stdout = sys.stdout, io.StringIO()  # loggers keep what they find
    before = set(sys.modules)
    started = time.perf_counter()
    handler = __import__(module).handler
    say(out, init=time.perf_counter() - started, modules=len(set(sys.modules) - before))

    import boto3  # noqa: PLC0415  # after what is measured

    boto3.setup_default_session()
    asked: list[str] = []
    read: list[int] = []
    events = boto3.DEFAULT_SESSION.events  # type: ignore[union-attr]
    events.register("provide-client-params.*.*", lambda model, **_: asked.append(model.name))
    events.register("after-call.s3.GetObject", lambda parsed, **_: read.append(parsed.get("ContentLength", 0)))
    for line in sys.stdin:
        asked.clear()
        read.clear()
        logged = sys.stdout.tell()
        event = json.loads(line)
        started = time.perf_counter()
        handler(event, context(started))
        took = time.perf_counter() - started
        log = sys.stdout.getvalue()[logged:]
        say(out, seconds=took, asked=asked, read=sum(read), mebibytes=most_memory(), log=log)


def most_memory() -> float:
    """The most memory that this process ever had, in MiB."""
    (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kibibytes) / 1024


def context(started: float) -> SimpleNamespace:
    """Lambda's context of the invocation, as the handler gets it."""
    return SimpleNamespace(
        function_name="measured",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:measured",
        aws_request_id=REQUEST_ID,
        get_remaining_time_in_millis=lambda: int(1000 * (TIMEOUT - time.perf_counter() + started)),
    )


def say(out: TextIO, **facts: object) -> None:
    """Prints one line."""
    out.write(json.dumps(facts) + "\n")
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).stem)
