"""No text that an uploader writes is taken for a fault."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.reasons import FAULTS
from tests.unit.core.build_output.support.outputs import OUTPUTS, failed, said
from tests.unit.core.build_output.support.unreachable import UNREACHABLE

FAULT_WORDS = [
    *UNREACHABLE,
    "timeout",
    "unreachable",
    "toomanyrequests: x",
    "429 Too Many Requests",
    "no space left on device",
    "failed to resolve source metadata for x: failed to copy: EOF",
    f"ERROR: failed to solve: x: failed to resolve source metadata for x: {UNREACHABLE[0]}",
    "ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
    f"#5 ERROR: {UNREACHABLE[0]}",
    "------",
    "-" * 20,
]
TEXTS = st.lists(st.sampled_from(FAULT_WORDS) | st.text(max_size=9), min_size=1, max_size=4)
ONE_LINE = TEXTS.map(lambda parts: re.sub(r"[\n\r]", " ", ": ".join(parts)))
NAMES = st.from_regex(r"[a-z0-9]+([._-](timeout|eof|429|503|[a-z0-9]+)){0,3}", fullmatch=True)


@given(TEXTS.map("\n".join))
@example(FAULT_WORDS[-6])
def test_no_text_of_a_step_is_a_fault(text: str) -> None:
    printed = "\n".join(f"#5 0.157 {line}" for line in text.split("\n"))
    output = OUTPUTS["run-not-found"].replace("#5 0.157 /bin/sh: npm: not found", printed)

    assert said(output.replace("0.157 /bin/sh: npm: not found", text)).code not in FAULTS


@given(ONE_LINE)
def test_no_command_is_a_fault(command: str) -> None:
    assert failed("no", command=command).code not in FAULTS


@given(ONE_LINE)
@example("timeout.js")
@example("unreachable.html")
def test_no_name_of_a_file_is_a_fault(name: str) -> None:
    quoted = json.dumps(f"/{name}")

    assert said(OUTPUTS["copy-missing"].replace('"/missing"', quoted).replace("missing", name)).code not in FAULTS


@given(NAMES)
@example("timeout")
def test_no_name_of_a_stage_is_a_fault(name: str) -> None:
    assert said(OUTPUTS["no-target"].replace("nope", name)).code not in FAULTS
    assert said(OUTPUTS["stage-typo"].replace("bulider", name)).code not in FAULTS


@given(NAMES, NAMES)
def test_no_name_of_an_image_is_a_fault(name: str, tag: str) -> None:
    assert said(OUTPUTS["base-missing"].replace("404/app:1", f"{name}:{tag}")).code not in FAULTS
    assert said(OUTPUTS["base-denied"].replace("hub/app:1", f"{name}:{tag}")).code not in FAULTS


@given(TEXTS.map("\n".join))
@example("bad\n" + FAULT_WORDS[-5])
@example(f"bad\n{'-' * 20}\n{FAULT_WORDS[-5]}")
def test_no_message_in_a_dockerfile_is_a_fault(text: str) -> None:
    error = f"failed to process {json.dumps('${X:?' + text + '}')}: X: {text}"

    assert said(
        f"Dockerfile:2\n{'-' * 20}\n   2 | >>> COPY <<E /x\n{'-' * 20}\nERROR: failed to solve: {error}"
    ).code == ("build-failed")


@pytest.mark.parametrize(
    "error",
    [
        "unknown flag: timeot (did you mean timeout?)",
        "unknown flag: --timeout",
        "unknown instruction: TIMEOUT",
        'Interval "timeout" cannot be less than 1ms',
    ],
)
def test_a_mistake_in_the_dockerfile_is_the_upload_s_fault(error: str) -> None:
    output = OUTPUTS["unknown-instruction"].replace("unknown instruction: RUNN (did you mean RUN?)", error)

    assert said(output).code == "build-failed"


@pytest.mark.parametrize("text", ["a" * 300_000, "failed to copy " * 20_000, "a: " * 100_000, 'process "' * 30_000])
def test_an_endless_error_is_searched_only_in_part(text: str) -> None:
    reason = said(f"ERROR: failed to solve: {text}: not found")

    assert str(reason).endswith("not found")
    assert len(str(reason)) < 600
