"""Why `docker build` failed, from real outputs: the step, how it ended, what it printed, and whose fault it is.

The outputs in tests/build_outputs/docker/ are BuildKit's own, from Docker 26.1, with other addresses and folders.
run-clipped.txt was shortened, and stage-typo-denied.txt has Docker Hub's answer.
"""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.build_output.build_failures import ends_so_with_any_cache, explained
from core.notifying.statuses import clean
from core.reasons import FAULTS, Reason
from tests.support.stack import ROOT

OUTPUTS = {
    path.stem: path.read_bytes().decode(errors="replace")
    for path in (ROOT / "tests" / "build_outputs" / "docker").rglob("*.txt")
}
DOCKERFILE = """\
FROM public.ecr.aws/docker/library/busybox:stable AS builder
ADD --checksum=sha256:0000000000000000000000000000000000000000000000000000000000000000 http://127.0.0.1:5999/v2/ /x
"""
SOURCE = {"dist", "dist/index.html", "Dockerfile"}
REASONS = {
    "run-exit": "build-failed: Dockerfile:4 RUN echo 'cc -c main.c' && echo 'ma ... ror 1' >&2 && exit 2 ended with "
    "exit code 2. main.c:3:5: error: unknown type name x / make: *** [Makefile:2: main.o] Error 1",
    "run-long": "build-failed: Dockerfile:2 RUN for i in $(seq 1 200); do echo ... named flask'; exit 1 ended with "
    "exit code 1. ModuleNotFoundError: No module named flask",
    "run-silent": "build-failed: Dockerfile:2 RUN false ended with exit code 1.",
    "run-not-found": "build-failed: Dockerfile:2 RUN npm ci ended with exit code 127. /bin/sh: npm: not found",
    "run-multiline": "build-failed: Dockerfile:2 RUN echo one && echo two && cat /no/such/file ended with exit "
    "code 1. cat: can't open '/no/such/file': No such file or directory",
    "run-heredoc": "build-failed: Dockerfile:2 RUN <<EOF2 set -e echo one cat /no/such/file EOF2 ended with exit "
    "code 1. cat: can't open '/no/such/file': No such file or directory",
    "run-clipped": 'build-failed: Dockerfile:2 RUN i=0; while [ $i -lt 400 ]; do i ... missing" >&2; exit 3 ended with '
    f"exit code 3. Error: the database driver is missing / {'x' * 40} / compiling unit 370 BuildKit left out a part of "
    "the output: log limit 2MiB.",
    "run-latin-1": 'build-failed: Dockerfile:2 RUN exec 2>&1; printf "10%%\\r50%%\\r ... l)\\033[0m\\n"; exit 5 ended '
    "with exit code 5. 100% fertig / Fehler: Datei \u00fcbel.txt fehlt (\ufffdbel)",
    "tests-fail": "build-failed: Dockerfile:4 RUN echo '2 passed, 1 failed'; exit 3 ended with exit code 3. 2 passed, "
    "1 failed",
    "two-fail": "build-failed: Dockerfile:4 RUN sleep 1; echo from b; exit 4 ended with exit code 4. from b",
    "cr-output": "build-failed: Dockerfile:2 RUN printf 'progress 1\\rprogress 2\\ ... no line end'; exit 1 ended with "
    "exit code 1. red error: bad / no line end",
    "crlf": "build-failed: Dockerfile:2 RUN echo one && cat /no/such ended with exit code 1. "
    "cat: can't open '/no/such': No such file or directory",
    "copy-missing": 'build-failed: Dockerfile:2 COPY missing /: "/missing": not found',
    "copy-missing-timeout": 'build-failed: Dockerfile:2 COPY timeout.js /: "/timeout.js": not found',
    "copy-from-missing": "build-failed: Dockerfile:3 COPY --from=a /no/such/timeout /: lstat /no/such/timeout: no such "
    "file or directory",
    "copy-ignored": "build-failed: The source has dist but .dockerignore excludes it. Dockerfile:2 COPY dist /www: ",
    "copy-ignored-glob": "build-failed: The source has dist but .dockerignore excludes it. Dockerfile:2 COPY "
    "dist/*.html /www/: ",
    "add-checksum": "build-failed: Dockerfile:2 ADD --checksum=sha256:0000000000000 ... 27.0.0.1:5999/v2/ /x: digest "
    "mismatch sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: sha256:"
    "0000000000000000000000000000000000000000000000000000000000000000",
    "add-eof": 'build-failed: ADD http://127.0.0.1:5999/503 /x: Get "http://127.0.0.1:5999/503": EOF',
    "add-git": "build-failed: ADD https://127.0.0.1:5999/x.git#timeout /x: failed to fetch remote "
    "https://127.0.0.1:5999/x.git: git error: exit status 128 / fatal: unable to access ",
    "unknown-instruction": "build-failed: Dockerfile:2 RUNN echo hi: dockerfile parse error on line 2: unknown "
    "instruction: RUNN (did you mean RUN?)",
    "no-target": 'build-failed: target stage "nope" could not be found',
    "stage-typo": "build-failed: Dockerfile:3 COPY --from=bulider /out /www: the Dockerfile has no stage bulider. "
    "It has builder.",
    "stage-typo-denied": "build-failed: Dockerfile:3 COPY --from=bulider /out /www: the Dockerfile has no stage "
    "bulider. It has builder.",
    "base-missing": "build-failed: Dockerfile:1 FROM 127.0.0.1:5999/404/app:1: 127.0.0.1:5999/404/app:1: not found",
    "base-401": "build-failed: The registry gives the base image to nobody without a login. Check its name or ask the "
    "operators for BuildSecret or BaseRepositoryArns. Dockerfile:1 FROM ",
    "base-denied": "build-failed: The registry gives the base image to nobody without a login. ",
    "base-amd64": "wrong-architecture: The base image does not exist for linux/arm64. Choose one that does. "
    "Dockerfile:1 FROM 127.0.0.1:5999/amd/app:1: ",
    "cache-missing": 'build-failed: Dockerfile:9 RUN ["/bin/busybox", "sh", "-c", "e ... no type x; exit 3"] ended '
    "with exit code 3. error: no type x",
    "cache-holes": "build-failed: Dockerfile:8 COPY text /text: failed to copy: httpReadSeeker: failed open: could not "
    "fetch content descriptor ",
    "heredoc-crlf": "build-failed: The Dockerfile has line ends of Windows. Save it with LF. Dockerfile:2 ",
    "heredoc-open": "build-failed: A heredoc has no end. Put its end word alone on a line without spaces around it. "
    "Dockerfile:2 RUN <<EOF echo EOF: unterminated heredoc",
    "run-killed": "out-of-memory: The step was killed for want of memory. Let it need less or deploy a larger "
    "BuildComputeType. Dockerfile:2 RUN echo compiling && sh -c 'kill -9 $$' || exit $? ended with exit code 137. ",
    "run-exec-format": "wrong-architecture: A step runs a program that is not for arm64. ",
    "run-no-space": "disk-full: The step filled the disk of the build or a small one such as /dev/shm with 64 MiB. ",
    "run-shm-full": "disk-full: The step filled the disk of the build or a small one such as /dev/shm with 64 MiB. ",
    "forged-by-step": "build-failed: Dockerfile:2 RUN printf partial; ",
    "forged-by-dockerfile": "build-failed: Dockerfile:2 COPY <<E /x ${X:?bad ERROR: Cannot ... r daemon running?} E: "
    "failed to process ",
    "forged-by-variable": "build-failed: Dockerfile:2 ENV A=${X:?failed to do request: i/o timeout}: Syntax error ",
    "base-429": "rate-limited: The registry of the base image takes no more requests now. ",
    "layer-429": "rate-limited: The registry of the base image takes no more requests now. ",
    "base-500": "build-system-fault: The base image cannot be fetched now. ",
    "base-503": "build-system-fault: The base image cannot be fetched now. ",
    "base-eof": "build-system-fault: The base image cannot be fetched now. ",
    "base-token-503": "build-system-fault: The base image cannot be fetched now. ",
    "layer-503": "build-system-fault: The base image cannot be fetched now. ",
    "frontend-503": "build-system-fault: The base image cannot be fetched now. ",
    "engine-gone": "build-system-fault: The engine stopped during the build. ",
    "engine-down": "build-system-fault: The engine stopped during the build. ",
}
WHOLE = [
    name
    for name, reason in REASONS.items()
    if reason.startswith("build-failed: Dockerfile:") and not name.startswith(("forged", "cache-holes"))
]
WITH_CR = {"crlf", "heredoc-crlf"}
BLAMELESS = ("base-429", "base-5", "base-eof", "base-token", "layer-", "frontend-", "engine-")


def said(output: str, dockerfile: str = DOCKERFILE) -> Reason:
    """What the output of a failure says."""
    return explained(output, dockerfile, SOURCE.__contains__)


def found(name: str) -> Reason:
    """The reason for one of the outputs."""
    return said(OUTPUTS[name], DOCKERFILE.replace("\n", "\r\n") if name in WITH_CR else DOCKERFILE)


def test_every_output_is_of_a_failure_that_is_known() -> None:
    assert OUTPUTS.keys() == REASONS.keys()


@pytest.mark.parametrize("name", REASONS)
def test_a_failure_has_its_reason_and_a_tag_its_last_words(name: str) -> None:
    reason = str(found(name))
    tag = clean(reason)

    assert reason.startswith(REASONS[name])
    assert name not in WHOLE or reason == REASONS[name], "of a step only its place, its end and its words are said"
    assert len(tag) <= 256
    assert tag.endswith(clean(reason[-40:]))
    assert (found(name).code in FAULTS) == name.startswith(BLAMELESS), "what is nobody's fault is built again"


@pytest.mark.parametrize("text", ["", "\n", "#7 0.1 ERROR: printed by a step", "Building\n ERROR: indented"])
def test_without_docker_s_own_last_line_the_build_failed_without_a_message(text: str) -> None:
    assert str(said(text)) == "build-failed: docker build failed without a message."


# What the step printed


PRINTED: dict[str, tuple[str, ...]] = {
    "run-long": (
        *(f"step {number} of 200" for number in range(182, 201)),
        "ModuleNotFoundError: No module named flask",
    ),
    "two-fail": ("from b",),  # the one that ended the build
    "cr-output": ("progress 2", "red error: bad", "no line end"),  # as a terminal would show it
    **dict.fromkeys(["copy-missing", "unknown-instruction", "engine-down", "run-silent"], ()),
}


@pytest.mark.parametrize("name", PRINTED)
def test_the_last_20_lines_of_the_step_are_shown(name: str) -> None:
    assert found(name).output == PRINTED[name]


def test_the_telling_line_is_shown_even_if_much_follows() -> None:
    assert "Error: the database driver is missing" in found("run-clipped").output


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("\n0.157 /bin/sh", "\n#5 0.157 /bin/sh", id="output is repeated, not read again"),
        pytest.param("ERROR: failed to solve:", "ERROR: failed to build: failed to solve:", id="a newer BuildKit"),
    ],
)
def test_what_buildkit_adds_changes_no_reason(before: str, after: str) -> None:
    assert before in OUTPUTS["run-not-found"]
    assert said(OUTPUTS["run-not-found"].replace(before, after)) == found("run-not-found")


@pytest.mark.parametrize("step", ["a", "b"])
def test_of_two_steps_that_failed_alike_it_is_the_one_that_ended_the_build(step: str) -> None:
    alike = re.sub(r"echo from [ab]; exit \d", "cat who; exit 4", OUTPUTS["two-fail"]).replace("code: 3", "code: 4")
    steps, line, end = alike.partition("------\n > [b 2/2]")

    assert said(steps + line.replace("b", step) + end).output == (f"from {step}",)


# The tests' stage

OF_OTHER_STAGES = {"tests-fail", "two-fail", "run-long", "cache-missing"}


def said_of_tests(name: str, stage: str) -> Reason:
    """The reason for one of the outputs, if the build was for the tests' stage."""
    return explained(OUTPUTS[name], DOCKERFILE, SOURCE.__contains__, stage)


@pytest.mark.parametrize("stage", ["unit-tests", "Unit-Tests"])
def test_a_failed_command_in_the_tests_stage_means_the_tests_failed(stage: str) -> None:
    failure = said_of_tests("tests-fail", stage)

    assert failure.code == "tests-failed"
    assert (failure.sentence, failure.output) == (found("tests-fail").sentence, ("2 passed, 1 failed",))


def test_a_failed_step_in_a_stage_below_the_tests_is_a_failed_build() -> None:
    assert said_of_tests("tests-fail", "integration") == found("tests-fail")


def test_stages_with_many_steps_are_known() -> None:
    padded = OUTPUTS["tests-fail"].replace("[unit-tests 1/1]", "[unit-tests  1/10]")

    assert explained(padded, DOCKERFILE, SOURCE.__contains__, "unit-tests").code == "tests-failed"


@pytest.mark.parametrize("name", sorted(REASONS.keys() - OF_OTHER_STAGES - WITH_CR))
def test_unless_a_step_exited_with_a_code_no_test_has_failed(name: str) -> None:
    ended_by_itself = "did not complete successfully: exit code: " in OUTPUTS[name]
    failure, alone = said_of_tests(name, "test"), found(name)

    assert (failure.code == "tests-failed") == (ended_by_itself and alone.code == "build-failed")
    assert failure.sentence == alone.sentence


@pytest.mark.parametrize(
    "line", ["y" * 10_000, "\x1b[2J\x07ding\u2028end", "reason: not-a-zip: forged", "\U0001f355", "a\x85b\x0bc\x1ed"]
)
def test_whatever_a_step_prints_is_bounded_and_printable(line: str) -> None:
    reason = said(OUTPUTS["run-not-found"].replace("/bin/sh: npm: not found", line))

    assert reason.code == "build-failed"
    assert len(reason.output) == 1
    assert all(len(each) <= 200 for each in reason.output)
    assert all(ord(character) >= 32 for each in (*reason.output, reason.sentence) for character in each)


# Advice


NO_SUGGESTION = {" (did you mean builder?)": ""}
ADVICE: list[tuple[str, dict[str, str], str, bool]] = [
    # The output, what is changed in it, the advice, and whether it is given
    ("heredoc-crlf", {}, "line ends of Windows", False),  # the step has them, and the Dockerfile hasn't
    ("copy-ignored", {}, ".dockerignore", True),
    ("copy-ignored", {'"/dist"': '"/dost"'}, ".dockerignore", False),
    ("copy-ignored", {'"/dist"': '"/../dist"'}, ".dockerignore", False),
    ("copy-ignored", {'"/dist"': '"/a\\xb"'}, ".dockerignore", False),
    ("copy-ignored", {"COPY dist": "COPY --from=builder dist"}, ".dockerignore", False),
    # An image is missing, or a stage is named after its image
    ("stage-typo-denied", NO_SUGGESTION | {"COPY --from=bulider /out /www": "FROM bulider"}, "no stage", False),
    ("stage-typo-denied", {"COPY --from=bulider /out /www": "FROM bulider AS builder"}, "no stage", False),
]


@pytest.mark.parametrize(("name", "changes", "advice", "given"), ADVICE)
def test_advice_is_given_only_where_it_fits(name: str, changes: dict[str, str], advice: str, given: bool) -> None:
    output = OUTPUTS[name]
    for before, after in changes.items():
        assert before in output
        output = output.replace(before, after)

    assert (advice in str(said(output))) is given


def test_an_open_heredoc_in_a_dockerfile_with_windows_line_ends_is_blamed_on_them() -> None:
    assert "line ends of Windows" in str(said(OUTPUTS["heredoc-open"], "RUN <<EOF\r\nEOF \r\n"))


def test_the_stages_are_listed_if_docker_suggests_none() -> None:
    output = OUTPUTS["stage-typo-denied"].replace(" (did you mean builder?)", "").replace("bulider", "compiled")

    assert str(said(output, "FROM x AS builder\nFROM y as test\n")).endswith(
        ": the Dockerfile has no stage compiled. It has builder and test."
    )


@pytest.mark.parametrize(
    "error",
    [
        "failed to copy files: copy file range failed: no space left on device",
        "failed to copy files: userspace copy failed: write /var/lib/docker/x/merged/a: no space left on device",
        "write /var/lib/docker/buildkit/x: no space left on device",
        "failed to extract layer sha256:1: write /usr/lib/x: no space left on device: unknown",
        "failed to extract layer (1) to overlayfs as x: write /var/lib/containerd/x: no space left on device",
    ],
)
def test_the_engine_s_own_disk_is_full(error: str) -> None:
    for before in ("", "ResourceExhausted: "):
        reason = said(f"#5 ERROR: {error}\nERROR: failed to solve: {before}{error}")
        assert str(reason).startswith("disk-full: The disk of the build")


def failed(*lines: str, command: str = "make", end: str = "exit code: 1") -> Reason:
    """What is said of a step that printed this and ended so."""
    printed = "\n".join(f"#5 0.1 {line}" for line in lines)
    error = f"process {json.dumps(f'/bin/sh -c {command}')} did not complete successfully: {end}"
    return said(f"{printed}\n#5 ERROR: {error}\nERROR: failed to solve: {error}")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("dd: error writing 'x': No space left on device", "disk-full"),
        ("npm error nospc ENOSPC: no space left on device, write", "disk-full"),
        ("OSError: [Errno 28] No space left on device", "disk-full"),
        ("OSError: [Errno 28] No space left on device: '/app/x'", "disk-full"),
        ("Error: ENOSPC: no space left on device, copyfile '/a' -> '/b'", "disk-full"),
        ("error: failed to write /t/x: No space left on device (os error 28)", "disk-full"),
        ("rsync: [receiver] write failed on /x: No space left on device (28)", "disk-full"),
        ("E: Write error - write (28: No space left on device)", "disk-full"),
        ("cannot copy extracted data for './x' to '/x': failed to write (No space left on device)", "disk-full"),
        ("System.IO.IOException: No space left on device : '/home/app/.nuget/x'", "disk-full"),
        ("Error: ENOSPC: no space left on device, watch", "build-failed"),
        ("OK (got expected error: no space left on device)", "build-failed"),
        ("Error: ENOSPC: no space left on device, watch '/app'", "build-failed"),
        ("no space left on device: is that what the test expects?", "build-failed"),
        ("/bin/sh: ./tool: Exec format error", "wrong-architecture"),
        ("OSError: [Errno 8] Exec format error: './chromedriver'", "wrong-architecture"),
        ("could not execute process `./x` (never executed): Exec format error (os error 8)", "wrong-architecture"),
        ("exec format error: a chapter about binfmt", "build-failed"),
    ],
)
def test_the_system_s_words_at_the_end_of_a_line_are_recognized(line: str, code: str) -> None:
    assert failed(line).code == code


@pytest.mark.parametrize(
    "command",
    [
        "curl x || { echo failed to fetch y: timeout; exit 1; }",
        "df; echo no space left on device; false",
        "echo '\" did not complete successfully: exit code: 137'; false",
        "grep -r 'cannot allocate memory' src",
    ],
)
def test_what_stands_in_a_command_is_no_failure(command: str) -> None:
    assert failed(command=command).code == "build-failed"


def test_a_step_that_is_not_in_the_output_is_called_a_step() -> None:
    assert str(failed()) == "build-failed: A step ended with exit code 1."


# Nobody's fault


def refused(answer: str, image: str = "node:22", operation: str | None = None) -> Reason:
    """The reason if a registry or the network to it gives this answer to a request for the image."""
    operation = operation or f"{image}: failed to resolve source metadata for {image}: "
    return said(
        f"#2 [internal] load metadata for {image}\n#2 ERROR: {answer}\nERROR: failed to solve: {operation}{answer}"
    )


HEAD = 'failed to do request: Head "https://x/v2/": '
UNREACHABLE = [
    f"{HEAD}dial tcp: lookup x: server misbehaving",
    f"{HEAD}dial tcp 192.0.2.1:443: connect: connection timed out",
    f"{HEAD}dial tcp 192.0.2.1:443: connect: connection refused",
    f"{HEAD}dial tcp 192.0.2.1:443: connect: network is unreachable",
    f"{HEAD}dial tcp 192.0.2.1:443: i/o timeout",
    f"{HEAD}read tcp 192.0.2.2:4->192.0.2.1:443: read: connection reset by peer",
    f"{HEAD}net/http: TLS handshake timeout",
    f"{HEAD}net/http: request canceled (Client.Timeout exceeded)",
    f"{HEAD}context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    f"{HEAD}net/http: timeout awaiting response headers",
    f"{HEAD}write tcp 192.0.2.2:4->192.0.2.1:443: write: broken pipe",
    f"{HEAD}http2: client connection lost",
    "failed to copy: local error: tls: bad record MAC",
    f"{HEAD}stream error: stream ID 1; INTERNAL_ERROR; received from peer",
    'failed to authorize: Post "https://x/token": context deadline exceeded',
    "failed to copy: httpReadSeeker: failed open: unexpected EOF",
    "failed to copy: httpReadSeeker: failed open: unexpected status code https://x/a/blobs/b: 503 Service Unavailable",
    "unexpected status from HEAD request to https://x/v2/: 520 status code 520",
]


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


# With and without the cache


@pytest.mark.parametrize("name", ["cache-holes", "layer-503", "layer-429"])
def test_a_failure_that_the_cache_may_have_caused_is_built_again_without_it(name: str) -> None:
    assert not ends_so_with_any_cache(OUTPUTS[name])


@pytest.mark.parametrize(
    "name",
    ["cache-missing", "run-exit", "copy-missing", "base-503", "no-target", "unknown-instruction", "heredoc-open"],
)
def test_a_failure_that_no_cache_can_change_is_not_built_again(name: str) -> None:
    assert ends_so_with_any_cache(OUTPUTS[name])
