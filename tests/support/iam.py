"""The actions that IAM knows, and the resources on which it can allow each, as cfn-lint brings them from AWS."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import cfnlint

SERVICES = json.loads((Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json").read_text())
"""By service: its actions, in small letters, and its types of resources."""


def resource_types(pattern: str) -> dict[str, list[str]]:
    """The actions of IAM that a pattern means, each with the types of resources that can narrow it."""
    service, _, name = pattern.partition(":")
    actions = SERVICES[service]["Actions"].items()
    return {action: facts.get("Resources", []) for action, facts in actions if fnmatchcase(action, name.lower())}


def narrows(resource: str, pattern: str) -> bool:
    """Whether a resource of a statement is of a type that one of the pattern's actions knows."""
    types = SERVICES[pattern.partition(":")[0]]["Resources"]
    kinds = {kind for kinds in resource_types(pattern).values() for kind in kinds}
    formats = [each for kind in kinds for each in types[kind.lower()].get("ARNFormats", [])]
    return any(re.fullmatch(re.sub(r"\$\{[^}]+\}", "[^:]*", each), resource) for each in formats)
