"""Runs of `make uninstall` that are killed, or refused, at their first deletion."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import Account
from local.sam import STACK
from ship.aws.access import Access
from tools.uninstall import __main__ as program

DELETES = ("DeleteStack", "DeleteParameter", "DeleteRepository", "DeleteObjects", "DeleteBucket", "DeleteLogGroup")


class Killed(BaseException):
    """What a test raises in place of the process's end."""


@dataclass
class Run:
    """One run of the program in this process: its exit code, None if it was killed, and its deletions."""

    code: int | None = None
    deletions: list[str] = field(default_factory=list)


def run(
    here: Account, monkeypatch: pytest.MonkeyPatch, *arguments: str, killed: bool = False, refused: bool = False
) -> Run:
    """Runs the program. It is `killed` as soon as AWS has taken its first deletion, or `refused` that deletion."""
    for name, value in here.environment.items():
        monkeypatch.setenv(name, value)
    access, ran = Access(), Run()

    def before(**sent: Any) -> None:
        ran.deletions.append(sent["model"].name)
        if refused:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not today"}}, sent["model"].name)

    def after(**received: Any) -> None:
        if killed and received["http_response"].status_code < 300:
            raise Killed

    for operation in DELETES:
        access.session.events.register(f"before-call.*.{operation}", before)
        access.session.events.register(f"after-call.*.{operation}", after)
    with monkeypatch.context() as patched:
        patched.setattr(program, "Access", lambda: access)
        try:
            ran.code = program.main([STACK, *arguments])
        except Killed:
            ran.code = None
    return ran


def killed_until_the_end(here: Account, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    """The deletions of runs that were each refused and then killed at their first, until one had none left."""
    deletions: list[str] = []
    while True:
        refused = run(here, monkeypatch, *arguments, refused=True)
        killed = run(here, monkeypatch, *arguments, killed=True)
        assert refused.deletions == killed.deletions
        if not killed.deletions:
            assert (refused.code, killed.code) == (0, 0)
            return deletions
        assert (refused.code, killed.code) == (1, None)
        deletions += killed.deletions
