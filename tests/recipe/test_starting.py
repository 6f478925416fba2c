"""The recipe starts the image's own command for a moment, and the engine and the kernel decide."""

import pytest

from tests.recipe.support.sandbox import Sandbox, program

NOT_CREATED = "failed to create task for container: failed to create shim task: OCI runtime create failed: "
RUNC = f"{NOT_CREATED}runc create failed: unable to start container process: "
CR_LF = "line ends of Windows"
NO_FILE, NO_FORMAT = "no such file or directory", "exec format error"


def test_a_program_that_runs_has_passed(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded


@pytest.mark.parametrize("status", [0, 1, 2, 126, 127, 137, 255])
def test_a_program_that_ends_has_passed_whatever_its_exit_code(sandbox: Sandbox, status: int) -> None:
    sandbox.container_ends(status, "Error: connect ECONNREFUSED 127.0.0.1:3306\n")
    assert sandbox.run().succeeded


@pytest.mark.parametrize(
    "output",
    [
        "",
        "config.js: no such file or directory\n",
        "/bin/sh: node: not found\n",
        "open /data/db: permission denied\n",
        "/app: 12: cannot create /var/log/app.log: Permission denied\n",
        "/app: line 5: /data/config.json: Permission denied\n",
        "exec /hooks/pre-start: no such file or directory, giving up\n",
        b"\0\xff\xfe\r\n",
    ],
)
def test_a_program_that_ends_has_passed_whatever_it_says(sandbox: Sandbox, output: str | bytes) -> None:
    (sandbox.fakes / "root" / "app").write_bytes(b"#!/bin/sh\n")
    sandbox.image({"/bin/sh": program()}, Cmd=["/app"])
    sandbox.container_ends(1, output)
    assert sandbox.run().succeeded


# The engine refuses to start it


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ('exec: "node": executable file not found in $PATH: unknown', "not executable: chmod +x"),
        (f'exec: "/app/node": stat /app/node: {NO_FILE}: unknown', "not executable: chmod +x"),
        ('exec: "/app": permission denied: unknown', "chmod 755"),
        ('exec: "/app": is a directory: unknown', "not executable: chmod +x"),
        ('chdir to cwd ("/srv") set in config.json failed: permission denied: unknown', "chmod 755"),
    ],
)
def test_a_program_that_the_runtime_refuses_is_refused_in_its_words(sandbox: Sandbox, words: str, hint: str) -> None:
    (sandbox.fakes / "root" / "app").unlink()
    sandbox.container_does_not_start(RUNC + words)
    build = sandbox.run()
    assert build.code == "no-program"
    assert hint in build.sentence
    assert build.sentence.endswith(words)


@pytest.mark.parametrize(
    "words",
    ["unable to find user node: no matching entries in passwd file", "unable to find group 70: no matching entries"],
)
def test_a_user_that_the_image_does_not_have_is_named(sandbox: Sandbox, words: str) -> None:
    sandbox.container_does_not_start(words)
    build = sandbox.run()
    assert build.code == "no-program"
    assert build.sentence == f"The USER of the image is not in it. Add that user or leave USER out. {words}"


@pytest.mark.parametrize(
    "words",
    [
        f"{NOT_CREATED}cgroups: cgroup mountpoint does not exist: unknown",
        "failed to create shim task: ttrpc: closed: unknown",
        f'{NOT_CREATED}exec: "containerd-shim-runc-v2": executable file not found in $PATH: unknown',
        f"{NOT_CREATED}error reopening exec fifo: open /proc/1/fd/4: no such file or directory",
        f"{NOT_CREATED}fork/exec /usr/bin/containerd-shim-runc-v2: resource temporarily unavailable",
        f"{RUNC}apparmor: write /proc/self/attr/apparmor/exec: no such file or directory: unknown",
        "mkdir /run/containerd/io.containerd.runtime.v2.task/moby/1: no space left on device",
    ],
)
def test_an_engine_that_can_start_nothing_is_no_fault_of_the_image(sandbox: Sandbox, words: str) -> None:
    sandbox.container_does_not_start(words)
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence.endswith(words)


# The kernel refuses it


REFUSED: dict[str, tuple[bytes, str, str]] = {
    "a program without its loader": (program(), NO_FILE, "/app needs a loader that the image does not have."),
    "garbage": (b"garbage", NO_FORMAT, "neither a Linux program nor a script"),
    "a script without its interpreter": (
        b"#!/bin/bash\n",
        NO_FILE,
        "The script /app asks for /bin/bash which is not in the image.",
    ),
    "a script with CR": (b"#!/bin/sh\r\n", NO_FILE, CR_LF),
    "a script that may not be executed": (b"#!/bin/sh\n", "permission denied", "chmod 755"),
}


@pytest.mark.parametrize("line", ["exec /app: {}", "standard_init_linux.go:228: exec user process caused: {}"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_program_that_the_kernel_refuses_is_refused_with_a_hint(sandbox: Sandbox, line: str, case: str) -> None:
    content, words, hint = REFUSED[case]
    (sandbox.fakes / "root" / "app").write_bytes(content)
    sandbox.container_ends(255, line.format(words) + "\n")
    build = sandbox.run()
    assert build.code == "no-program"
    assert hint in build.sentence


def test_a_missing_loader_is_found_by_an_emulator_s_words_too(sandbox: Sandbox) -> None:
    sandbox.container_ends(
        255, "aarch64-binfmt-P: Could not open '/lib/ld-musl-aarch64.so.1': No such file or directory\n"
    )
    build = sandbox.run()
    assert build.code == "no-program"
    assert "/app needs a loader" in build.sentence


# An interpreter can't read its script


@pytest.mark.parametrize(
    "output",
    [
        "/bin/sh: can't open '/app': Permission denied\n",
        "/bin/sh: 0: cannot open /app: Permission denied\n",
        "/bin/bash: /app: Permission denied\n",
        "python3: can't open file '/app': [Errno 13] Permission denied\n",
    ],
)
def test_a_script_that_its_user_may_not_read_is_refused(sandbox: Sandbox, output: str) -> None:
    (sandbox.fakes / "root" / "app").write_bytes(b"#!/bin/sh\n")
    sandbox.image({"/bin/sh": program()}, Cmd=["/app"])
    sandbox.container_ends(2, output)
    build = sandbox.run()
    assert build.code == "no-program"
    assert "chmod 755" in build.sentence


@pytest.mark.parametrize(
    ("first_line", "output"),
    [
        (b"#!/bin/sh -e\r\n", b"/bin/sh: 0: Illegal option -\r\n"),
        (b"#!/bin/bash -e\r\n", b"/bin/bash: -\r: invalid option\n"),
        (b"#!/usr/bin/env node\r\n", b"/usr/bin/env: 'node\\r': No such file or directory\n"),
        (b"#!/usr/bin/env sh\r\n", b"env: can't execute 'sh\r': No such file or directory\n"),
    ],
)
def test_a_cr_behind_an_argument_is_found_by_what_its_interpreter_says(
    sandbox: Sandbox, first_line: bytes, output: bytes
) -> None:
    (sandbox.fakes / "root" / "app").write_bytes(first_line)
    sandbox.image({path: program() for path in ("/bin/sh", "/bin/bash", "/usr/bin/env")}, Cmd=["/app"])
    sandbox.container_ends(127, output)
    build = sandbox.run()
    assert build.code == "no-program"
    assert CR_LF in build.sentence


@pytest.mark.parametrize(
    "first_line",
    [b"#!/usr/bin/env -S node\r\n", b"#!/usr/bin/env -vS node\r\n", b"#!/usr/bin/env --split-string=node\r\n"],
)
def test_env_that_splits_its_argument_bears_a_cr(sandbox: Sandbox, first_line: bytes) -> None:
    (sandbox.fakes / "root" / "app").write_bytes(first_line)
    sandbox.image({"/usr/bin/env": program()}, Cmd=["/app"])
    sandbox.container_ends(1, b"No database.\r\n")
    assert sandbox.run().succeeded


def test_a_cr_that_its_interpreter_bears_is_no_fault(sandbox: Sandbox) -> None:
    (sandbox.fakes / "root" / "app").write_bytes(b"#!/usr/bin/perl -w\r\n")
    sandbox.image({"/usr/bin/perl": program()}, Cmd=["/app"])
    sandbox.container_ends(1, b"No database.\r\n")
    assert sandbox.run().succeeded


def test_a_container_is_removed_though_it_runs(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    assert sandbox.calls("docker", "rm") == [["docker", "rm", "--force", "--volumes", "c0ffee"]]
