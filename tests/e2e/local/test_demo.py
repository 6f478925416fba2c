"""`make demo`, as a newcomer calls it."""

import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.docker.base_image import NAME
from local.emulator import ROOT

URI = re.compile(r"recorded URI +127\.0\.0\.1:(\d+)/jwt-pizza-service@sha256:[0-9a-f]{64}")


def demo(docker: dict[str, str], source: Path) -> "subprocess.CompletedProcess[str]":
    """What the demo of a source did."""
    return subprocess.run(
        [sys.executable, "-m", "local.demo", str(source)],
        cwd=ROOT,
        env={**os.environ, **docker},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def hello(docker: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """The demo of the example."""
    return demo(docker, ROOT / "examples" / "hello")


def test_the_demo_ends_with_the_image_running_on_arm64(hello: "subprocess.CompletedProcess[str]") -> None:
    assert hello.returncode == 0, hello.stderr
    assert "uname -m in the container: aarch64" in hello.stdout
    assert '"Value": "recorded"' in hello.stdout
    assert re.search(r"GET http://127\.0\.0\.1:\d+/health: 200 ok\n$", hello.stdout)
    assert not hello.stderr


def test_the_demo_shows_the_recorded_uri_and_stops_what_it_started(hello: "subprocess.CompletedProcess[str]") -> None:
    shown = URI.search(hello.stdout)
    assert shown
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", int(shown[1]))), "The local cloud still answers."


def test_two_demos_at_the_same_time_both_succeed() -> None:
    with ThreadPoolExecutor() as terminals:
        both = list(terminals.map(lambda source: demo({}, source), [ROOT / "examples" / "hello"] * 2))

    for each in both:
        assert each.returncode == 0, each.stderr
        assert re.search(r"GET http://127\.0\.0\.1:\d+/health: 200 ok\n$", each.stdout)
    recorded = [shown[0] for each in both if (shown := URI.search(each.stdout))]
    assert len(set(recorded)) == 2


def test_the_demo_shows_how_a_service_without_a_health_path_answers(docker: dict[str, str], tmp_path: Path) -> None:
    serve = 'CMD ["httpd", "-f", "-p", "8080", "-h", "/home"]'
    (tmp_path / "Dockerfile").write_text(f"FROM {NAME}\nEXPOSE 8080\n{serve}\n")
    ended = demo(docker, tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert re.search(r"GET http://127\.0\.0\.1:\d+/health: 404 Not Found\n", ended.stdout)


def test_the_demo_shows_the_last_lines_of_a_program_that_ends(docker: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f'FROM {NAME}\nCMD ["sh", "-c", "echo no oven >&2; exit 3"]\n')
    ended = demo(docker, tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "The image exposes no TCP port (EXPOSE)" in ended.stdout
    assert ended.stdout.endswith("  The container: exited with code 3\n  The end of its output:\n    no oven\n")


def test_a_build_that_fails_ends_the_demo_with_the_reason(docker: dict[str, str]) -> None:
    ended = demo(docker, ROOT / "examples" / "broken")
    assert ended.returncode == 1
    lines = ended.stderr.splitlines()
    assert lines[-1].startswith("reason: build-failed: Dockerfile:3 RUN echo")
    assert "Traceback" not in ended.stderr
    assert '"Value": "failed"' in ended.stdout


def test_a_failed_step_s_own_words_are_in_status_event_and_mail(docker: dict[str, str]) -> None:
    shown = demo(docker, ROOT / "examples" / "broken").stdout
    status, _, news = shown.partition("The event, Build Failed:\n")
    event, _, mail = news.partition("The email, jwt-pizza-service: failed broken.zip:\n")

    assert "can t open /no/such/file : No such file or directory" in status
    assert "    \"cat: can't open '/no/such/file': No such file or directory\"" in event
    assert "    cat: can't open '/no/such/file': No such file or directory\n" in mail


def test_the_demo_says_at_once_that_a_source_is_not_there(docker: dict[str, str], tmp_path: Path) -> None:
    ended = demo(docker, tmp_path / "nothing")
    assert ended.returncode == 1
    assert ended.stderr == f"\nThere is no file or folder {tmp_path}/nothing.\n"
    assert not ended.stdout
