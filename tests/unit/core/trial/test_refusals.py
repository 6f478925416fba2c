"""Why an image can't start, from the words of Docker, runc, Linux, qemu, busybox, dash, bash and GNU's env."""

from dataclasses import replace
from typing import Any

import pytest

from core import reasons
from core.trial.facts import Config, Facts
from core.trial.programs import Kind, Program
from core.trial.refusals import verdict
from tests.unit.core.trial.support.engine_answers import NO_FILE, NO_NAME, NO_RIGHT
from tests.unit.core.trial.support.tried_images import (
    BUSYBOX_S_HINT,
    INIT,
    RUNC,
    SHELL,
    TAG,
    TASK,
    VOLUME,
    missing,
    not_created,
    not_started,
    said,
    script,
)

WORDS_APART = "Write each word separately"
# The word, the engine's answer, what is found, and the hint; the other rows find nothing
REFUSED = [
    ("/app", NO_RIGHT, Program("/app", Kind.FOLDER), "/app which is a folder"),
    ("/app", 'exec: "{}": is a directory: unknown', Program("/app", Kind.FOLDER), "/app which is a folder"),
    ("app", NO_NAME, Program("/usr/local/bin/app", Kind.FOLDER), "/usr/local/bin/app which is a folder"),
    ("/app", NO_RIGHT, Program("/app", Kind.NOT_EXECUTABLE), "/app is not executable. Use COPY --chmod=755 or RUN"),
    ("app", NO_NAME, Program("/bin/app", Kind.NOT_EXECUTABLE), "/bin/app is not executable. Use COPY --chmod=755"),
    ("/app", NO_RIGHT, script("#!/bin/sh"), "The USER of the image may not read or execute /app. Use chmod 755."),
    ("/app", 'exec: "{}": argument list too long: unknown', SHELL, "128 KiB each and 2 MiB together"),
    ("/app", 'exec: "{}": input/output error: unknown', SHELL, "The image starts /app which cannot be started"),
    ("${APP}/httpd", NO_FILE, missing("/${APP}/httpd"), "the image has no program ${APP}/httpd."),
    ("/bin/sh/x", f'exec: "{{0}}": stat {{0}}: not a directory: unknown: {BUSYBOX_S_HINT}', missing("/"), "/bin/sh/x"),
    *(
        (word, words, missing(word), hint)
        for word, words, hint in [
            ("node", NO_NAME, "The image starts node which is in no folder of its PATH."),
            ("node ", NO_NAME, "The image starts node  which is in no folder of its PATH."),
            ("/app", NO_FILE, "The image starts /app which is not in it."),
            ("$APP", NO_NAME, "expand no variables and the image has no program $APP."),
            ("httpd -f -p 8080", NO_NAME, f"one word: httpd -f -p 8080. {WORDS_APART}"),
            ("/bin/httpd -f", NO_FILE, f"one word: /bin/httpd -f. {WORDS_APART}"),
            ("", NO_NAME, "The first word of the CMD or ENTRYPOINT is empty"),
            (" ", NO_NAME, "The first word of the CMD or ENTRYPOINT is empty"),
            (
                "httpd",
                'exec: "{}": cannot run executable found relative to current directory: unknown',
                "Begin each folder of PATH with a slash",
            ),
            ("/app", 'exec: "{0}": stat {0}: too many levels of symbolic links: unknown', "starts /app"),
            ("/" + "x" * 300, 'exec: "{0}": stat {0}: file name too long: unknown', "The image starts /xxx"),
            ("permission denied", NO_NAME, WORDS_APART),
            ("Cannot connect to the Docker daemon", NO_NAME, WORDS_APART),
            ("x: no space left on device", NO_NAME, WORDS_APART),
        ]
    ),
]


@pytest.mark.parametrize(("word", "words", "found", "hint"), REFUSED)
@pytest.mark.parametrize("prefix", [RUNC, INIT])
def test_a_program_that_the_engine_refuses_gets_fitting_advice(
    prefix: str, word: str, words: str, found: Program, hint: str
) -> None:
    reason = verdict(not_started(prefix + words.format(word), found, command=(word, "-f")), TAG)
    assert reason
    assert reason.code == "no-program"
    assert hint in reason.sentence
    assert 'exec: "' in reason.sentence
    assert ("chmod" in reason.sentence) == (found.kind in {Kind.NOT_EXECUTABLE, Kind.SCRIPT})


def test_a_line_break_behind_the_engine_s_words_changes_no_advice() -> None:
    facts = not_started("", script("#!/bin/sh"))
    words = f"Error response from daemon: {RUNC}{NO_RIGHT.format('/app')}\n"
    assert "Use chmod 755" in said(replace(facts, not_started=words))


# The engine's own fault


ENGINE_FAULTS = [
    f"{TASK}OCI runtime create failed: cgroups: cgroup mountpoint does not exist: unknown",
    f"{TASK}ttrpc: closed: unknown",
    f'{TASK}OCI runtime create failed: exec: "containerd-shim-runc-v2": executable file not found in $PATH: unknown',
    f"{TASK}OCI runtime create failed: error reopening exec fifo: open /proc/1/fd/4: no such file or directory",
    f"{TASK}fork/exec /usr/bin/containerd-shim-runc-v2: resource temporarily unavailable",
    f"{RUNC}apparmor: write /proc/self/attr/apparmor/exec: no such file or directory: unknown",
    f"{RUNC}unable to apply cgroup configuration: mkdir /sys/fs/cgroup/x: cannot allocate memory: unknown",
    f'{INIT}error mounting "cgroup" to rootfs at "/sys/fs/cgroup": mount cgroup: not permitted: unknown',
    f'{INIT}error mounting "{VOLUME}" to rootfs at "/data": mount {VOLUME}: no space left on device: unknown',
    "mkdir /run/containerd/io.containerd.runtime.v2.task/moby/1: no space left on device",
    "mkdir /var/lib/docker/overlay2/x: no space left on device",
    "failed to mount overlay: invalid argument",
    "No such image: 1.dkr.ecr/x:y",
    "dial unix /run/containerd/containerd.sock: connect: connection refused: unavailable",
]


@pytest.mark.parametrize("make", [not_created, not_started])
@pytest.mark.parametrize("words", ENGINE_FAULTS)
def test_a_fault_of_the_engine_is_no_fault_of_the_image(words: str, make: Any) -> None:
    reason = verdict(make(words), TAG)
    assert reason
    assert reason.code in reasons.FAULTS
    assert reason.sentence.startswith("The engine failed. ")


@pytest.mark.parametrize(
    "answer",
    [
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct",
        "error during connect: Post http://%2Fvar%2Frun%2Fdocker.sock/v1.45/containers/create: EOF",
        "docker ended with exit code -9.",
    ],
)
@pytest.mark.parametrize("question", ["not_created", "not_started", "no_answer"])
def test_an_engine_that_does_not_answer_is_no_fault_of_the_image(question: str, answer: str) -> None:
    config = Config(image_tag=TAG)
    facts = {
        "not_created": Facts(not_created=answer),
        "not_started": Facts(config, status="created", not_started=answer),
        "no_answer": Facts(config, no_answer=answer),
    }[question]
    assert said(facts) == f"build-system-fault: The engine failed. {answer}"


@pytest.mark.parametrize("make", [not_created, not_started])
@pytest.mark.parametrize(
    "words",
    [
        f"{RUNC}unable to setup user: setgroups: operation not permitted: unknown",
        f"{RUNC}something that no version has said yet: unknown",
        "something that no version has said yet",
        "the image says: no space left on device, or so",
    ],
)
def test_an_unknown_refusal_has_its_own_code_and_the_engine_s_words(words: str, make: Any) -> None:
    reason = verdict(make(words, volumes=("/data", "/process", "/devices")), TAG)
    assert reason
    assert reason.code in reasons.UNKNOWN
    assert reason.sentence == f"The engine refused to start the image. {words.removeprefix(RUNC)}"


def test_no_code_is_both_a_fault_and_unknown() -> None:
    assert not reasons.FAULTS & reasons.UNKNOWN
