"""Why `docker build` failed, by real outputs: the step, how it ended, what it printed, and whose fault it is.

The outputs in tests/build_outputs/ are BuildKit's own, of Docker 26.1. In engine-down.txt the socket's path was
changed.
"""

import re

import pytest

from core.build_failures import explained
from core.reasons import FAULTS, Reason
from core.statuses import clean
from tests.support.stack import ROOT

OUTPUTS = {path.stem: path.read_bytes().decode() for path in (ROOT / "tests" / "build_outputs").iterdir()}
REASONS = {
    "run-exit": "build-failed: Dockerfile:4 RUN echo 'cc -c main.c' && echo 'ma ... ror 1' >&2 && exit 2 ended with "
    "exit code 2. main.c:3:5: error: unknown type name x / cc -c main.c / make: *** [Makefile:2: main.o] Error 1",
    "run-long": "build-failed: Dockerfile:2 RUN for i in $(seq 1 200); do echo ... named flask'; exit 1 ended with "
    "exit code 1. ModuleNotFoundError: No module named flask / step 199 of 200 / step 200 of 200",
    "run-silent": "build-failed: Dockerfile:2 RUN false ended with exit code 1.",
    "run-not-found": "build-failed: Dockerfile:2 RUN npm ci ended with exit code 127. /bin/sh: npm: not found",
    "run-multiline": "build-failed: Dockerfile:2 RUN echo one && echo two && cat /no/such/file ended with exit "
    "code 1. cat: can't open '/no/such/file': No such file or directory / one / two",
    "run-heredoc": "build-failed: Dockerfile:2 RUN <<EOF2 set -e echo one cat /no/such/file EOF2 ended with exit "
    "code 1. cat: can't open '/no/such/file': No such file or directory / one",
    "two-fail": "build-failed: Dockerfile:4 RUN sleep 1; echo from b; exit 4 ended with exit code 4. from b",
    "cr-output": "build-failed: Dockerfile:2 RUN printf 'progress 1\\rprogress 2\\ ... no line end'; exit 1 ended with "
    "exit code 1. red error: bad / progress 2 / no line end",
    "crlf": "build-failed: Dockerfile:2 RUN echo one && \\ cat /no/such ended with exit code 1. "
    "cat: can't open '/no/such': No such file or directory / one",
    "copy-missing": 'build-failed: Dockerfile:2 COPY missing /: "/missing": not found',
    "unknown-instruction": "build-failed: Dockerfile:2 RUNN echo hi: dockerfile parse error on line 2: unknown "
    "instruction: RUNN (did you mean RUN?)",
    "no-target": 'build-failed: target stage "nope" could not be found',
    "base-missing": "build-failed: Dockerfile:1 FROM 127.0.0.1:5999/404/app:1: 127.0.0.1:5999/404/app:1: not found",
    "base-401": "build-failed: The registry gives the base image to nobody without a login. Check its name or ask the "
    "operators for BuildSecret or BaseRepositoryArns. Dockerfile:1 FROM ",
    "cache-missing": 'build-failed: Dockerfile:9 RUN ["/bin/busybox", "sh", "-c", "e ... no type x; exit 3"] ended '
    "with exit code 3. error: no type x / compiling",
    "cache-holes": 'build-failed: Dockerfile:9 RUN ["/bin/busybox", "sh", "-c", "e ... no type x; exit 3"] ended '
    "with exit code 3. error: no type x / compiling",
    "heredoc-crlf": "build-failed: The Dockerfile has line ends of Windows. Save it with LF. Dockerfile:2 ",
    "run-killed": "out-of-memory: The step was killed for want of memory. Let it need less or deploy a larger "
    "BuildComputeType. Dockerfile:2 RUN echo compiling && sh -c 'kill -9 $$' || exit $? ended with exit code 137. ",
    "run-exec-format": "wrong-architecture: A step runs a program that is not for arm64. ",
    "run-no-space": "build-system-fault: The disk of the build is full. ",
    "base-429": "rate-limited: The registry of the base image takes no more requests now. ",
    "base-500": "build-system-fault: The base image cannot be fetched now. ",
    "base-503": "build-system-fault: The base image cannot be fetched now. ",
    "base-eof": "build-system-fault: The base image cannot be fetched now. ",
    "engine-gone": "build-system-fault: The engine ended in the middle of the build. ",
    "engine-down": "build-system-fault: The engine ended in the middle of the build. ",
}
WHOLE = [
    name for name, reason in REASONS.items() if reason.startswith("build-failed: Dockerfile:") or name == "no-target"
]


def found(name: str) -> Reason:
    """What the output of a failure says."""
    reason = explained(OUTPUTS[name].split("\n"))
    assert reason
    return reason


def test_every_output_is_of_a_failure_that_is_known() -> None:
    assert OUTPUTS.keys() == REASONS.keys()


@pytest.mark.parametrize("name", REASONS)
def test_a_failure_has_its_reason(name: str) -> None:
    assert str(found(name)).startswith(REASONS[name])


@pytest.mark.parametrize("name", WHOLE)
def test_of_a_step_nothing_more_is_said_than_its_place_its_end_and_its_words(name: str) -> None:
    assert str(found(name)) == REASONS[name]


@pytest.mark.parametrize("name", REASONS)
def test_a_reason_names_the_last_that_was_said_in_256_characters(name: str) -> None:
    tag = clean(str(found(name)))

    assert len(tag) <= 256
    assert tag.endswith(clean(str(found(name))[-40:]))


@pytest.mark.parametrize("name", REASONS)
def test_what_is_no_fault_of_the_upload_is_built_again(name: str) -> None:
    blameless = ("run-no-space", "base-429", "base-5", "base-eof", "engine-")

    assert (found(name).code in FAULTS) == name.startswith(blameless)


# What the step printed


def test_the_last_20_lines_of_the_step_are_told() -> None:
    numbers = [f"step {number} of 200" for number in range(182, 201)]

    assert list(found("run-long").output) == [*numbers, "ModuleNotFoundError: No module named flask"]


def test_of_two_steps_that_failed_the_one_that_ended_the_build_is_told() -> None:
    assert found("two-fail").output == ("from b",)


@pytest.mark.parametrize("step", ["a", "b"])
def test_of_two_steps_that_failed_alike_it_is_the_one_that_ended_the_build(step: str) -> None:
    alike = re.sub(r"echo from [ab]; exit \d", "cat who; exit 4", OUTPUTS["two-fail"]).replace("code: 3", "code: 4")
    steps, line, end = alike.partition("------\n > [b 2/2]")
    reason = explained((steps + line.replace("b", step) + end).split("\n"))

    assert reason
    assert reason.output == (f"from {step}",)


def test_colours_and_what_was_written_over_are_left_out() -> None:
    assert found("cr-output").output == ("progress 2", "red error: bad", "no line end")


@pytest.mark.parametrize("name", ["copy-missing", "unknown-instruction", "engine-down", "run-silent"])
def test_where_no_step_printed_anything_there_is_no_output(name: str) -> None:
    assert found(name).output == ()


def test_the_output_is_whole_where_the_log_s_beginning_is_not_read() -> None:
    lines = OUTPUTS["run-exit"].split("\n")
    start = next(place for place, line in enumerate(lines) if line.startswith("#8 0."))

    assert explained(lines[start:]) == found("run-exit")


def test_messages_may_hold_several_lines() -> None:
    assert explained([OUTPUTS["run-exit"]]) == found("run-exit")


def test_a_newer_buildkit_says_one_prefix_more() -> None:
    newer = OUTPUTS["run-not-found"].replace("ERROR: failed to solve:", "ERROR: failed to build: failed to solve:")

    assert explained(newer.split("\n")) == found("run-not-found")


@pytest.mark.parametrize(
    "line", ["y" * 10_000, "\x1b[2J\x07ding\u2028end", "reason: not-a-zip: forged", "\ud83c\udf55"]
)
def test_whatever_a_step_prints_is_bounded_and_printable(line: str) -> None:
    output = OUTPUTS["run-not-found"].replace("/bin/sh: npm: not found", line)
    reason = explained(output.split("\n"))

    assert reason
    assert reason.code == "build-failed"
    assert all(len(each) <= 200 for each in reason.output)
    assert all(ord(character) >= 32 for each in (*reason.output, reason.sentence) for character in each)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#7 0.1 ERROR: printed by a step",
        '#7 ERROR: process "/bin/sh -c x" did not complete successfully: exit code: 1',
        "Building for linux/arm64\n ERROR: indented",
    ],
)
def test_without_buildkit_s_own_last_word_there_is_no_failure(text: str) -> None:
    assert explained(text.split("\n")) is None


# The most telling line


@pytest.mark.parametrize(
    ("lines", "telling"),
    [
        (["added 3 packages", "npm error code ERESOLVE", "npm error A complete log of this run can be found in: x"], 1),
        (["Traceback (most recent call last):", "  File x", "ValueError: no"], 2),
        (["src/a.ts(3,5): error TS2322: Type", "Found 1 error."], 0),
        (["warning: could not find x", "./main.go:3:2: undefined: y"], 1),
        (["0 errors, 3 warnings", "done", "it ends"], 2),
        (["Exception in thread main java.lang.NullPointerException", "at x"], 0),
    ],
)
def test_the_most_telling_line_comes_first(lines: list[str], telling: int) -> None:
    printed = "\n".join(f"#5 0.1 {line}" for line in lines)
    output = OUTPUTS["run-not-found"].replace("#5 0.157 /bin/sh: npm: not found", printed)
    reason = explained(output.split("\n"))

    assert reason
    assert f"exit code 127. {lines[telling]}" in str(reason)


# Whose fault it is


def failed(command: str, *lines: str, end: str = "exit code: 1") -> Reason:
    """What is said of a step that printed this and ended so."""
    printed = "\n".join(f"#5 0.1 {line}" for line in lines)
    error = f'process "/bin/sh -c {command}" did not complete successfully: {end}'
    reason = explained([f"{printed}\n#5 ERROR: {error}\nERROR: failed to solve: {error}"])
    assert reason
    return reason


@pytest.mark.parametrize(
    "command",
    [
        "curl x || { echo failed to fetch y: timeout; exit 1; }",
        "./check --ignore toomanyrequests",
        "df; echo no space left on device; false",
        "echo code = Unavailable; false",
        "grep -r 'cannot allocate memory' src",
    ],
)
def test_what_stands_in_a_command_is_no_failure(command: str) -> None:
    assert failed(command).code == "build-failed"


@pytest.mark.parametrize(
    "line", ["OK (got expected error: no space left on device)", "Error: ENOSPC: no space left on device, watch"]
)
def test_words_in_the_middle_of_an_output_are_no_failure(line: str) -> None:
    assert failed("make", line).code == "build-failed"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("dd: error writing 'x': No space left on device", "build-system-fault"),
        ("/bin/sh: ./tool: Exec format error", "wrong-architecture"),
    ],
)
def test_the_system_s_own_words_at_a_line_s_end_are(line: str, code: str) -> None:
    assert failed("make", line).code == code


@pytest.mark.parametrize(
    "end",
    [
        'failed to do request: Head "https://x/v2/": dial tcp: lookup x: server misbehaving',
        'failed to do request: Head "https://x/v2/": dial tcp 192.0.2.1:443: connect: connection timed out',
        'failed to do request: Head "https://x/v2/": dial tcp 192.0.2.1:443: connect: network is unreachable',
        'failed to authorize: Post "https://x/token": context deadline exceeded',
        'failed to do request: Head "https://x/v2/": net/http: request canceled (Client.Timeout exceeded)',
        "failed to copy: httpReadSeeker: failed open: unexpected EOF",
        "unexpected status from HEAD request to https://x/v2/: 520 status code 520",
    ],
)
def test_a_network_that_fails_is_no_fault_of_the_upload(end: str) -> None:
    reason = explained([f"ERROR: failed to solve: node:22: failed to resolve source metadata for node:22: {end}"])

    assert reason
    assert reason.code == "build-system-fault"


def test_a_registry_that_does_not_exist_is_the_upload_s_fault() -> None:
    reason = explained(
        ["ERROR: failed to solve: typo.example/x: failed to do request: dial tcp: lookup x: no such host"]
    )

    assert reason
    assert reason.code == "build-failed"


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        (["Compiling thiserror v1.0.50", "error[E0432]: unresolved import"], "error[E0432]: unresolved import"),
        (["cc -Wall -Werror -c a.c", "main.c:3:5: error: x", "make: *** Error 1"], "main.c:3:5: error: x"),
    ],
)
def test_a_compiler_s_error_is_the_most_telling(lines: list[str], first: str) -> None:
    assert f"exit code 1. {first}" in str(failed("make", *lines))


def test_a_step_that_is_not_in_the_log_any_more_is_a_step() -> None:
    assert str(failed("make")) == "build-failed: A step ended with exit code 1."


@pytest.mark.parametrize("text", ["a" * 300_000, "failed to copy " * 20_000, "a: " * 100_000, 'process "' * 30_000])
def test_an_endless_error_is_searched_only_in_part(text: str) -> None:
    reason = explained([f"ERROR: failed to solve: {text}: not found"])

    assert reason
    assert str(reason).endswith("not found")
    assert len(str(reason)) < 600
