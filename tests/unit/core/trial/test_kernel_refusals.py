"""Programs that the kernel refuses, and scripts that their interpreters refuse."""

from dataclasses import replace

import pytest

from core.trial.programs import Kind, Program, seen
from core.trial.refusals import verdict
from tests.unit.core.trial.support.tried_images import SHELL, TAG, TRIED, ended, missing, said, script
from tests.unit.support.elf import program

# Another machine


@pytest.mark.parametrize(
    ("machine", "name"), [(0x3E, "x86-64"), (0x28, "32-bit ARM"), (0xF3, "RISC-V"), (1, "another")]
)
@pytest.mark.parametrize("status", ["running", "exited", "created"])
def test_a_program_for_another_machine_is_refused_even_if_an_emulator_can_run_it(
    status: str, machine: int, name: str
) -> None:
    bits = 32 if machine == 0x28 else 64
    chain = (script("#!/bin/sh"), seen("/bin/sh", program(machine, bits)))
    words = said(replace(TRIED, status=status, programs=chain))
    assert words.startswith(f"wrong-architecture: /bin/sh is for {name}")
    assert all(hint in words for hint in ("--platform", "digest", "GOARCH", "downloaded"))


# The kernel refuses it


GONE, FORMAT, DENIED = "no such file or directory", "exec format error", "permission denied"
MUSL, GLIBC = "/lib/ld-musl-aarch64.so.1", "/lib/ld-linux-aarch64.so.1"
KERNEL_REFUSES: dict[str, tuple[str, tuple[Program, ...], str]] = {
    "a loader": (GONE, (seen("/app", program(loader=MUSL)),), f"/app needs the loader {MUSL} that"),
    "a loader that patchelf has moved": (GONE, TRIED.programs, "/app needs the loader that it names and that"),
    "an interpreter": (GONE, (script("#!/x/y"), missing("/x/y")), "The script /app asks for /x/y which is not"),
    "an interpreter's loader": (
        GONE,
        (script("#!/bin/sh"), seen("/bin/sh", program(loader=GLIBC))),
        f"/bin/sh needs the loader {GLIBC} that",
    ),
    "itself, gone": (GONE, (missing("/app"),), "The image starts /app which is not in it"),
    "CR": (GONE, (script("#!/bin/sh\r"), missing("/bin/sh\r")), "has line ends of Windows"),
    "no line": (FORMAT, (seen("/app", b"echo hi\n"),), "/app is neither a Linux program nor a script"),
    "a BOM": (FORMAT, (seen("/app", b"\xef\xbb\xbf#!/bin/sh\n"),), "The script /app begins with a byte order mark"),
    "UTF-16": (FORMAT, (seen("/app", "#!/bin/sh".encode("utf-16")),), "/app is written in UTF-16"),
    "UTF-16, big": (FORMAT, (seen("/app", b"\xfe\xff\0#\0!"),), "/app is written in UTF-16"),
    "macOS": (FORMAT, (seen("/app", b"\xcf\xfa\xed\xfe\x0c\0\0\1"),), "/app is a program for macOS"),
    "Windows": (FORMAT, (seen("/app", b"MZ\x90"),), "/app is a program for Windows"),
    "empty": (FORMAT, (seen("/app", b""),), "/app is an empty file"),
    "cut": (FORMAT, (seen("/app", program()[:20]),), "/app is damaged or cut short"),
    "no interpreter": (FORMAT, (script("#!"),), "/app is neither a Linux program nor a script"),
    "an interpreter that is text": (FORMAT, (script("#!/i"), seen("/i", b"x")), "/i is neither a Linux program nor"),
    "an interpreter that is a folder": (
        DENIED,
        (script("#!/etc"), Program("/etc", Kind.FOLDER)),
        "The script /app asks for /etc which cannot be started",
    ),
    "an interpreter that nobody may execute": (
        DENIED,
        (script("#!/i"), Program("/i", Kind.NOT_EXECUTABLE)),
        "/i is not executable",
    ),
    "a USER who may not": (DENIED, (script("#!/bin/sh"), SHELL), "may not read or execute /bin/sh. Use chmod 755"),
    "itself": ("too many levels of symbolic links", (script("#!/app"),) * 6, "asks for too many scripts or for itself"),
    "a long ENV": ("argument list too long", (SHELL,), "128 KiB each and 2 MiB together"),
    "a broken header": ("invalid argument", (SHELL,), "The image starts /bin/sh which cannot be started"),
}


@pytest.mark.parametrize("code", [1, 255])
@pytest.mark.parametrize("case", KERNEL_REFUSES)
def test_a_program_that_the_kernel_refuses_gets_a_hint(case: str, code: int) -> None:
    words, chain, hint = KERNEL_REFUSES[case]
    line = f"exec {chain[0].path}: {words}"
    reason = verdict(ended(code, f"{line}\n", *chain), TAG)
    assert reason
    assert reason.code == "no-program"
    assert hint in reason.sentence
    assert reason.sentence.endswith(line)


def test_the_kernel_may_name_a_program_with_or_without_its_folder() -> None:
    found = seen("/srv/app", b"")
    for named in ("./app", "/srv/app"):
        facts = ended(255, f"exec {named}: exec format error\n", found, command=("./app",), folder="/srv")
        assert "is an empty file" in said(facts)


def test_an_emulator_s_words_also_show_a_missing_loader() -> None:
    loader = "/lib/ld-musl-aarch64.so.1"
    words = f"aarch64-binfmt-P: Could not open '{loader}': No such file or directory\n"
    assert f"/app needs the loader {loader}" in said(ended(255, words, seen("/app", program(loader=loader))))
    assert not said(ended(255, words, script("#!/bin/sh"), missing("/bin/sh")))


# An interpreter refuses its script

ENV_HINT = "/usr/bin/env: use -[v]S to pass options in shebang lines"


@pytest.mark.parametrize(
    ("first_line", "code", "output", "hint"),
    [
        ("#!/bin/sh", 2, "/bin/sh: can't open '/app': Permission denied", "chmod 755"),
        ("#!/bin/sh", 2, "/bin/sh: 0: cannot open /app: Permission denied", "chmod 755"),
        ("#!/bin/bash", 126, "/bin/bash: /app: Permission denied", "chmod 755"),
        ("#!/usr/bin/env bash", 126, "bash: /app: Permission denied", "chmod 755"),
        ("#!/usr/bin/env python3", 2, "python3: can't open file '/app': [Errno 13] Permission denied", "chmod 755"),
        (
            "#!/usr/bin/env bash",
            127,
            "env: can't execute 'bash': No such file or directory",
            "asks for bash which is not",
        ),
        ("#!/usr/bin/env bash", 127, "/usr/bin/env: 'bash': No such file or directory", "asks for bash which is not"),
        ("#!/usr/bin/env bash", 127, "/usr/bin/env: ‘bash’: No such file or directory", "asks for bash which is not"),  # noqa: RUF001
        ("#!/usr/bin/env bash", 127, "/usr/bin/env: bash: No such file or directory", "asks for bash which is not"),
        ("#!/usr/bin/env sh\r", 127, "/usr/bin/env: sh\r: No such file or directory", "line ends of Windows"),
        ("#!/bin/env -S bash -e", 127, "/bin/env: 'bash': No such file or directory", "asks for bash which is not"),
        (
            "#!/usr/bin/env bash -e",
            127,
            f"/usr/bin/env: 'bash -e': No such file or directory\n{ENV_HINT}",
            "has env look for bash -e as one program. Write env -S",
        ),
        ("#!/usr/bin/env tool", 126, "env: can't execute 'tool': Permission denied", "tool which cannot be started"),
        ("#!/usr/bin/env tool", 126, "/usr/bin/env: 'tool': Exec format error", "tool which cannot be started"),
        ("#!/usr/bin/env sh\r", 127, "env: can't execute 'sh\r': No such file or directory", "line ends of Windows"),
        (
            "#!/usr/bin/env node\r",
            127,
            f"/usr/bin/env: 'node\\r': No such file or directory\n{ENV_HINT}",
            "line ends of Windows",
        ),
        ("#!/bin/sh -e\r", 2, "/bin/sh: 0: Illegal option -\r", "line ends of Windows"),
        ("#!/bin/bash -e\r", 1, "/bin/bash: -\r: invalid option", "line ends of Windows"),
        ("#!/bin/sh -e\r", 2, "/bin/sh: illegal option -\r", "line ends of Windows"),
        (
            "#!/bin/bash -x\r",
            2,
            "/bin/bash: -\r: invalid option\nUsage:\t/bin/bash [GNU long option]",
            "line ends of Win",
        ),
    ],
)
def test_a_script_that_its_interpreter_refuses_is_refused(first_line: str, code: int, output: str, hint: str) -> None:
    facts = ended(code, f"{output}\n", script(first_line), SHELL)
    reason = verdict(facts, TAG)
    assert reason
    assert reason.code == "no-program"
    assert hint in reason.sentence
    for other in (0, 3, 137, 255):
        assert not said(replace(facts, exit_code=other))
    assert not said(replace(facts, output=f"Starting\n{facts.output}"))
    assert not said(replace(facts, programs=(SHELL,)))
