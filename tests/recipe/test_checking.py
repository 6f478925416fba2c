"""The recipe tags only images whose program isn't for another machine, as far as it can find the program."""

from typing import Any

import pytest

from tests.recipe.support.sandbox import Sandbox, program

ARM64 = program()
X86 = program(machine=0x3E)
ARM32 = program(machine=0x28)

Files = dict[str, bytes | str]
"""An image's files: bytes are their content, text is a link's target."""


def check(sandbox: Sandbox, files: Files, mode: int = 0o755, **config: Any) -> tuple[str, str]:
    """Builds an image of these files; the reason's code and sentence, or two empty texts."""
    (sandbox.fakes / "root" / "app").unlink()
    sandbox.image(files, mode=mode, **config)
    build = sandbox.run()
    return build.code, build.sentence


def scripts(number: int) -> Files:
    """So many scripts, each of which runs the one before."""
    return {
        "/bin/sh": ARM64,
        "/1": b"#!/bin/sh\n",
        **{f"/{each}": f"#!/{each - 1}\n".encode() for each in range(2, number + 1)},
    }


GOOD: dict[str, tuple[Files, dict[str, Any]]] = {
    "a path": ({"/bin/app": ARM64}, {"Cmd": ["/bin/app"]}),
    "an entrypoint comes first": ({"/bin/app": ARM64}, {"Entrypoint": ["/bin/app"], "Cmd": ["--help"]}),
    "an empty entrypoint": ({"/bin/app": ARM64}, {"Entrypoint": [], "Cmd": ["/bin/app"]}),
    "a reset entrypoint": ({"/bin/app": ARM64}, {"Entrypoint": [""], "Cmd": ["/bin/app"]}),
    "only an entrypoint": ({"/bin/app": ARM64}, {"Entrypoint": ["/bin/app"], "Cmd": None}),
    "a name": ({"/usr/local/bin/app": ARM64}, {"Cmd": ["app"]}),
    "a name in the image's own PATH": (
        {"/opt/x/app": ARM64},
        {"Cmd": ["app"], "Env": ["PATH=/bin", "PATH=/none:/opt/x"]},
    ),
    "a PATH's first": ({"/a/app": ARM64, "/b/app": X86}, {"Cmd": ["app"], "Env": ["PATH=/a:/b"]}),
    "a folder of that name comes before": ({"/a/app/x": b"", "/b/app": ARM64}, {"Cmd": ["app"], "Env": ["PATH=/a:/b"]}),
    "relative, in the working folder": ({"/srv/bin/app": ARM64}, {"Entrypoint": ["./bin/app"], "WorkingDir": "/srv"}),
    "relative, in no working folder": ({"/bin/app": ARM64}, {"Entrypoint": ["bin/app"]}),
    "a relative PATH": ({"/srv/bin/app": ARM64}, {"Cmd": ["app"], "Env": ["PATH=bin"], "WorkingDir": "/srv"}),
    "shell form": ({"/bin/busybox": ARM64, "/bin/sh": "busybox"}, {"Cmd": ["/bin/sh", "-c", "app | x"]}),
    "links, inside the image": (
        {
            "/bin": "usr/bin",
            "/usr/bin/python3": "/opt/python/current/3",
            "/opt/python/current": "../x/",
            "/opt/x/3": "../../../../opt/x/3.13",
            "/opt/x/3.13": ARM64,
        },
        {"Cmd": ["python3"]},
    ),
    "a script": ({"/run.sh": b"#!/bin/sh\n", "/bin/sh": ARM64}, {"Entrypoint": ["/run.sh"]}),
    "a script with an argument": ({"/run.sh": b"#!\t /bin/sh -e\nx", "/bin/sh": ARM64}, {"Entrypoint": ["/run.sh"]}),
    "a script by env": ({"/x": b"#!/usr/bin/env python3\n", "/usr/bin/env": ARM64}, {"Cmd": ["/x"]}),
    "a script without a line's end": ({"/x": b"#!/bin/sh", "/bin/sh": ARM64}, {"Cmd": ["/x"]}),
    "a script run by a script": (
        {"/x": b"#!/y -a\n", "/y": b"#!/z\n", "/z": b"#!/w\n", "/w": b"#!/bin/sh\n", "/bin/sh": ARM64},
        {"Cmd": ["/x"]},
    ),
    "odd names": ({"/a &\\b/$(x) *": ARM64}, {"Cmd": ["$(x) *"], "Env": ["PATH=/a &\\b"]}),
    "a name like an option": ({"/bin/-x": ARM64}, {"Cmd": ["-x"]}),
    "a script by env with options and CR": (
        {"/x": b"#!/usr/bin/env -S node --title\r\n", "/usr/bin/env": ARM64},
        {"Cmd": ["/x"]},
    ),
    "five scripts in a row": (
        scripts(5),
        {"Cmd": ["/5"]},
    ),
    "a script with CR that its interpreter bears": (
        {"/x": b"#!/usr/bin/perl -w\r\n", "/usr/bin/perl": ARM64},
        {"Cmd": ["/x"]},
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_an_image_whose_program_starts_on_arm64_is_tagged(sandbox: Sandbox, case: str) -> None:
    files, config = GOOD[case]
    assert check(sandbox, files, **config) == ("", "")


@pytest.mark.parametrize(
    ("files", "config"),
    [
        ({"/app": X86}, {"Cmd": ["/app"]}),
        ({"/app": ARM32}, {"Cmd": ["/app"]}),
        ({"/app": b"#!/bin/sh\n", "/bin/sh": X86}, {"Entrypoint": ["/app"]}),
        ({"/bin/busybox": X86, "/bin/sh": "/bin/busybox"}, {"Cmd": ["/bin/sh", "-c", "app"]}),
        ({"/a/app": X86, "/b/app": ARM64}, {"Cmd": ["app"], "Env": ["PATH=/a:/b"]}),
        ({"/app": X86, "/x": ARM64}, {"Entrypoint": ["/app"], "Cmd": ["/x"]}),
    ],
    ids=["x86", "32 bit", "interpreter", "shell", "first in PATH", "entrypoint"],
)
def test_an_image_whose_program_is_for_another_machine_is_refused(
    sandbox: Sandbox, files: Files, config: dict[str, Any]
) -> None:
    code, sentence = check(sandbox, files, **config)
    assert code == "wrong-architecture"
    assert all(word in sentence for word in ("--platform", "digest", "GOARCH", "downloaded"))


@pytest.mark.parametrize(
    ("files", "config"),
    [
        ({}, {"Cmd": ["/app"]}),
        ({"/app": "/nowhere"}, {"Cmd": ["/app"]}),
        ({"/app": "/app"}, {"Cmd": ["/app"]}),
        ({"/app/x": ARM64}, {"Cmd": ["/app"]}),
        ({"/app": b"echo hello\n"}, {"Cmd": ["/app"]}),
        ({"/app": b""}, {"Cmd": ["/app"]}),
        ({"/app": b"#!/bin/bash\n"}, {"Cmd": ["/app"]}),
        ({"/app": b"#!\n"}, {"Cmd": ["/app"]}),
        ({"/app": b"#!/app\n"}, {"Cmd": ["/app"]}),
        (scripts(7), {"Cmd": ["/7"]}),
        ({"/app": b"#!/bin/sh\r\n", "/bin/sh": ARM64}, {"Cmd": ["/app"]}),
        ({"/app": b"#!/bin/\x1b[31m\n"}, {"Cmd": ["/app"]}),
    ],
)
def test_the_look_at_the_program_decides_nothing_that_the_start_decides(
    sandbox: Sandbox, files: Files, config: dict[str, Any]
) -> None:
    assert check(sandbox, files, **config) == ("", "")


@pytest.mark.parametrize("config", [{}, {"Cmd": None, "Entrypoint": None}, {"Cmd": [], "Entrypoint": []}])
def test_an_image_that_starts_nothing_is_refused(sandbox: Sandbox, config: dict[str, Any]) -> None:
    code, sentence = check(sandbox, {}, **config)
    assert code == "no-program"
    assert sentence.startswith("The image starts nothing.")


def test_of_the_programs_on_an_image_s_path_the_first_executable_one_counts(sandbox: Sandbox) -> None:
    sandbox.image({"/a/app": X86}, mode=0o644)
    assert check(sandbox, {"/b/app": ARM64}, Cmd=["app"], Env=["PATH=/a:/b"]) == ("", "")


@pytest.mark.parametrize(
    "words",
    [
        "invalid volume specification: '/'",
        "cannot mount volume over existing file, file exists /var/lib/docker/overlay2/x/merged/app",
        "image was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)",
    ],
)
def test_an_image_of_which_no_container_can_be_made_is_refused(sandbox: Sandbox, words: str) -> None:
    sandbox.errors["create"] = f"Error response from daemon: {words}\n\nRun 'docker create --help'"
    build = sandbox.run()
    assert build.code == "no-program"
    assert build.sentence.endswith(f"Error response from daemon: {words}")


@pytest.mark.parametrize(
    "words",
    [
        "Error response from daemon: mkdir /var/lib/docker/overlay2/x: no space left on device",
        "Error response from daemon: failed to mount overlay: invalid argument",
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    ],
)
@pytest.mark.parametrize("command", ["create", "image inspect", "inspect"])
def test_an_engine_that_fails_is_no_fault_of_the_image(sandbox: Sandbox, command: str, words: str) -> None:
    sandbox.errors[command] = words
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence.endswith(words)


def test_the_engine_is_asked_for_nothing_more_than_this(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    asked = [call[1] for call in sandbox.calls("docker")]
    # What runs at once has no order.
    assert [each for each in asked if each not in {"info", "start", "image", "rm"}] == [
        *("login", "buildx", "buildx", "create", "cp", "inspect", "push")
    ]
    assert sorted(asked[asked.index("create") + 1 : asked.index("cp")]) == ["image", "start"]
    assert len(asked) == 11
