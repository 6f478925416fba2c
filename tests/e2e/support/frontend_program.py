"""A frontend that an upload brings along by `# syntax=`. Its error is a report of all that it could read.

It runs in a container of its own and calls BuildKit with gRPC on its standard input and output. HTTP/2 and protocol
buffers are written by hand, as far as that takes, so Python's own library is enough.

The numbers of the members: frontend/gateway/pb/gateway.proto and solver/pb/ops.proto in https://github.com/moby/buildkit
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from itertools import count

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, WINDOW = 0, 1, 3, 4, 6, 8  # kinds of frames
END_STREAM, ACK, END_HEADERS = 1, 1, 4  # flags
WIDEST = 2**31 - 1
FOLDER, LINK = 1 << 31, 1 << 27  # in a mode, as Go has it
HOST, INSECURE = 1, 1  # an ExecOp's network and security
SECRET, NO_INPUT = 1, -1  # a Mount's type and input
streams = count(1, 2)


def varint(number: int) -> bytes:
    """The number as protocol buffers have it."""
    number &= 2**64 - 1
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def member(number: int, value: "int | str | bytes") -> bytes:
    """One member of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def entry(number: int, key: str, value: "str | bytes") -> bytes:
    """One entry of a message's map."""
    return member(number, member(1, key) + member(2, value))


def members(message: bytes) -> "Iterator[tuple[int, int | bytes]]":
    """The number and the value of each member of a message that has numbers and texts alone."""
    position = 0

    def number() -> int:
        nonlocal position
        found = shift = 0
        while True:
            byte, position = message[position], position + 1
            found, shift = found | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                return found

    while position < len(message):
        key, value = number(), number()
        if key & 7 == 2:
            position += value
            yield key >> 3, message[position - value : position]
        else:
            yield key >> 3, value


def send(kind: int, flags: int, stream: int, content: bytes) -> None:
    """Sends a frame."""
    head = len(content).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    sys.stdout.buffer.write(head + content)
    sys.stdout.buffer.flush()


def receive() -> tuple[int, int, int, bytes]:
    """The next frame: its kind, flags, stream and content."""
    head = sys.stdin.buffer.read(9)
    content = sys.stdin.buffer.read(int.from_bytes(head[:3], "big"))
    return head[3], head[4], int.from_bytes(head[5:], "big"), content


def call(method: str, request: bytes) -> "bytes | None":
    """BuildKit's answer; none if it refuses."""
    stream = next(streams)
    headers = {
        ":method": "POST",
        ":scheme": "http",
        ":path": f"/moby.buildkit.v1.frontend.LLBBridge/{method}",
        ":authority": "buildkit",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    packed = (b"\0%c%b%c%b" % (len(name), name.encode(), len(text), text.encode()) for name, text in headers.items())
    send(HEADERS, END_HEADERS, stream, b"".join(packed))
    send(DATA, END_STREAM, stream, b"\0" + len(request).to_bytes(4, "big") + request)
    answer = b""
    while True:
        kind, flags, of, content = receive()
        if kind in {SETTINGS, PING} and not flags & ACK:
            send(kind, ACK, 0, content if kind == PING else b"")
        elif of == stream and kind == RESET:
            return None
        elif of == stream and kind in {DATA, HEADERS}:
            answer += content if kind == DATA else b""
            if flags & END_STREAM:
                return answer[5:] if answer else None


def solve(*operations: bytes) -> "str | None":
    """The reference to what the last of the operations gives, each of which has the one before as its input."""
    definition, above = b"", b""
    for operation in (*operations, b""):
        vertex = above + operation
        definition += member(1, vertex)
        above = member(1, member(1, f"sha256:{hashlib.sha256(vertex).hexdigest()}"))
    answer = call("Solve", member(1, definition) + member(14, 1))
    return None if answer is None else bytes(dict(members(answer))[1]).decode()


def source(identifier: str, **attributes: str) -> bytes:
    """The operation that fetches a source."""
    entries = (entry(2, f"local.{name}", value) for name, value in attributes.items())
    return member(3, member(1, identifier) + b"".join(entries))


def local(name: str, **attributes: str) -> bytes:
    """The operation that fetches a folder of the client's."""
    return source(f"local://{name}", session=os.environ["BUILDKIT_SESSION_ID"], **attributes)


def read_file(reference: str, path: str) -> "str | None":
    """The file's content; none if it can't be read."""
    answer = call("ReadFile", member(1, reference) + member(2, path))
    return None if answer is None else bytes(dict(members(answer)).get(1, b"")).decode(errors="replace")


def read_folder(reference: str, path: str) -> "dict[str, tuple[int, str]] | None":
    """The mode of each of a folder's entries, and where it leads if it is a link; none if the folder can't be read."""
    answer = call("ReadDir", member(1, reference) + member(2, path))
    if answer is None:
        return None
    stats = [dict(members(bytes(stat))) for _, stat in members(answer)]
    return {bytes(stat[1]).decode(): (int(stat[2]), bytes(stat.get(7, b"")).decode()) for stat in stats}


def walk(reference: "str | None", folder: str = "") -> "dict[str, str | None] | None":
    """Each file's content and each link's target, by path; none if there is nothing to read from."""
    if reference is None:
        return None
    found: dict[str, str | None] = {}
    for name, (mode, target) in (read_folder(reference, folder or "/") or {}).items():
        path = f"{folder}/{name}"
        if mode & FOLDER:
            found |= walk(reference, path) or {}
        else:
            found[path] = f"-> {target}" if mode & LINK else read_file(reference, path)
    return found


def execute(code: str, *, secret: str = "", network: int = 0, security: int = 0) -> "str | None":
    """What this Python code, run as a step in this frontend's own image, writes into the file `seen`."""
    meta = member(1, sys.executable) + member(1, "-c") + member(1, code) + member(3, "/")
    mounts = member(2, member(1, 0) + member(3, "/"))
    if secret:
        options = member(3, "/secret") + member(4, NO_INPUT) + member(6, SECRET) + member(21, member(1, secret))
        mounts += member(2, member(1, NO_INPUT) + options)
    operation = member(2, member(1, meta) + mounts + member(3, network) + member(4, security))
    reference = solve(source(f"docker-image://{os.environ['FRONTEND']}"), operation)
    return None if reference is None else read_file(reference, "/seen")


def main() -> None:
    """Reads what it can, tries what it shouldn't, and gives what came of it as the build's error."""
    sys.stdout.buffer.write(PREFACE)
    send(SETTINGS, 0, 0, b"\0\4" + WIDEST.to_bytes(4, "big"))
    send(WINDOW, 0, 0, (WIDEST - 65535).to_bytes(4, "big"))
    wanted = json.loads(os.environ["WANTED"])
    dockerfile, context = solve(local("dockerfile")) or "", solve(local("context")) or ""
    followed = solve(local("context", followpaths=json.dumps(wanted["behind links"]), unique="followed"))
    say, reveal = "open('/seen', 'w').write('ran')", "open('/seen', 'w').write(open('/secret').read())"
    seen = {
        "dockerfile": walk(dockerfile),
        "context": walk(context),
        "context, links followed": walk(followed),
        "behind links": {path: read_file(context, path) for path in wanted["behind links"]},
        "above": {path: sorted(read_folder(dockerfile, path) or {}) for path in wanted["above"]},
        "other folders": {name: walk(solve(local(name))) for name in wanted["other folders"]},
        "secrets": {name: execute(reveal, secret=name) for name in wanted["secrets"]},
        "steps": {
            "as a RUN": execute(say),
            "in the host's network": execute(say, network=HOST),
            "privileged": execute(say, security=INSECURE),
        },
        "environment": dict(os.environ),
    }
    call("Return", member(2, member(1, 2) + member(2, f"seen: {json.dumps(seen)}")))


main()
