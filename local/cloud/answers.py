"""The emulator's answers: a status, headers and a body, as its services return them."""

import json
from typing import Any

from ministack.core.responses import error_response_json

type Answer = tuple[int, dict[str, str], bytes]


def with_body(answer: Answer, body: bytes) -> Answer:
    """The answer with another body and the length that fits it."""
    status, headers, _ = answer
    kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    return status, kept | {"Content-Length": str(len(body))}, body


def changed(answer: Answer, **members: Any) -> Answer:
    """A JSON answer with some of its members put in place of its own."""
    return with_body(answer, json.dumps(json.loads(answer[2]) | members).encode())


def json_object(body: bytes | str | None) -> dict[str, Any]:
    """The request's JSON object; an empty one where there is none."""
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def refused(code: str, text: str) -> Answer:
    """AWS's error of that name."""
    answer: Answer = error_response_json(code, text, 400)
    return answer
