"""The emulator's HTTP responses: status, headers and body."""

import json
from typing import Any

from ministack.core.responses import error_response_json

type Answer = tuple[int, dict[str, str], bytes]


def with_body(answer: Answer, body: bytes) -> Answer:
    """The answer with another body and the matching length."""
    status, headers, _ = answer
    kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    return status, kept | {"Content-Length": str(len(body))}, body


def changed(answer: Answer, **members: Any) -> Answer:
    """A JSON answer with some members replaced."""
    return with_body(answer, json.dumps(json.loads(answer[2]) | members).encode())


def json_object(body: bytes | str | None) -> dict[str, Any]:
    """The request's JSON object. Empty if there is none."""
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def refused(code: str, text: str) -> Answer:
    """An AWS error with this code."""
    answer: Answer = error_response_json(code, text, 400)
    return answer
