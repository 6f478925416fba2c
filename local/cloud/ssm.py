"""SSM: events about changed parameters, and who changed them."""

import json
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import ssm

from local.cloud.shared.answers import Answer, refused
from local.cloud.shared.events import emit, shape
from local.cloud.shared.replacing import Function, replaces


@replaces(ssm, "_put_parameter")
def _(original: Function) -> Function:
    def put(data: dict[str, Any]) -> Answer:
        """Puts the parameter, adds the caller to its history and emits the event."""
        if any(braces in data["Value"] for braces in ("{{", "}}")):
            # assumes: parameter-value-braces
            return refused("ValidationException", "Parameter value can't nest another parameter.")
        answer: Answer = original(data)
        if answer[0] == 200:
            record = ssm._parameters[data["Name"]]
            ssm._parameter_history[data["Name"]][-1]["LastModifiedUser"] = iam_evaluator.caller_arn()
            changed(record, "Create" if record["Version"] == 1 else "Update")
        return answer

    return put


@replaces(ssm, "_delete_parameter")
def _(original: Function) -> Function:
    def delete(data: dict[str, Any]) -> Answer:
        """Deletes the parameter and emits the event."""
        record = ssm._parameters.get(data["Name"])
        answer: Answer = original(data)
        if answer[0] == 200 and record:
            changed(record, "Delete")
        return answer

    return delete


@replaces(ssm, "_delete_parameters")
def _(original: Function) -> Function:
    def delete(data: dict[str, Any]) -> Answer:
        """Deletes the parameters and emits an event each."""
        records = {name: ssm._parameters.get(name) for name in data["Names"]}
        answer: Answer = original(data)
        for name in json.loads(answer[2])["DeletedParameters"]:
            if record := records[name]:
                changed(record, "Delete")
        return answer

    return delete


def changed(record: dict[str, Any], operation: str) -> None:
    """Emits Parameter Store's event of an operation."""
    # assumes: parameter-change-event
    event = shape("parameter-changed")
    event["resources"] = [record["ARN"]]
    event["detail"] = {"name": record["Name"], "type": record["Type"], "operation": operation}
    if record["Description"]:
        event["detail"]["description"] = record["Description"]
    emit(event)
