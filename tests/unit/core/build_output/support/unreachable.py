"""What is said if a registry can't be reached."""

from core.reasons import Reason
from tests.unit.core.build_output.support.outputs import said


def refused(answer: str, image: str = "node:22", operation: str | None = None) -> Reason:
    """The reason if a registry or the network to it gives this answer to a request for the image."""
    operation = operation or f"{image}: failed to resolve source metadata for {image}: "
    return said(
        f"#2 [internal] load metadata for {image}\n#2 ERROR: {answer}\nERROR: failed to solve: {operation}{answer}"
    )


HEAD = 'failed to do request: Head "https://x/v2/": '
UNREACHABLE = [
    f"{HEAD}dial tcp: lookup x: server misbehaving",
    f"{HEAD}dial tcp 192.0.2.1:443: connect: connection timed out",
    f"{HEAD}dial tcp 192.0.2.1:443: connect: connection refused",
    f"{HEAD}dial tcp 192.0.2.1:443: connect: network is unreachable",
    f"{HEAD}dial tcp 192.0.2.1:443: i/o timeout",
    f"{HEAD}read tcp 192.0.2.2:4->192.0.2.1:443: read: connection reset by peer",
    f"{HEAD}net/http: TLS handshake timeout",
    f"{HEAD}net/http: request canceled (Client.Timeout exceeded)",
    f"{HEAD}context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    f"{HEAD}net/http: timeout awaiting response headers",
    f"{HEAD}write tcp 192.0.2.2:4->192.0.2.1:443: write: broken pipe",
    f"{HEAD}http2: client connection lost",
    "failed to copy: local error: tls: bad record MAC",
    f"{HEAD}stream error: stream ID 1; INTERNAL_ERROR; received from peer",
    'failed to authorize: Post "https://x/token": context deadline exceeded',
    "failed to copy: httpReadSeeker: failed open: unexpected EOF",
    "failed to copy: httpReadSeeker: failed open: unexpected status code https://x/a/blobs/b: 503 Service Unavailable",
    "unexpected status from HEAD request to https://x/v2/: 520 status code 520",
]
