"""The documents' tables, made from the template, the code and document_words.toml. `make documents` writes them."""

import ast
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse
from typer.main import get_group

from aws.metrics import ALARM_METRICS
from aws.ssm import REMEDIES
from core import reasons
from core.build_output import build_reasons
from core.notifying.notifications import DETAIL_TYPES, Notification
from core.notifying.statuses import LIFE, Status
from core.reasons import Reason
from core.trial import start_reasons
from core.uploads import ObjectVersion
from core.zips import zip_reasons
from ship.cli import app

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
POLICIES = {"UploaderPolicyArn": "uploader", "FollowerPolicyArn": "follower", "RollbackPolicyArn": "rollback"}
DEPLOYMENTS = "/deployment"
"""The end of the name of auto-deploy's parameter."""
WORDS = tomllib.loads((ROOT / "tools" / "document_words.toml").read_text())
MAPPED = ("functions", "ship", "local", "tools", "verify")
INSIDE_MAPPED = ("functions", "ship")  # of the others, the map has the packages and the programs


# Markdown


def table(heads: str, rows: Collection[Collection[str]]) -> str:
    """A table in Markdown."""
    lines = [*("| " + " | ".join(row) + " |" for row in rows)]
    return "\n".join([f"| {heads} |", "|" + "---|" * (heads.count("|") + 1), *lines])


def code(*words: str) -> str:
    """The words as code, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


def prose(text: str) -> str:
    """A text of the template in a table's cell: without references to resources, and with its `<name>` visible."""
    known = text.replace("${ServiceName}", "the service").replace("${AWS::StackName}", "the stack")
    without = re.sub(r" \(\$\{\w+\}\)", "", known)
    return re.sub(r"\$\{(\w+)[.\w]*\}", r"`\1`", without).replace("<", r"\<").replace("|", r"\|")


def explained[Words](names: Collection[str], words: Mapping[str, Words]) -> Iterator[tuple[str, Words]]:
    """The names in the order of their explanations.

    Raises:
        ValueError: a name has no explanation, or an explanation has no name.
    """
    if differing := {*names} ^ words.keys():
        raise ValueError(f"tools/document_words.toml explains too much or too little: {sorted(differing)}")
    return iter(words.items())


# The template


def parameters() -> str:
    """The stack's parameters."""
    rows = [
        (code(name), code(str(each["Default"])) if each["Default"] != "" else "none", prose(each["Description"]))
        for name, each in TEMPLATE["Parameters"].items()
    ]
    return table("parameter | default | description", rows)


def outputs() -> str:
    """The stack's outputs."""
    rows = [(code(name), prose(each["Description"])) for name, each in TEMPLATE["Outputs"].items()]
    return table("output | description", rows)


def policies() -> str:
    """The policies that the stack exports, with what each allows."""
    rows = [
        (code(output), prose(TEMPLATE["Outputs"][output]["Description"]), code(*allowed(output))) for output in POLICIES
    ]
    return table("output | use | actions", rows)


def allowed(output: str, resource: str = "") -> list[str]:
    """The actions that an exported policy allows, on resources whose ARN has this text."""
    policy = TEMPLATE["Resources"][TEMPLATE["Outputs"][output]["Value"]["Ref"]]["Properties"]["PolicyDocument"]
    actions = [each["Action"] for each in policy["Statement"] if resource in str(each["Resource"])]
    return [name for each in actions for name in ([each] if isinstance(each, str) else each)]


def alarms() -> str:
    """The stack's alarms: when each fires, and its description."""
    found = {name: each for name, each in TEMPLATE["Resources"].items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    properties = {name: each["Properties"] for name, each in found.items()}
    rows = [(code(name), fires(each), prose(each["AlarmDescription"]["Fn::Sub"])) for name, each in properties.items()]
    return table("alarm | fires if it happens in | description, which its email quotes", rows)


def fires(alarm: Mapping[str, Any]) -> str:
    """The periods in which an alarm's metric has to be above its threshold."""
    periods, minutes = alarm["EvaluationPeriods"], alarm["Period"] // 60
    most = alarm.get("DatapointsToAlarm", periods)
    return f"{most} of {periods} periods of {minutes} minutes" if periods > 1 else f"1 period of {minutes} minutes"


# The code


def reason_codes() -> set[str]:
    """All reason codes that the functions and the builder give."""
    modules = (reasons, zip_reasons, build_reasons, start_reasons)
    constants = {each.code for module in modules for each in vars(module).values() if isinstance(each, Reason)}
    sources = [path.read_text() for path in (ROOT / "functions").rglob("*.py")]
    return constants | {name for text in sources for name in re.findall(r'Reason\(\s*"([a-z-]+)"', text)}


def reason_table() -> str:
    """All reasons: what each means, and what to do."""
    rows = [(code(name), *words) for name, words in explained(reason_codes(), WORDS["reasons"])]
    return table("reason | means | do", rows)


def metrics() -> str:
    """The functions' metrics of what went wrong, with the alarm that each counts for."""
    sources = " ".join(path.read_text() for path in (ROOT / "functions").rglob("*.py"))
    sent = {name for name in WORDS["metrics"] if f'"{name}"' in sources} | ALARM_METRICS.keys()
    alarm = {name: code(f"{metric}Alarm") for name, metric in ALARM_METRICS.items()}
    rows = [(code(name), alarm.get(name, "none"), *words) for name, words in explained(sent, WORDS["metrics"])]
    return table("metric | alarm | means | do", rows)


def parameter_errors() -> str:
    """SSM's errors when RecordImage writes the parameter, with what to do."""
    return table("error | what to do", [(code(name), remedy) for name, remedy in REMEDIES.items()])


def event_types() -> str:
    """The types of the events about an upload's end."""
    return table(
        "`detail-type` | the upload's end", [(code(kind), LIFE[status].means) for status, kind in DETAIL_TYPES.items()]
    )


def event_fields() -> str:
    """The fields of an event's detail."""
    detail = Notification("", ObjectVersion("", "", ""), Status("recorded", ""), None, 0).detail
    words = {name: says.format(statuses=code(*DETAIL_TYPES)) for name, says in WORDS["event_fields"].items()}
    return table("field | value", [(code(name), says) for name, says in explained(detail.keys(), words)])


def permissions() -> str:
    """The permissions that each verb of `ship` requires, and the exported policies that grant them."""
    rows = []
    for verb, purposes in explained(get_group(app).commands, WORDS["permissions"]):
        for purpose, required in purposes.items():
            where = DEPLOYMENTS if purpose in WORDS["of_deployments"] else ""
            granting = [name for output, name in POLICIES.items() if {*required} <= {*allowed(output, where)}]
            needs = code(*required) + (f" on {code(f'/<ServiceName>{where}')}" if where else "")
            rows.append((code(verb), purpose, needs, ", ".join(granting)))
    return table("verb | when | requires | granted by", rows)


# The map of the code


def code_map() -> str:
    """The packages and modules with the first sentence of each docstring."""
    lines = [line for name in MAPPED for line in folder(ROOT / name)]
    width = max(len(name) for name, _ in lines) + 1
    return "\n".join(["```", *(f"{name:{width}}{says}".rstrip() for name, says in lines), "```"])


def folder(path: Path, depth: int = 0) -> Iterator[tuple[str, str]]:
    """A folder's line, then those of its modules and folders."""
    yield "  " * depth + f"{path.name}/", first_sentence(path / "__init__.py")
    whole = path.relative_to(ROOT).parts[0] in INSIDE_MAPPED
    for module in sorted(path.glob("*.py")):
        if not module.name.startswith("__") and (whole or depth == 0):
            yield "  " * (depth + 1) + module.name, first_sentence(module)
    for inner in sorted(each for each in path.iterdir() if any(each.glob("*.py"))):
        if whole or depth == 0:
            yield from folder(inner, depth + 1)


def first_sentence(module: Path) -> str:
    """The first sentence of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(module.read_text())) if module.exists() else None
    return re.split(r"(?<=\.)\s|\n\n", docstring or "")[0].replace("\n", " ")
