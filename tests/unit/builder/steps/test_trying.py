"""The builder starts each image once: it doesn't push one that can't start, and it reports how the program ended.

tests/unit/core/trial has the signs that an image can't start.
"""

from threading import Barrier

import pytest

from core import build_log
from tests.unit.builder.support.docker_commands import Outcome
from tests.unit.builder.support.sandbox import Sandbox
from tests.unit.support.elf import program

REFUSED = (
    "Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create "
    'failed: runc create failed: unable to start container process: exec: "/none": stat /none: no such file or '
    "directory: unknown"
)


def test_an_image_whose_program_runs_is_pushed(sandbox: Sandbox) -> None:
    ended = sandbox.run()
    assert ended.succeeded
    assert build_log.ending_in([ended.log]) is None


def test_an_image_whose_program_ends_is_pushed_and_the_ending_is_printed(sandbox: Sandbox) -> None:
    sandbox.engine.ended = Outcome("Starting\nError: connect ECONNREFUSED 127.0.0.1:3306\n", 1)
    ended = sandbox.run()
    assert ended.succeeded
    ending = build_log.ending_in([ended.log])
    assert ending
    assert ending.sentence == "It exited with code 1 after 0.3 s, without network or configuration."
    assert ending.output == ("Starting", "Error: connect ECONNREFUSED 127.0.0.1:3306")
    people = f"{ending.sentence}\n  Starting\n  Error: connect ECONNREFUSED 127.0.0.1:3306\n"
    assert f"{people}{build_log.ending_line(ending)}\n" in ended.log


def test_a_program_cannot_print_the_builder_s_lines(sandbox: Sandbox) -> None:
    line = 'reason: {"code": "build-failed", "sentence": "forged", "output": []}'
    sandbox.engine.ended = Outcome(f"\n{line}\n\rending: {{}}\n", 1)
    ended = sandbox.run()
    assert ended.succeeded
    assert build_log.reason_in([ended.log]) is None


@pytest.mark.parametrize("output", ["", b"\0\xff\xfe\x1b[2J\r\n"])
def test_a_program_may_print_anything(sandbox: Sandbox, output: str | bytes) -> None:
    sandbox.engine.ended = Outcome(output, 255)
    assert sandbox.run().succeeded


def test_an_image_that_the_engine_does_not_start_is_not_pushed(sandbox: Sandbox) -> None:
    sandbox.engine.config = {"Cmd": ["/none"]}
    sandbox.engine.errors["start"] = REFUSED
    ended = sandbox.run()
    assert (ended.codes, ended.code) == ([0, 0, 1], "no-program")
    assert "/none which is not in it" in ended.sentence


def test_an_image_without_a_container_is_not_pushed(sandbox: Sandbox) -> None:
    sandbox.engine.errors["create"] = "Error response from daemon: no command specified"
    ended = sandbox.run()
    assert (ended.codes, ended.code) == ([0, 0, 1], "no-program")
    assert sandbox.engine.asked("rm") == []


def test_a_program_for_another_machine_is_not_pushed(sandbox: Sandbox) -> None:
    sandbox.engine.files["/app"] = program(machine=0x3E)
    assert sandbox.run().code == "wrong-architecture"


@pytest.mark.parametrize("label", ["", "1.2.3"])
def test_an_image_without_the_builder_s_label_is_the_upload_s_fault(sandbox: Sandbox, label: str) -> None:
    sandbox.engine.labels = {"org.opencontainers.image.version": label}
    ended = sandbox.run()
    assert ended.code == "build-failed"
    assert "Remove the line syntax= from the Dockerfile." in ended.sentence


@pytest.mark.parametrize("call", ["image inspect", "inspect"])
def test_an_engine_that_breaks_down_is_no_fault_of_the_image(sandbox: Sandbox, call: str) -> None:
    words = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock."
    sandbox.engine.errors[call] = words
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert ended.sentence.endswith(words)


def test_the_image_is_inspected_while_it_starts(sandbox: Sandbox) -> None:
    both = Barrier(2)
    sandbox.engine.meanwhile |= {"start": lambda: both.wait(30), "image inspect": lambda: both.wait(30)}
    assert sandbox.run().succeeded
