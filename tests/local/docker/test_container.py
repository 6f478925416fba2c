"""What the demo shows of an image that it runs."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from local.docker import container as running
from local.docker.container import run_image
from local.progress import UserError
from tests.local.support.one_container import DOCKER, URI, Engine
from tests.support.waiting import PATIENCE


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine on which a container runs."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "docker"
    program.write_text(f"#!{shutil.which('sh')}\n{DOCKER.format(folder=tmp_path)}")
    program.chmod(0o755)
    monkeypatch.setattr(running, "ANSWER_SECONDS", PATIENCE)
    monkeypatch.setattr(running, "WATCH_SECONDS", 0)
    engine = Engine(tmp_path)
    engine.answers("create", "container\n")
    engine.has()
    return engine


@pytest.fixture
def service() -> Iterator[Callable[[dict[str, tuple[int, str]]], int]]:
    """Starts a service that answers these paths with a status and a body, others with 404; gives its port."""
    servers = []

    def serve(paths: dict[str, tuple[int, str]]) -> int:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = paths.get(self.path, (404, "no such page"))
                self.send_response(status)
                self.send_header("Location", "http://203.0.113.1/")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return servers[-1].server_port

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


type Service = Callable[[dict[str, tuple[int, str]]], int]
type Printed = pytest.CaptureFixture[str]


# Answers


def test_a_health_path_that_answers_200_is_all_that_is_shown_of_an_image(
    engine: Engine, service: Service, capsys: Printed
) -> None:
    port = service({"/health": (200, "ok\nand more"), "/": (200, "page")})
    engine.has(ports={"8080/tcp": port})
    engine.answers("exec", "aarch64\n")

    run_image(engine.environment, URI, must_be_healthy=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["  uname -m in the container: aarch64", f"  GET http://127.0.0.1:{port}/health: 200 ok"]


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        ({}, ("404 Not Found", "404 Not Found")),
        ({"/": (200, "page")}, ("404 Not Found", "200 page")),
        ({"/health": (503, "too early")}, ("503 Service Unavailable", "404 Not Found")),
        ({"/": (302, "")}, ("404 Not Found", "302 Found")),  # not followed
    ],
)
def test_any_http_answer_of_an_image_is_shown(
    engine: Engine, service: Service, capsys: Printed, paths: dict[str, tuple[int, str]], shown: tuple[str, str]
) -> None:
    port = service(paths)
    engine.has(ports={"8080/tcp": port})

    run_image(engine.environment, URI, must_be_healthy=False)
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"  GET http://127.0.0.1:{port}/health: {shown[0]}",
        f"  GET http://127.0.0.1:{port}/: {shown[1]}",
    ]


def test_of_several_ports_of_an_image_the_one_that_answers_is_shown(
    engine: Engine, service: Service, capsys: Printed
) -> None:
    port = service({"/health": (200, "ok")})
    with socket.create_server(("127.0.0.1", 0)) as closed:
        other = closed.getsockname()[1]
    engine.has(ports={"53/udp": port, "5432/tcp": other, "8080/tcp": port})

    run_image(engine.environment, URI, must_be_healthy=True)
    shown = capsys.readouterr().out
    assert shown.endswith(f"  GET http://127.0.0.1:{port}/health: 200 ok\n")
    assert shown.count("GET") == 1


@pytest.mark.parametrize("paths", [{}, {"/": (200, "page")}, {"/health": (204, "")}])
def test_an_image_that_must_be_healthy_and_is_not_is_an_error(
    engine: Engine, service: Service, paths: dict[str, tuple[int, str]]
) -> None:
    engine.has(ports={"8080/tcp": service(paths)})

    with pytest.raises(UserError, match="doesn't answer 200 on /health"):
        run_image(engine.environment, URI, must_be_healthy=True)


# No answer


@pytest.fixture
def in_a_hurry(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an answer of this engine's container: it is asked for twice, at once."""
    monkeypatch.setattr(running, "ANSWER_SECONDS", 0)


@pytest.mark.usefixtures("in_a_hurry")
def test_a_port_that_answers_no_http_is_said_with_state_and_output(engine: Engine, capsys: Printed) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    engine.has(ports={"5432/tcp": port})
    engine.answers("logs", "starting\nready\n")

    run_image(engine.environment, URI, must_be_healthy=False)
    assert capsys.readouterr().out.endswith(
        f"  No HTTP answer from 127.0.0.1:{port}.\n"
        "  The container: running\n"
        "  The end of its output:\n    starting\n    ready\n"
    )


@pytest.mark.usefixtures("in_a_hurry")
def test_an_answer_in_something_else_than_http_is_none(engine: Engine, capsys: Printed) -> None:
    def greet(server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.sendall(b"SSH-2.0-server\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        greeter = threading.Thread(target=greet, args=(server,))
        greeter.start()
        engine.has(ports={"22/tcp": server.getsockname()[1]})
        run_image(engine.environment, URI, must_be_healthy=False)
        server.shutdown(socket.SHUT_RDWR)
        greeter.join()

    assert "No HTTP answer" in capsys.readouterr().out


def test_a_container_that_has_ended_is_not_waited_for(engine: Engine, capsys: Printed) -> None:
    engine.has(status="exited", code=3, ports={"8080/tcp": None})
    engine.refuses("exec", "not running")
    engine.answers("logs", "no database\n")

    run_image(engine.environment, URI, must_be_healthy=False)
    shown = capsys.readouterr().out
    assert shown.endswith("  The container: exited with code 3\n  The end of its output:\n    no database\n")
    assert "uname" not in shown


@pytest.mark.parametrize("ports", [None, {"53/udp": 1}])
def test_an_image_without_a_tcp_port_is_said_to_have_none(
    engine: Engine, capsys: Printed, ports: dict[str, int | None] | None
) -> None:
    engine.has(ports=ports)

    run_image(engine.environment, URI, must_be_healthy=False)
    shown = capsys.readouterr().out
    assert "  The image exposes no TCP port (EXPOSE), so there is nothing to request.\n" in shown
    assert shown.endswith("  The container: running\n  It has printed nothing.\n")


def test_a_container_that_does_not_start_is_said_with_the_engines_error(engine: Engine, capsys: Printed) -> None:
    engine.refuses("start", "no such user")

    run_image(engine.environment, URI, must_be_healthy=False)
    assert capsys.readouterr().out.endswith("  docker start failed: no such user\n")


def test_an_image_that_cannot_be_pulled_is_an_error(engine: Engine) -> None:
    engine.refuses("pull", "not found")

    with pytest.raises(UserError, match="docker pull failed: not found"):
        run_image(engine.environment, URI, must_be_healthy=False)


def test_the_container_of_a_demo_is_removed(engine: Engine) -> None:
    with pytest.raises(UserError):
        run_image(engine.environment, URI, must_be_healthy=True)

    assert engine.calls()[-1] == "rm --force --volumes container"
