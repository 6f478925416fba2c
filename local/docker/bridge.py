"""Lets containers on the engine's network reach the local cloud, which only listens on loopback."""

import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from local.docker.client import docker
from local.progress import UserError


@contextmanager
def bridged(endpoint: str, engine: Mapping[str, str]) -> Iterator[str]:
    """The address at which containers reach the endpoint, while the block runs.

    Raises:
        UserError: the engine's network isn't on this machine, as with Docker Desktop.
    """
    port = urlsplit(endpoint).port

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as cloud:
                back = threading.Thread(target=pour, args=(cloud, self.request), daemon=True)
                back.start()
                pour(self.request, cloud)
                back.join()

    try:
        server = socketserver.ThreadingTCPServer((gateway(engine), 0), Forward)
    except OSError as error:
        raise UserError(f"Containers of this engine can't reach programs on this machine: {error}") from error
    server.daemon_threads = True
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "http://{}:{}".format(*server.server_address)
        server.shutdown()


def pour(incoming: socket.socket, outgoing: socket.socket) -> None:
    """Copies one direction of a connection until it closes."""
    with suppress(OSError):
        while data := incoming.recv(65536):
            outgoing.sendall(data)
        outgoing.shutdown(socket.SHUT_WR)


def gateway(engine: Mapping[str, str]) -> str:
    """This machine's address on the engine's own network."""
    template = "{{(index .IPAM.Config 0).Gateway}}"
    ended = docker(["network", "inspect", "bridge", "--format", template], engine)
    if ended.returncode:
        raise UserError(f"The engine has no network of its own: {ended.stderr.strip()}")
    return ended.stdout.strip()
