"""Sources to upload: some that build, and some that fail."""

import io
import struct
import zipfile
from uuid import uuid4

from local.sources.zipping import zip_with

BASE = "FROM public.ecr.aws/docker/library/busybox:stable\n"
SERVES = 'CMD ["httpd", "-f", "-p", "8080"]\n'
X86_64, AARCH64 = 0x3E, 0xB7
EXIT = bytes.fromhex("000080d2a80b80d2010000d4")  # mov x0, #0; mov x8, #93 (exit); svc #0


def good(text: str, folder: str = "") -> bytes:
    """A source that builds, at the top of the zip or in a folder; its text makes it differ from others."""
    dockerfile = f"{BASE}COPY text /\nRUN uname -m | grep aarch64\n{SERVES}"
    return zip_with({f"{folder}Dockerfile": dockerfile, f"{folder}text": text})


def slow(text: str, seconds: int) -> bytes:
    """A zip whose build takes a while, even if the engine has cached similar ones."""
    return zip_with({"Dockerfile": f"{BASE}COPY text /\nRUN sleep {seconds}; echo {uuid4()}\n{SERVES}", "text": text})


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


def program(machine: int = AARCH64, loader: str = "") -> bytes:
    """A Linux program that ends at once; with a loader, it is one that the loader would have to load."""
    path = f"{loader}\0".encode() if loader else b""
    path += bytes(-len(path) % 4)
    segments = 2 if loader else 1
    start, base = 64 + 56 * segments, 0x400000
    size = start + len(path) + len(EXIT)
    header = struct.pack(
        "<16sHHLQQQL6H", b"\x7fELF\2\1\1", 2, machine, 1, base + size - len(EXIT), 64, 0, 0, 64, 56, segments, 0, 0, 0
    )
    interpreter = struct.pack("<2L6Q", 3, 4, start, base + start, base + start, len(path), len(path), 1)
    load = struct.pack("<2L6Q", 1, 5, 0, base, base, size, size, 0x1000)
    return header + (interpreter if loader else b"") + load + path + EXIT


def starting(content: str | bytes, dockerfile: str = f"{BASE}COPY --chmod=755 app /app\n", path: str = "/app") -> bytes:
    """One whose image starts a file with this content, from that path."""
    return zip_with({"Dockerfile": f'{dockerfile}CMD ["{path}"]\n', "app": content})


def pinned_to_amd64() -> bytes:
    """One whose image is labelled arm64, as that is what was asked for, and starts a program of x86-64."""
    return starting(program(X86_64), "FROM --platform=linux/amd64 scratch\nCOPY --chmod=755 app /app\n")


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
    """A zip that tries to run the command outside `docker build`, with its own buildspec and with git."""
    buildspec = f"version: 0.2\nphases:\n  build:\n    commands:\n      - {command}\n"
    config = f'[extensions]\npartialClone = x\n[remote "x"]\nurl = .\npromisor = true\nuploadpack = "{command};"\n'
    return zip_with(
        {
            "Dockerfile": f"{BASE}COPY Dockerfile /\n{SERVES}",
            "buildspec.yml": buildspec,
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/refs/heads/main": "0123456789012345678901234567890123456789\n",
            ".git/objects/info/packs": "",
            ".git/config": config,
        }
    )
