"""Runs of `make verify-aws` in the local cloud, and what they have left there."""

import os
import subprocess
import sys
from typing import IO

import pytest

from local.emulator import ROOT, Account
from local.pipeline import Pipeline
from tests.e2e.support.waiting import SECONDS
from verify.run import PREFIX, TAG

PATIENCE = "3"


def begin(account: Account, *options: str) -> "subprocess.Popen[str]":
    """Starts the program, at no terminal."""
    return subprocess.Popen(
        [sys.executable, "-B", "-m", "verify", "--patience", PATIENCE, "--uploads", "0", *options],
        cwd=account.folder,
        env={
            **os.environ,
            **account.environment,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}",
            "PYTHONUNBUFFERED": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit code, and what it printed since somebody last read it."""
    output, _ = process.communicate(timeout=SECONDS)
    return process.returncode, output


def read_until(output: IO[str] | None, text: str) -> str:
    """Reads up to the line that has the text."""
    assert output
    read = ""
    for line in output:
        read += line
        if text in line:
            return read
    pytest.fail(f"The program ended before it said {text}:\n{read}")


def kill_at(process: "subprocess.Popen[str]", text: str) -> None:
    """Kills the program when it has said something."""
    read_until(process.stdout, text)
    process.kill()
    process.communicate()


def stacks(account: Account) -> list[str]:
    """The runs' stacks in the account."""
    found = Pipeline(account.session(), {}, account.endpoint).client("cloudformation").describe_stacks()["Stacks"]
    return [each["StackName"] for each in found if each["StackName"].startswith(PREFIX)]


def left(account: Account) -> list[str]:
    """What has a run's tag, as the account's root sees it."""
    client = Pipeline(account.session(), {}, account.endpoint).client("resourcegroupstaggingapi")
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": TAG}])
    return [each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]]
