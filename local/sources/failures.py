"""The failures that people meet: a source for each, and the reason that its uploader reads."""

from collections.abc import Callable
from dataclasses import dataclass

from local.emulator import ROOT
from local.sources import samples
from local.sources.samples import BASE, SERVES, starting, with_dockerfile
from local.sources.zipping import zip_with

SCRATCH = "FROM scratch\nCOPY --chmod=755 app /app\n"


@dataclass(frozen=True)
class Failure:
    """An upload, given the repository's URI, and the reason that its uploader reads."""

    body: Callable[[str], bytes]
    reason: str


def starts(program: str) -> Failure:
    """An image that starts this, and has a file `/text` and a link `/loop` to itself."""
    dockerfile = f'{BASE}RUN echo x > /text && ln -s /loop /loop\nCMD ["{program}"]\n'
    return Failure(lambda _: with_dockerfile(dockerfile), f"no-program: The image starts {program} which is not")


REJECTED = {
    "no Dockerfile": Failure(lambda _: zip_with({"README.md": "x"}), "no-dockerfile: There is no file Dockerfile"),
    "a Dockerfile too deep": Failure(lambda _: samples.good("x", "a/b/"), "no-dockerfile: There is no file Dockerfile"),
    "not a zip": Failure(lambda _: b"This is not a zip.", "not-a-zip: This is not a zip file"),
    "an empty object": Failure(lambda _: b"", "not-a-zip: This is not a zip file"),
    "an encrypted zip": Failure(lambda _: samples.encrypted(), "encrypted: The zip is encrypted."),
}
"""The uploads that are rejected without a build."""
FAILED = {
    "a RUN that fails": Failure(
        lambda _: with_dockerfile(f"{BASE}RUN echo so far so good && false\n{SERVES}"),
        "build-failed: Dockerfile:2 RUN echo so far so good && false ended with exit code 1. so far so good",
    ),
    "a COPY of a missing file": Failure(
        lambda _: with_dockerfile(f"{BASE}COPY missing /\n{SERVES}"), "build-failed: Dockerfile:2 COPY missing /: "
    ),
    "a base image that is not there": Failure(
        lambda repository: with_dockerfile(f"FROM {repository}:not-there\n"), "build-failed: Dockerfile:1 FROM "
    ),
    "a step that is killed": Failure(
        lambda _: with_dockerfile(f"{BASE}RUN sh -c 'kill -9 $$' || exit $?\n{SERVES}"),
        "out-of-memory: The step was killed",
    ),
    "a step for another machine": Failure(
        lambda _: zip_with(
            {"Dockerfile": f'{BASE}COPY --chmod=755 app /app\nRUN ["/app"]\n{SERVES}', "app": "garbage"}
        ),
        "wrong-architecture: A step runs a program that is not for arm64.",
    ),
    "a program for another machine": Failure(
        lambda _: samples.pinned_to_amd64(), "wrong-architecture: /app is for x86-64 and not for arm64."
    ),
    "a program whose loader is missing": Failure(
        lambda _: starting(samples.program(loader="/lib/ld-linux-aarch64.so.1"), SCRATCH),
        "no-program: /app needs the loader /lib/ld-linux-aarch64.so.1 that the image does not have.",
    ),
    "garbage": Failure(lambda _: starting("garbage"), "no-program: /app is neither a Linux program nor a script"),
    "a user who is missing": Failure(
        lambda _: with_dockerfile(f"{BASE}USER node\n{SERVES}"), "no-program: USER node is not in the image."
    ),
    "a script that its user may not read": Failure(
        lambda _: starting("#!/bin/sh\n", f"{BASE}COPY --chmod=700 app /app\nUSER 1000\n"),
        "no-program: The USER of the image may not read or execute /app",
    ),
    "a script without its interpreter": Failure(
        lambda _: starting("#!/bin/bash\n"), "no-program: The script /app asks for /bin/bash which is not in the image."
    ),
    "a script with line ends of Windows": Failure(
        lambda _: starting("#!/bin/sh\r\necho hi\r\n"), "no-program: The script /app has line ends of Windows"
    ),
    "a script with an argument and line ends of Windows": Failure(
        lambda _: starting("#!/bin/sh -e\r\necho hi\r\n"), "no-program: The script /app has line ends of Windows"
    ),
    "an image without a command": Failure(
        lambda _: with_dockerfile("FROM scratch\nCOPY Dockerfile /\n"), "no-program: The image has no command."
    ),
    "a zip by Windows' Explorer, whose image has no command": Failure(
        lambda _: (ROOT / "tests/corpus/windows-macos/windows-explorer.zip").read_bytes(),
        "no-program: The image has no command.",
    ),
    "a program that is not there": starts("/missing"),
    "a program below a file": starts("/text/app"),
    "a program that is a link to itself": starts("/loop"),
}
"""The uploads whose builds fail."""
