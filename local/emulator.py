"""Starts the local cloud, an emulated AWS account, and provides the settings that its clients need."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import boto3

from local.cloud.shared.live_settings import FOLDER_VARIABLE, Settings
from local.docker.client import docker
from local.progress import UserError, step

ROOT = Path(__file__).resolve().parents[1]
CLOUD_PYTHON = ROOT / ".venv-cloud" / "bin" / "python"
SHIP = ROOT / ".venv" / "bin" / "ship"
"""`ship`, installed as users install it."""
BUILD_TOOLS = CLOUD_PYTHON.parent
"""First on a build's PATH: the AWS CLI and a Python with boto3, as in CodeBuild's images."""
REGION = "us-east-1"
NOT_FOR_TOOLS = ("AWS_", "PYTHONDONTWRITEBYTECODE")
"""The caller's variables that tools don't get. Their first start writes bytecode, or each takes twice as long."""
START_SECONDS, STOP_SECONDS, REMOVE_SECONDS = 120, 60, 600
"""Limits for a cloud that hangs. One that exits is noticed at once."""


@dataclass(frozen=True)
class Account:
    """An account in a running local cloud, with the credentials that tools use, by default the root user's."""

    endpoint: str
    folder: Path
    credentials: tuple[str, str] = ("test", "test")
    root: tuple[str, str] = ("test", "test")

    def beside(self, number: str) -> "Account":
        """Another account of the same cloud, by its twelve digits."""
        return replace(self, credentials=(number, "test"), root=(number, "test"))

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which AWS tools use only this account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.credentials[0],
            "AWS_SECRET_ACCESS_KEY": self.credentials[1],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }

    def session(self) -> boto3.Session:
        """A session of this account's root. Its clients find the endpoint in AWS_ENDPOINT_URL."""
        return boto3.Session(aws_access_key_id=self.root[0], aws_secret_access_key=self.root[1], region_name=REGION)

    def set(self, settings: Settings) -> None:
        """Changes the account's settings while it runs."""
        changed = self.folder / "settings.new"
        changed.write_text(json.dumps(asdict(settings)))
        changed.replace(self.folder / "settings.json")

    def log(self) -> str:
        """The last lines that the local cloud printed."""
        return "\n".join((self.folder / "cloud.log").read_text().splitlines()[-40:])


@contextmanager
def local_cloud(engine: Mapping[str, str], folder: Path) -> Iterator[Account]:
    """Runs the local cloud on a free port of loopback while the block runs.

    Args:
        engine: the Docker engine's environment variables (local/docker/private_engine.py).
        folder: an existing folder for its state.

    Raises:
        UserError: it didn't start. The text has the end of its log.
    """
    (folder / "tmp").mkdir(exist_ok=True)
    with reserved_port() as port:
        here = Account(f"http://127.0.0.1:{port}", folder)
        process = launch(cloud_environment(engine, folder, port), folder)
        try:
            with step("Starting the local cloud"):
                wait_until_healthy(here, process)
            yield here
        finally:
            process.terminate()
            try:
                process.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            remove_images(engine, f"127.0.0.1:{port}/")


@contextmanager
def reserved_port() -> Iterator[int]:
    """A free loopback port that no other program is assigned while the block runs."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        # A server can bind to this port by number, but programs that ask for any free port don't get it.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield reserved.getsockname()[1]


def launch(environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    """Starts the local cloud's process, which ends when its stdin does: with the program that started it."""
    with (folder / "cloud.log").open("w") as log:
        return subprocess.Popen(
            [CLOUD_PYTHON, "-m", "local.cloud"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def cloud_environment(engine: Mapping[str, str], folder: Path, port: int) -> dict[str, str]:
    """The local cloud's environment, without the caller's AWS settings."""
    path = os.pathsep.join([str(BUILD_TOOLS), engine.get("PATH", os.environ["PATH"])])
    return {
        **engine,
        "DOCKER_CONFIG": engine.get("DOCKER_CONFIG", str(Path.home() / ".docker")),
        "PATH": path,
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONUNBUFFERED": "1",
        FOLDER_VARIABLE: str(folder),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
    }


def wait_until_healthy(account: Account, process: "subprocess.Popen[bytes]") -> None:
    """Returns when the local cloud answers."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{account.endpoint}/_ministack/health", timeout=1):  # noqa: S310
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise UserError(f"The local cloud didn't start:\n{account.log()}")


def remove_images(engine: Mapping[str, str], registry: str) -> None:
    """Removes the images of a stopped registry from the engine. The build cache stays."""
    if shutil.which("docker", path=engine.get("PATH", os.environ["PATH"])) is None:
        return
    listing = ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}@{{.Digest}}", "--no-trunc"]
    listed = docker(listing, engine, REMOVE_SECONDS).stdout
    ours = [line for line in listed.splitlines() if line.startswith(registry)]
    # Images that were pulled by digest have no tag.
    names = {line.replace(":<none>@", "@") if ":<none>@" in line else line.partition("@")[0] for line in ours}
    if names:
        docker(["image", "rm", "--force", *sorted(names)], engine, REMOVE_SECONDS)


def run_tool(account: Account, arguments: list[str], what: str) -> str:
    """Runs one of this checkout's command line tools against the account and returns its output.

    Raises:
        UserError: it failed. The text has the end of the output.
    """
    ended = subprocess.run(
        [Path(sys.executable).parent / arguments[0], *arguments[1:]],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_TOOLS)},
            **account.environment,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        tail = "\n".join(ended.stdout.splitlines()[-25:])
        raise UserError(f"{what} failed:\n{tail}")
    return ended.stdout
