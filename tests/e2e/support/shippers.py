"""People who have `ship`, each with rights of their own."""

import errno
import os
import pty
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from local.emulator import SHIP, Account
from local.pipeline import Pipeline
from tests.e2e.support.waiting import SECONDS

NUMBERS = count()


@dataclass(frozen=True)
class Shipper:
    """A user of the account at a keyboard."""

    here: Account
    credentials: tuple[str, str]
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def with_policies(cls, here: Account, pipeline: Pipeline, *outputs: str) -> "Shipper":
        """A user who has the policies in these outputs, and nothing else."""
        iam, name = pipeline.client("iam"), f"shipper-{next(NUMBERS)}"
        iam.create_user(UserName=name)
        for output in outputs:
            iam.attach_user_policy(UserName=name, PolicyArn=pipeline.outputs[output])
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return cls(here, (key["AccessKeyId"], key["SecretAccessKey"]))

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SHIP_"))}
        ours = replace(self.here, credentials=self.credentials).environment
        all_of_them = {**kept, **ours, "COLUMNS": "200", **self.variables}
        return {name: value for name, value in all_of_them.items() if value}

    def ship(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """What `ship` does, its output through pipes."""
        return subprocess.run(
            [SHIP, *map(str, arguments)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )

    @contextmanager
    def started(self, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
        """`ship`, at work, its output through pipes. It ends with the block."""
        command = [str(each) for each in (SHIP, *arguments)]
        with subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def interrupt(self, arguments: Sequence[object], when: Callable[[str], bool]) -> "subprocess.CompletedProcess[str]":
        """What `ship` does that gets Ctrl-C as soon as a line of its stderr says that it is time."""
        with self.started(*arguments) as process:
            assert process.stderr
            assert process.stdout
            said = []
            for line in process.stderr:
                said.append(line)
                if when(line):
                    process.send_signal(signal.SIGINT)
                    break
            said.append(process.stderr.read())
            code = process.wait(SECONDS)
            return subprocess.CompletedProcess(process.args, code, process.stdout.read(), "".join(said))

    def at_a_terminal(self, *arguments: object, stdout: Path | None = None) -> tuple[int, str]:
        """The exit code of `ship` at a terminal, and all that appeared there; its stdout may go to a file."""
        ours, theirs = pty.openpty()
        command = [str(each) for each in (SHIP, *arguments)]
        environment = {"TERM": "xterm-256color", **self.environment}
        with (
            stdout.open("wb") if stdout else nullcontext(theirs) as answers,
            subprocess.Popen(command, env=environment, stdin=theirs, stdout=answers, stderr=theirs) as process,
        ):
            os.close(theirs)
            shown: list[bytes] = []
            reader = threading.Thread(target=read, args=(ours, shown))
            reader.start()
            try:
                code = process.wait(SECONDS)
            finally:
                process.kill()
                reader.join()
        os.close(ours)
        return code, b"".join(shown).decode()


def read(terminal: int, shown: list[bytes]) -> None:
    """Reads a terminal to its end."""
    while True:
        try:
            block = os.read(terminal, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # Linux says so when nobody writes any more
                raise
            return
        if not block:
            return
        shown.append(block)


def folder_of(files: Mapping[str, str], place: Path) -> Path:
    """A folder with these files."""
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return place
