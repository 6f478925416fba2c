"""What a policy names that IAM doesn't know, by policy_sentry's copy of AWS's service authorization reference."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.support.stack import listed

GLOBAL_KEYS = {"aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn"}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""


def findings(statement: Mapping[str, Any]) -> Iterator[str]:
    """Unknown actions, and the resources and condition keys that an action doesn't have."""
    for pattern in listed(statement["Action"]):
        found = actions(pattern)
        if not found:
            yield f"{pattern} is no action"
            continue
        arns = resource_types(pattern, found)
        for resource in listed(statement.get("Resource", "*")):
            if resource != "*" and not any(overlap(resource, arn) for arn in arns):
                yield f"{pattern} can't be allowed on {resource}"
        for key in condition_keys(statement) - GLOBAL_KEYS - own_keys(found):
            yield f"{pattern} has no condition key {key}"


def actions(pattern: str) -> dict[str, dict[str, Any]]:
    """The actions that a pattern means, with their facts."""
    service, _, name = pattern.partition(":")
    found = get_service_prefix_data(service).get("privileges", {})
    return {each: found[each] for each in found if fnmatchcase(each.lower(), name.lower())}


def resource_types(pattern: str, found: Mapping[str, Any]) -> set[str]:
    """The forms of the ARNs on which one of these actions can be allowed."""
    known = get_service_prefix_data(pattern.partition(":")[0])["resources"]
    return {known[name]["arn"] for facts in found.values() for name in facts["resource_types"] if name}


def condition_keys(statement: Mapping[str, Any]) -> set[str]:
    """The keys in a statement's conditions."""
    return {key for keys in statement.get("Condition", {}).values() for key in keys}


def own_keys(found: Mapping[str, Any]) -> set[str]:
    """The condition keys of these actions."""
    types = [each for facts in found.values() for each in facts["resource_types"].values()]
    return {key for each in types for key in each["condition_keys"]}


def overlap(resource: str, form: str) -> bool:
    """Whether a policy's resource names an ARN of this form, part by part."""
    if form.endswith(":${BucketName}") and "/" in resource:  # which other names may contain
        return False
    parts = resource.split(":", 5), re.sub(r"\$\{\w+\}", "*", form).split(":", 5)
    return len(parts[0]) == len(parts[1]) == 6 and all(map(share, *parts))


@cache
def share(one: str, other: str) -> bool:
    """Whether some text matches both patterns."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return share(one[1:], other) or share(one, other[1:])
    if other[0] == "*":
        return share(other, one)
    return (one[0] == other[0] or "?" in {one[0], other[0]}) and share(one[1:], other[1:])
