"""Why an image can't start, from the words of Docker, runc, Linux, qemu, busybox, dash, bash and GNU's env."""

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import reasons
from core.trial import start_reasons
from core.trial.facts import Config, Facts
from core.trial.programs import Kind, Program, seen
from core.trial.refusals import verdict
from tests.unit.support.elf import program

TAG = "build-20261130T000000Z-1-a"
TASK = "failed to create task for container: failed to create shim task: "
RUNC = f"{TASK}OCI runtime create failed: runc create failed: unable to start container process: "
INIT = f"{RUNC}error during container init: "
DIGEST = "868d6453ad0ddedcd8ce6a26dde613e13d6e306b56f996a6ee06b7e1ee99c18b"
VOLUME = f"/var/lib/docker/volumes/{DIGEST}/_data"
ROOT = f"/var/lib/docker/rootfs/overlayfs/{DIGEST}"
TRIED = Facts(config=Config(command=("/app",), image_tag=TAG), programs=(seen("/app", program()),), status="running")
SHELL = seen("/bin/sh", program())
BUSYBOX_S_HINT = (
    "Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists"
)


def configured(facts: Facts, **changes: Any) -> Facts:
    """The facts of an image with this configuration."""
    return replace(facts, config=replace(facts.config, **changes))


def not_created(words: str, **config: Any) -> Facts:
    """The facts of an image from which the engine created no container."""
    warning = "WARNING: The requested image's platform (linux/arm64) does not match the detected host platform\n"
    answer = f"{warning}Error response from daemon: {words}\n\nRun 'docker create --help' for more information"
    return configured(Facts(not_created=answer), **config)


def not_started(words: str, *programs: Program, **config: Any) -> Facts:
    """The facts of an image whose container the engine didn't start."""
    answer = f"Error response from daemon: {words}\nError: failed to start containers: {DIGEST}\n"
    return configured(replace(TRIED, status="created", not_started=answer, programs=programs), **config)


def ended(code: int, output: str, *programs: Program, **config: Any) -> Facts:
    """The facts of an image whose container has ended."""
    facts = replace(TRIED, status="exited", exit_code=code, output=output, programs=programs or TRIED.programs)
    return configured(facts, **config)


def script(first_line: str, path: str = "/app") -> Program:
    """A script with this first line."""
    return seen(path, f"{first_line}\necho\n".encode())


def missing(path: str) -> Program:
    """A path where there is no file."""
    return Program(path, Kind.MISSING)


def said(facts: Facts) -> str:
    """The verdict's words, or nothing."""
    return str(verdict(facts, TAG) or "")


def test_an_image_whose_program_runs_is_not_refused() -> None:
    assert verdict(TRIED, TAG) is None


# The image's configuration


HOSTS = f"/var/lib/docker/containers/{DIGEST}/hosts"


@pytest.mark.parametrize(
    ("facts", "hint"),
    [
        (not_created("no command specified"), "Give the Dockerfile a CMD or an ENTRYPOINT"),
        (not_created("invalid volume specification: '/'"), "VOLUME cannot be at /."),
        (not_created(f"invalid volume specification: '{DIGEST}:/'"), "VOLUME cannot be at /."),
        (
            not_created(
                f"invalid volume specification: '{DIGEST}:data': invalid mount config for type \"volume\": invalid "
                "mount path: 'data' mount path must be absolute"
            ),
            "VOLUME cannot be at data. Give it an absolute path.",
        ),
        (
            not_started(
                f"{TASK}OCI runtime create failed: invalid mount {{Destination:data Type:bind Source:{VOLUME} "
                "Options:[rbind]}: mount destination data not absolute: unknown"
            ),
            "VOLUME cannot be at data. Give it an absolute path.",
        ),
        *(
            (
                not_created(f"cannot mount volume over existing file, file exists {place}"),
                f"VOLUME {path} is a file in the image",
            )
            for place, path in (
                (f"{ROOT}/etc/hosts", "/etc/hosts"),
                ("/var/lib/docker/overlay2/x1/merged/app", "/app"),
            )
        ),
        (not_created("Cannot mkdir: /srv is not a directory"), "WORKDIR /srv is not a folder"),
        *(
            (
                not_started("uids and gids must be in range 0-2147483647", user=user),
                f"USER {user} has an id outside the range 0-2147483647",
            )
            for user in ("3721906406", "1000:3721906406")
        ),
        (not_started("unable to find user node: no matching entries", user="node"), "USER node is not in the image"),
        (not_started("unable to find group 70: no matching entries", user="0:70"), "USER 0:70 is not in the image"),
        (
            not_started(f"unable to find user node: read {ROOT}/etc/passwd: is a directory", user="node"),
            "unable to find user node: read /etc/passwd: is a directory",
        ),
        (
            not_started(
                f'{INIT}error mounting "{VOLUME}" to rootfs at "/proc/data": "{ROOT}/proc/data" cannot be mounted '
                "because it is inside /proc: unknown"
            ),
            "VOLUME cannot be at /proc/data.",
        ),
        (
            not_started(
                f'{RUNC}error mounting "{VOLUME}" to rootfs at "/proc": "/proc" cannot be mounted because it is not of '
                "type proc: unknown"
            ),
            "VOLUME cannot be at /proc.",
        ),
        (
            not_started(
                f'{INIT}error mounting "{VOLUME}" to rootfs at "/sys/x": mkdir {ROOT}/sys/x: read-only file system: '
                "unknown"
            ),
            "VOLUME cannot be at /sys/x.",
        ),
        (
            not_started(f"{RUNC}unable to setup user: stat /dev/null: no such file or directory", volumes=("/dev",)),
            "VOLUME cannot be at /dev.",
        ),
        (
            not_started(
                f"{INIT}error reopening /dev/null inside container: open /dev/null: is a directory: unknown: "
                "permission denied",
                volumes=("/data", "/dev/null"),
            ),
            "VOLUME cannot be at /dev/null.",
        ),
        (
            not_started(
                f"{INIT}open /proc/sys/net/ipv4/ip_unprivileged_port_start: no such file or directory: unknown",
                volumes=("/",),
            ),
            "VOLUME cannot be at /.",
        ),
        (
            not_started(
                f'{INIT}error mounting "{HOSTS}" to rootfs at "/etc/hosts": mount {HOSTS}:/etc/hosts (via '
                f"/proc/self/fd/6), flags: 0x5000: not a directory: unknown: {BUSYBOX_S_HINT}"
            ),
            "The engine cannot mount its own /etc/hosts",
        ),
        (
            not_started(
                f'{INIT}error mounting "/var/lib/docker/containers/{DIGEST}/resolv.conf" to rootfs at '
                f'"/etc/resolv.conf": not a directory: unknown: {BUSYBOX_S_HINT}'
            ),
            "The engine cannot mount its own /etc/resolv.conf",
        ),
        (
            not_started(f'{INIT}chdir to cwd ("/srv") set in config.json failed: permission denied: unknown'),
            "WORKDIR /srv is not a folder or the USER of the image may not enter it",
        ),
    ],
)
def test_a_wrong_image_configuration_is_the_upload_s_fault(facts: Facts, hint: str) -> None:
    reason = verdict(facts, TAG)
    assert reason
    assert reason.code == "no-program"
    assert hint in reason.sentence
    assert len(reason.sentence) < reasons.LONGEST
    assert "/var/lib/docker/" not in reason.sentence
    if "mount its own" in hint:
        assert hint in reason.sentence[:60]  # where a tag still shows it


@pytest.mark.parametrize(
    ("words", "platform"),
    [
        ("its platform (linux/amd64) does not match the specified platform (linux/arm64)", "linux/amd64"),
        ("does not provide the specified platform (linux/arm64)", "another machine"),
    ],
)
def test_an_image_for_another_platform_is_the_upload_s_fault(words: str, platform: str) -> None:
    assert said(not_created(f"image with reference x was found but {words}")) == (
        f"wrong-architecture: The image is for {platform} and must be for linux/arm64."
    )


@pytest.mark.parametrize("tag", [None, "", "build-x"])
def test_an_image_without_the_builder_s_labels_is_refused(tag: str | None) -> None:
    assert verdict(configured(TRIED, image_tag=tag), TAG) == start_reasons.UNLABELLED


# The engine refuses its program

NO_NAME = 'exec: "{}": executable file not found in $PATH: unknown'
NO_FILE = 'exec: "{0}": stat {0}: no such file or directory: unknown'
NO_RIGHT = 'exec: "{}": permission denied: unknown'
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


# Images that aren't refused


@pytest.mark.parametrize("code", [1, 2, 126, 127, 255])
@pytest.mark.parametrize(
    ("word", "output"),
    [
        ("app", "mkdir: cannot create directory '/var/lib/app': Permission denied"),
        ("run", "mkdir: cannot create directory '/run': Permission denied"),
        ("/app", "mkdir: cannot create directory '/data/app': Permission denied"),
        ("/app", "/app: 4: cannot create /var/log/app: Permission denied"),
        ("/app", "/app: line 5: /data/config.json: Permission denied"),
        ("/app", "config.js: no such file or directory"),
        ("/app", "/bin/sh: node: not found"),
        ("/app", "open /data/db: permission denied"),
        ("/app", "exec /hooks/pre-start: no such file or directory"),
        ("/app", "exec /app: no such file or directory, giving up"),
        ("/app", "Retrying\nexec /app: no such file or directory"),
        ("/app", "env: can't execute 'pg_isready': No such file or directory"),
        ("/app", "/usr/bin/env: 'node': No such file or directory"),
        ("/app", "Error: connect ECONNREFUSED 127.0.0.1:3306"),
        ("/app", ""),
        ("/app", "\0\ufffd\ufffd\r\n"),
    ],
)
@pytest.mark.parametrize("first_line", ["#!/bin/sh", "#!/bin/sh -e", "#!/usr/bin/env bash", "#!/usr/bin/env -S bash\r"])
def test_a_script_that_ran_is_not_refused_whatever_it_prints(
    first_line: str, word: str, output: str, code: int
) -> None:
    path = word if word.startswith("/") else f"/usr/local/bin/{word}"
    assert not said(ended(code, f"{output}\n", script(first_line, path), SHELL, command=(word,)))


def test_a_cr_that_the_interpreter_accepts_is_no_fault() -> None:
    for line in ("#!/usr/bin/perl -w\r", "#!/usr/bin/env -S node --title\r", "#!/usr/bin/env -vS node\r"):
        for code in (1, 2, 127):
            assert not said(ended(code, "No database.\r\n", script(line), SHELL))


WORDS = st.one_of(
    st.just("env: 'bash': No such file or directory"),
    st.text(max_size=80),
    st.builds(
        "{}{}: {}".format,
        st.sampled_from(["", "exec ", "env: ", "/bin/sh: ", "sh: 0: cannot open ", "exec: "]),
        st.sampled_from(["/app", "/etc/app", "app", "'/app'", "/bin/sh"]),
        st.sampled_from(["no such file or directory", "Permission denied", "permission denied", "exec format error"]),
    ),
)
PROGRAMS = st.sampled_from(
    [
        (seen("/app", program()),),
        (script("#!/bin/sh"), SHELL),
        (script("#!/usr/bin/env bash"), SHELL),
        (missing("/app"),),
    ]
)


@given(WORDS, st.sampled_from([("running", 0), ("exited", 0), ("running", 127)]), PROGRAMS)
def test_a_program_that_runs_or_succeeded_is_never_refused(
    output: str, state: tuple[str, int], programs: tuple[Program, ...]
) -> None:
    facts = ended(state[1], output, *programs)
    assert verdict(replace(facts, status=state[0]), TAG) is None


@given(WORDS, st.integers(0, 255), PROGRAMS)
def test_after_the_start_only_the_kernel_s_or_interpreter_s_own_line_is_a_refusal(
    output: str, code: int, programs: tuple[Program, ...]
) -> None:
    reason = verdict(ended(code, output, *programs), TAG)
    if reason:
        assert code in {1, 2, 126, 127, 255}
        assert output.startswith("exec /app: ") if code in {1, 255} else ": " in output


@given(st.text(string.printable, min_size=1, max_size=300), st.sampled_from([NO_NAME, NO_FILE]))
def test_no_program_name_is_taken_for_a_fault_of_the_engine(name: str, words: str) -> None:
    for prefix in (RUNC, INIT):
        facts = not_started(prefix + words.format(name), missing(name), command=(name,))
        assert said(facts).startswith("no-program: ")
