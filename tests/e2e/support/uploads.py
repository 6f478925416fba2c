"""What the suite uploads."""

import io
import zipfile

from local.sources import zip_with

SECONDS = 300.0  # for a build and its recording, at most
BASE = "FROM public.ecr.aws/docker/library/busybox:stable\n"
SERVES = 'CMD ["httpd", "-f", "-p", "8080"]\n'
X86_64_PROGRAM = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + b"\x02\0\x3e\0" + bytes(44)


def good(text: str, folder: str = "") -> bytes:
    """A source that builds, at the top of the zip or in a folder; its text makes it differ from others."""
    dockerfile = f"{BASE}COPY text /\nRUN uname -m | grep aarch64\n{SERVES}"
    return zip_with({f"{folder}Dockerfile": dockerfile, f"{folder}text": text})


def slow(text: str, seconds: int) -> bytes:
    """One that takes a while."""
    return zip_with({"Dockerfile": f"{BASE}COPY text /\nRUN sleep {seconds}\n{SERVES}", "text": text})


def of_macos(text: str) -> bytes:
    """One as macOS zips a folder."""
    return zip_with(
        {
            "jwt-pizza-service/Dockerfile": f"{BASE}COPY text /\n{SERVES}",
            "jwt-pizza-service/text": text,
            "__MACOSX/jwt-pizza-service/._Dockerfile": "resource fork",
        }
    )


def with_dockerfile(text: str) -> bytes:
    """One with this Dockerfile and nothing else."""
    return zip_with({"Dockerfile": text})


def pinned_to_amd64() -> bytes:
    """One whose image is labelled arm64, as that is what was asked for, and starts a program of x86-64."""
    dockerfile = 'FROM --platform=linux/amd64 scratch\nCOPY --chmod=755 program /program\nCMD ["/program"]\n'
    return zip_with({"Dockerfile": dockerfile, "program": X86_64_PROGRAM})


def encrypted() -> bytes:
    """One whose entry is marked as encrypted, as zips with a password are."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Dockerfile", f"{BASE}{SERVES}")
    marked = bytearray(packed.getvalue())
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        marked[marked.index(signature) + flags] |= 1
    return bytes(marked)


def hostile(command: str) -> bytes:
    """One that would have the command run outside `docker build`: by a recipe of its own, and by git in its folder."""
    recipe = f"version: 0.2\nphases:\n  build:\n    commands:\n      - {command}\n"
    config = f'[extensions]\npartialClone = x\n[remote "x"]\nurl = .\npromisor = true\nuploadpack = "{command};"\n'
    return zip_with(
        {
            "Dockerfile": f"{BASE}COPY Dockerfile /\n{SERVES}",
            "buildspec.yml": recipe,
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/refs/heads/main": "0123456789012345678901234567890123456789\n",
            ".git/objects/info/packs": "",
            ".git/config": config,
        }
    )
