"""What the suite uploads."""

from local.sources import zip_with

SECONDS = 300.0  # for a build and its recording, at most
BASE = "FROM public.ecr.aws/docker/library/busybox:stable\n"
SERVES = 'CMD ["httpd", "-f", "-p", "8080"]\n'
X86_64_PROGRAM = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + b"\x02\0\x3e\0" + bytes(44)


def good(text: str) -> bytes:
    """A source that builds; its text makes it differ from others."""
    return zip_with({"Dockerfile": f"{BASE}COPY text /\nRUN uname -m | grep aarch64\n{SERVES}", "text": text})


def slow(text: str, seconds: int) -> bytes:
    """One that takes a while."""
    return zip_with({"Dockerfile": f"{BASE}COPY text /\nRUN sleep {seconds}\n{SERVES}", "text": text})


def failing() -> bytes:
    """One whose build fails."""
    return zip_with({"Dockerfile": f"{BASE}RUN echo so far so good && false\n{SERVES}"})


def pinned_to_amd64() -> bytes:
    """One whose image is labelled arm64, as that is what was asked for, and starts a program of x86-64."""
    dockerfile = 'FROM --platform=linux/amd64 scratch\nCOPY --chmod=755 program /program\nCMD ["/program"]\n'
    return zip_with({"Dockerfile": dockerfile, "program": X86_64_PROGRAM})


def in_a_folder(text: str) -> bytes:
    """One as macOS zips a folder."""
    dockerfile = f"{BASE}COPY text /\n{SERVES}"
    return zip_with(
        {
            "jwt-pizza-service/Dockerfile": dockerfile,
            "jwt-pizza-service/text": text,
            "__MACOSX/jwt-pizza-service/._Dockerfile": "resource fork",
        }
    )


def hostile(command: str) -> bytes:
    """One that would have the command run outside `docker build`: by a recipe of its own, and by git in its folder."""
    dockerfile = f"{BASE}COPY Dockerfile /\n{SERVES}"
    recipe = f"version: 0.2\nphases:\n  build:\n    commands:\n      - {command}\n"
    config = f'[extensions]\npartialClone = x\n[remote "x"]\nurl = .\npromisor = true\nuploadpack = "{command};"\n'
    return zip_with(
        {
            "Dockerfile": dockerfile,
            "buildspec.yml": recipe,
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/refs/heads/main": "0123456789012345678901234567890123456789\n",
            ".git/objects/info/packs": "",
            ".git/config": config,
        }
    )
