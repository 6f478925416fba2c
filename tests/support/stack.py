"""The template as data, with its intrinsic functions rendered to names that read well: `SourceBucket.Arn/*`."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PSEUDO_PARAMETERS = {"AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::Region": "us-east-1"}


def event(name: str) -> dict[str, Any]:
    """One of the files in events/."""
    found: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return found


def listed(value: Any) -> list[Any]:
    """What may stand alone or in a list, as a list."""
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Stack:
    """One deployment of the template: `names` are what references render to, else they render to themselves."""

    document: dict[str, Any]
    names: Mapping[str, str]

    @classmethod
    def from_file(cls, path: str = "template.yaml") -> "Stack":
        """The stack with the parameters' defaults, from this repository."""
        from samcli.yamlhelper import yaml_parse  # noqa: PLC0415  # the oldest Python's environment has no SAM CLI

        document = yaml_parse((ROOT / path).read_text())
        defaults = {name: str(each["Default"]) for name, each in document["Parameters"].items() if "Default" in each}
        return cls(document, PSEUDO_PARAMETERS | defaults)

    def named(self, **names: str) -> "Stack":
        """The same stack, with other parameters or with physical names."""
        return Stack(self.document, {**self.names, **names})

    def resources(self, kind: str) -> dict[str, Any]:
        """The resources of one type, as the template has them."""
        return {name: each for name, each in self.document["Resources"].items() if each["Type"] == kind}

    def all(self, kind: str) -> dict[str, Any]:
        """The rendered properties of all resources of one type."""
        return {name: self.properties(name) for name in self.resources(kind)}

    def properties(self, name: str) -> Any:
        """The rendered properties of one resource."""
        return self.render(self.document["Resources"][name].get("Properties", {}))

    def function(self, name: str) -> Any:
        """The rendered properties of a function, with what it has from Globals."""
        return merged(self.render(self.document["Globals"]["Function"]), self.properties(name))

    def functions(self) -> dict[str, Any]:
        """All functions."""
        return {name: self.function(name) for name in self.resources("AWS::Serverless::Function")}

    def deployed(self, name: str) -> Any:
        """The rendered properties of one resource, with its conditions decided, as CloudFormation deploys it."""
        return self.decide(self.document["Resources"][name].get("Properties", {}))

    def decide(self, value: Any) -> Any:
        """A rendered value with its conditions, selections and look-ups decided."""
        match value:
            case {"Fn::If": [condition, if_so, if_not]}:
                return self.decide(if_so if self.holds(self.document["Conditions"][condition]) else if_not)
            case {"Fn::Select": [number, texts]}:
                return self.decide(texts)[int(number)]
            case {"Fn::FindInMap": [name, *keys]}:
                first, second = self.decide(keys)
                return self.document["Mappings"][name][first][second]
            case {"Fn::Split": [separator, text]}:
                return self.decide(text).split(separator)
            case {"Fn::Join": [separator, texts]}:
                return separator.join(self.decide(texts))
            case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::Sub": _}:
                return self.render(value)
            case dict():
                found = {key: self.decide(each) for key, each in value.items()}
                return {key: each for key, each in found.items() if each != "AWS::NoValue"}
            case list():
                return [each for each in map(self.decide, value) if each != "AWS::NoValue"]
            case _:
                return value

    def holds(self, condition: Any) -> bool:
        """Whether a condition holds."""
        match condition:
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::Equals": [left, right]}:
                return bool(self.decide(left) == self.decide(right))
            case _:
                raise ValueError(f"This condition isn't known here: {condition}")

    def render(self, value: Any) -> Any:
        """A value with its references resolved."""
        match value:
            case {"Ref": name}:
                return self.names.get(name, name)
            case {"Fn::GetAtt": [name, attribute]}:
                return self.names.get(f"{name}.{attribute}", f"{name}.{attribute}")
            case {"Fn::Split": [separator, text]}:
                return self.render(text).split(separator)
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self.names.get(found[1], found[1]), text)
            case dict():
                return {key: self.render(each) for key, each in value.items()}
            case list():
                return [self.render(each) for each in value]
            case _:
                return value


def merged(general: Any, own: Any) -> Any:
    """SAM's merge of Globals: maps by key, anything else the function's own."""
    if isinstance(general, dict) and isinstance(own, dict):
        both = general.keys() & own.keys()
        return {**general, **own, **{key: merged(general[key], own[key]) for key in both}}
    return own


def statements(stack: Stack, name: str) -> Iterator[Any]:
    """The statements of a role's policies, or of a managed policy."""
    properties = stack.deployed(name)
    for policy in properties.get("Policies", [properties]):
        yield from policy["PolicyDocument"]["Statement"]


def allowed(stack: Stack, name: str) -> dict[str, set[str]]:
    """What a role or a managed policy allows: the actions on each resource."""
    found: dict[str, set[str]] = {}
    for statement in statements(stack, name):
        if statement["Effect"] == "Allow":
            for resource in listed(statement["Resource"]):
                found.setdefault(resource, set()).update(listed(statement["Action"]))
    return found
