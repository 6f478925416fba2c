"""CloudWatch Logs: filter patterns in JSON, and optional terms, neither of which the emulator honors."""

import json
import re
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch_logs

from local.cloud.shared.answers import Answer, refused
from local.cloud.shared.replacing import Function, replaces

CONDITION = re.compile(r'\s*\(?\s*\$\.(?P<path>[\w.]+)\s*=\s*"(?P<value>[^"]*)"\s*\)?\s*')


class PatternError(Exception):
    """An unsupported JSON pattern."""


@replaces(cloudwatch_logs, "_filter_log_events")
def _(original: Function) -> Function:
    def filtered(request: dict[str, Any]) -> Answer:
        """Refuses unsupported patterns."""
        try:
            answer: Answer = original(request)
        except PatternError as error:
            return refused("InvalidParameterException", str(error))
        return answer

    return filtered


@replaces(cloudwatch_logs, "_compile_filter_pattern")
def _(original: Function) -> Function:
    def compiled(raw: str) -> Callable[[str], bool]:
        """Supports patterns such as `{ ($.level = "ERROR") || ($.type = "platform.*") }` and `?ERROR ?WARN`.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html

        Raises:
            PatternError: the pattern contains anything else.
        """
        pattern = raw.strip() if raw else ""
        if terms := [each.removeprefix("?") for each in pattern.split() if each.startswith("?")]:
            if len(terms) != len(pattern.split()) or not all(map(str.isalnum, terms)):
                raise PatternError(f"The local cloud doesn't honor the filter pattern {raw}.")
            return lambda message: any(term in message for term in terms)
        if not (pattern.startswith("{") and pattern.endswith("}")):
            found: Callable[[str], bool] = original(raw)
            return found
        conditions = [CONDITION.fullmatch(each) for each in pattern[1:-1].split("||")]
        if None in conditions:
            raise PatternError(f"The local cloud doesn't honor the filter pattern {raw}.")
        wanted = [(each["path"].split("."), each["value"]) for each in conditions if each]
        return lambda message: any(holds(message, path, value) for path, value in wanted)

    return compiled


def holds(message: str, path: list[str], value: str) -> bool:
    """Whether a message is a JSON object whose member has this value. `*` matches anything."""
    try:
        found: Any = json.loads(message)
    except ValueError:
        return False
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    wanted = ".*".join(map(re.escape, value.split("*")))
    return isinstance(found, str) and re.fullmatch(wanted, found, re.DOTALL) is not None
