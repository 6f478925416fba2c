"""EventBridge's pattern matching, as much of it as the template uses; any other operator is an error, never a mismatch.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

from typing import Any


def matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    """Every field of the pattern is in the event with a value that one of its alternatives admits."""
    return all(name in event and field_matches(wanted, event[name]) for name, wanted in pattern.items())


def field_matches(wanted: dict[str, Any] | list[Any], found: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and matches(wanted, found)
    values = found if isinstance(found, list) else [found]
    return any(value_matches(alternative, value) for alternative in wanted for value in values)


def value_matches(wanted: Any, found: Any) -> bool:
    match wanted:
        case {"prefix": str(start), **rest} if not rest:
            return isinstance(found, str) and found.startswith(start)
        case {"suffix": str(end), **rest} if not rest:
            return isinstance(found, str) and found.endswith(end)
        case {"anything-but": unwanted, **rest} if not rest:
            refused = unwanted if isinstance(unwanted, list) else [unwanted]
            return not any(value_matches(each, found) for each in refused)
        case dict() | list():
            raise ValueError(f"This matcher doesn't know {wanted}")
        case _:
            return type(wanted) is type(found) and bool(wanted == found)
