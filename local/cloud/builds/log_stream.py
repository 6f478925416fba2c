"""A build's log stream, written with the build role's credentials, as by CodeBuild."""

import queue
import threading
import time
from typing import Any

BATCH = 500
GATHER_SECONDS = 0.2


class LogStream:
    """Sends lines in order, in batches, until it is closed."""

    def __init__(self, client: Any, group: str, stream: str) -> None:
        self._client, self._group, self._stream = client, group, stream
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._closing = threading.Event()
        client.create_log_stream(logGroupName=group, logStreamName=stream)
        self._sender = threading.Thread(target=self._send, daemon=True)
        self._sender.start()

    def write(self, line: str) -> None:
        """Adds one line."""
        self._lines.put(line)

    def container(self, text: str) -> None:
        """Adds a line in the format of CodeBuild's own."""
        now = time.time()
        stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e6):06}"
        self.write(f"[Container] {stamp} {text}")

    def close(self) -> None:
        """Waits until all lines are sent."""
        self._lines.put(None)
        self._closing.set()
        self._sender.join()

    def _send(self) -> None:
        more = True
        while more:
            lines = [self._lines.get()]
            self._closing.wait(GATHER_SECONDS)
            while len(lines) < BATCH and not self._lines.empty():
                lines.append(self._lines.get())
            more = None not in lines
            now = int(time.time() * 1000)
            events = [{"timestamp": now, "message": f"{line[:200_000]}\n"} for line in lines if line is not None]
            if events:
                self._client.put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=events)
