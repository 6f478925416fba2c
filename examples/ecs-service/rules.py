"""The template's rules: which values of its parameters contradict each other."""

from typing import Any


def broken(template: dict[str, Any], values: dict[str, str]) -> list[str]:
    """The faults of these values, in the template's own words. Parameters without a value have their defaults."""
    defaults = {name: each.get("Default", "") for name, each in template["Parameters"].items()}
    return [
        assertion["AssertDescription"]
        for rule in template["Rules"].values()
        if holds(rule["RuleCondition"], defaults | values)
        for assertion in rule["Assertions"]
        if not holds(assertion["Assert"], defaults | values)
    ]


def holds(condition: Any, values: dict[str, str]) -> bool:
    """Whether a rule's condition holds for these values.

    Raises:
        ValueError: the condition has a function that isn't known here.
    """
    match condition:
        case {"Fn::And": parts}:
            return all(holds(part, values) for part in parts)
        case {"Fn::Not": [part]}:
            return not holds(part, values)
        case {"Fn::Equals": [{"Ref": name}, text]}:
            return values[name] == text
    raise ValueError(f"deploy.sh doesn't know this condition of template.yaml: {condition}")
