"""The record of the last deployment, kept as JSON in a parameter. Its versions are the history that others read."""

import json
from dataclasses import dataclass, replace

# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
MOST_BYTES = 4096


@dataclass(frozen=True)
class Record:
    """The result of deploying the image that this version of the parameter names. docs/ecs.md describes the states.

    `running` is the image that the service runs, None if it runs nothing that is known to be healthy. `deployment` is
    ECS's id. The last three describe the task that failed last.
    """

    state: str
    image: str
    version: int
    running: str | None = None
    deployment: str | None = None
    reason: str | None = None
    exit_code: str | None = None
    log: str | None = None
    lines: tuple[str, ...] = ()


NAMES = {"image": "imageUri", "exit_code": "exitCode"}
"""The members whose names differ in JSON."""


def read(value: str) -> Record | None:
    """The record in a parameter's value. None if there is none, as before the first deployment."""
    try:
        found = json.loads(value)
        members = {name: found.get(NAMES.get(name, name)) for name in Record.__dataclass_fields__}
        record = Record(**members | {"version": int(found["version"]), "lines": tuple(found.get("lines") or ())})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return record if record.state and record.image else None


def written(record: Record) -> str:
    """The parameter's value for a record. It leaves out the first lines if all don't fit."""
    found = {NAMES.get(name, name): getattr(record, name) for name in Record.__dataclass_fields__}
    members = json.dumps(found, ensure_ascii=False)[1:-1]
    # assumes: parameter-value-braces
    value = "{" + members.replace("{", "\\u007b").replace("}", "\\u007d") + "}"
    if len(value.encode()) > MOST_BYTES and record.lines:
        return written(replace(record, lines=record.lines[1:]))
    return value
