"""`make demo`, as a newcomer calls it, and what it shows of other sources."""

import re
import signal
import socket
import subprocess
import sys
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from local import demo as program
from local.deployment import Deployment
from local.docker.base_image import NAME
from local.emulator import ROOT, Account
from local.pipeline import Pipeline
from local.subscriber import Subscriber
from tests.e2e.support.waiting import SECONDS

URI = re.compile(r"recorded URI +127\.0\.0\.1:(\d+)/jwt-pizza-service@sha256:[0-9a-f]{64}")
PLAIN = f'FROM {NAME}\nEXPOSE 8080\nCMD ["httpd", "-f", "-p", "8080", "-h", "/home"]\n'
ENDS = f'FROM {NAME}\nCMD ["sh", "-c", "echo no oven >&2; exit 3"]\n'

type Demo = subprocess.CompletedProcess[str]


def demo(source: Path) -> Demo:
    """What the demo of a source did in a process of its own. It finds the engine itself."""
    return subprocess.run(
        [sys.executable, "-m", "local.demo", str(source)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


@pytest.fixture(scope="module")
def hello(docker: dict[str, str]) -> Demo:
    """What the demo of the example did, which started and deployed everything itself."""
    return demo(ROOT / "examples" / "hello")


@pytest.fixture(scope="module")
def demos(
    here: Account,
    docker: dict[str, str],
    pipeline: Pipeline,
    subscriber: Subscriber,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Demo]:
    """What the demos of other sources did with the suite's deployment, by the name of the source's folder."""
    folder = tmp_path_factory.mktemp("sources")
    for name, dockerfile in {"plain": PLAIN, "ends": ENDS}.items():
        (folder / name).mkdir()
        (folder / name / "Dockerfile").write_text(dockerfile)
    sources = [folder / "plain", ROOT / "examples" / "broken", folder / "ends"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "deployment", lambda: nullcontext(Deployment(here, docker, pipeline)))
        patch.setattr(Subscriber, "at", lambda _: subscriber)
        return {source.name: demo_here(source, patch) for source in sources}


def demo_here(source: Path, patch: pytest.MonkeyPatch) -> Demo:
    """What the demo of a source does in this process."""
    patch.setattr(sys, "argv", ["demo", str(source)])
    before = signal.getsignal(signal.SIGTERM)
    with redirect_stdout(StringIO()) as stdout, redirect_stderr(StringIO()) as stderr:
        code = program.main()
    signal.signal(signal.SIGTERM, before)
    return subprocess.CompletedProcess([], code, stdout.getvalue(), stderr.getvalue())


def test_the_demo_ends_with_the_image_running_on_arm64(hello: Demo) -> None:
    assert hello.returncode == 0, hello.stderr
    assert "uname -m in the container: aarch64" in hello.stdout
    assert '"Value": "recorded"' in hello.stdout
    assert re.search(r"GET http://127\.0\.0\.1:\d+/health: 200 ok\n$", hello.stdout)
    assert not hello.stderr


def test_the_demo_shows_the_recorded_uri_and_stops_what_it_started(hello: Demo) -> None:
    shown = URI.search(hello.stdout)
    assert shown
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", int(shown[1]))), "The local cloud still answers."


@pytest.mark.parametrize("name", ["plain", "ends"])
def test_the_demo_shows_the_recorded_uri_of_any_source(demos: dict[str, Demo], pipeline: Pipeline, name: str) -> None:
    shown = URI.search(demos[name].stdout)
    assert shown
    assert shown[0].endswith(tuple(version["Value"] for version in pipeline.history()))


def test_the_demo_shows_how_a_service_without_a_health_path_answers(demos: dict[str, Demo]) -> None:
    plain = demos["plain"]
    assert plain.returncode == 0, plain.stderr
    assert re.search(r"GET http://127\.0\.0\.1:\d+/health: 404 Not Found\n", plain.stdout)


def test_the_demo_shows_the_last_lines_of_a_program_that_ends(demos: dict[str, Demo]) -> None:
    ends = demos["ends"]
    assert ends.returncode == 0, ends.stderr
    assert "The image exposes no TCP port (EXPOSE)" in ends.stdout
    assert ends.stdout.endswith("  The container: exited with code 3\n  The end of its output:\n    no oven\n")


def test_a_build_that_fails_ends_the_demo_with_the_reason(demos: dict[str, Demo]) -> None:
    broken = demos["broken"]
    assert broken.returncode == 1
    assert broken.stderr.splitlines()[-1].startswith("reason: build-failed: Dockerfile:3 RUN echo")
    assert "Traceback" not in broken.stderr
    assert '"Value": "failed"' in broken.stdout


def test_a_failed_step_s_own_words_are_in_status_event_and_mail(demos: dict[str, Demo]) -> None:
    status, _, news = demos["broken"].stdout.partition("The event, Build Failed:\n")
    event, _, mail = news.partition("The email, jwt-pizza-service: failed broken.zip:\n")

    assert "can t open /no/such/file : No such file or directory" in status
    assert "    \"cat: can't open '/no/such/file': No such file or directory\"" in event
    assert "    cat: can't open '/no/such/file': No such file or directory\n" in mail


def test_the_demo_says_at_once_that_a_source_is_not_there(tmp_path: Path) -> None:
    ended = demo(tmp_path / "nothing")
    assert ended.returncode == 1
    assert ended.stderr == f"\nThere is no file or folder {tmp_path}/nothing.\n"
    assert not ended.stdout
