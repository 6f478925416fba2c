"""A registry, the network or the engine failed: nobody's fault."""

import pytest

from tests.unit.core.build_output.support.outputs import OUTPUTS, said
from tests.unit.core.build_output.support.unreachable import HEAD, UNREACHABLE, refused


@pytest.mark.parametrize("answer", UNREACHABLE)
@pytest.mark.parametrize("operation", [None, "failed to compute cache key: failed to copy: "])
def test_a_failed_network_is_no_fault_of_the_upload(answer: str, operation: str | None) -> None:
    assert refused(answer, operation=operation).code == "build-system-fault"


@pytest.mark.parametrize("before", ["DeadlineExceeded: ", "DeadlineExceeded: " * 4, "Internal: failed to build: "])
def test_the_codes_of_an_error_say_nothing_of_its_cause(before: str) -> None:
    timeout = f"{HEAD}dial tcp 192.0.2.1:443: i/o timeout"
    asked = "node:22: failed to resolve source metadata for docker.io/library/node:22: "
    process = 'process "/bin/sh -c make" did not complete successfully: cannot allocate memory'

    assert refused(timeout, operation=f"{before}{asked}").code == "build-system-fault"
    assert said(f"#5 [2/2] RUN make\n#5 ERROR: {process}\nERROR: failed to solve: {before}{process}") == (
        said(f"#5 [2/2] RUN make\n#5 ERROR: {process}\nERROR: failed to solve: {process}")
    )
    assert said(f"#5 ERROR: {process}\nERROR: failed to solve: {before}{process}").code == "out-of-memory"


@pytest.mark.parametrize(
    "image", ["timeout", "eof/unexpected-eof:503", "node:22@sha256:0", "x.example:5000/a/429:latest"]
)
def test_a_fault_is_recognized_whatever_the_image_is_called(image: str) -> None:
    assert refused(UNREACHABLE[0], image).code == "build-system-fault"
    assert (
        refused("unexpected status from HEAD request to https://x/: 429 Too Many Requests", image).code
        == "rate-limited"
    )


@pytest.mark.parametrize(
    "answer",
    [
        f"{HEAD}dial tcp: lookup x: no such host",
        f"{HEAD}dial tcp 127.0.0.1:5000: connect: connection refused",
        f"{HEAD}tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ],
)
def test_an_impossible_registry_is_the_upload_s_fault(answer: str) -> None:
    assert refused(answer).code == "build-failed"


@pytest.mark.parametrize(
    "error",
    [
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "failed to connect to the docker API at unix:x; check if the path is correct and if the daemon is running: x",
        "failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
        "failed to solve: Unavailable: error reading from server: EOF",
        "failed to solve: rpc error: code = Unavailable desc = transport is closing",
    ],
)
def test_an_engine_that_stops_is_no_fault_of_the_upload(error: str) -> None:
    assert said(f"#5 0.1 working\nERROR: {error}").code == "build-system-fault"


FRONTEND = "#2 resolve image config for docker-image://{}\n#2 DONE 0.5s\n"


@pytest.mark.parametrize(
    ("frontend", "code"),
    [
        ("docker.io/docker/dockerfile:1", "build-system-fault"),
        ("docker.io/docker/dockerfile@sha256:1", "build-system-fault"),
        ("docker.io/docker/dockerfile.example/x:1", "build-failed"),
        ("docker.io/uploader/dockerfile:1", "build-failed"),
    ],
)
def test_a_frontend_of_the_upload_s_own_may_have_written_any_error(frontend: str, code: str) -> None:
    asked = FRONTEND.format(frontend)
    gone = "ERROR: failed to solve: Unavailable: error reading from server: EOF"
    lost = f"#5 ERROR: {UNREACHABLE[0]}\nERROR: failed to solve: failed to copy: {UNREACHABLE[0]}"

    assert said(f"{asked}#5 0.1 working\n{gone}").code == code
    assert said(f"{asked}#5 [1/2] FROM x\n{lost}").code == code


def test_a_stage_that_is_named_after_its_image_does_not_hide_a_fault() -> None:
    output = OUTPUTS["stage-typo"].replace("COPY --from=bulider /out /www", "FROM bulider AS builder")

    assert said(output.replace("no such host", "server misbehaving")).code == "build-system-fault"


def test_a_fault_counts_only_if_its_step_reports_it() -> None:
    assert said(f"ERROR: failed to solve: node: failed to resolve source metadata for node: {UNREACHABLE[0]}").code == (
        "build-failed"
    )
