"""`ship` agrees with the template where it can't ask the stack."""

import typer.main

from ship.aws.cloudformation import DESCRIPTION
from ship.cli import app
from ship.uploads.patience import FOLLOWED
from tests.support.stack import Stack


def test_what_ship_follows_it_follows_as_long_as_an_upload_waits_for_its_build(stack: Stack) -> None:
    queue = stack.document["Resources"]["UploadQueue"]["Properties"]
    waits = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]

    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    defaults = {
        parameter.default * 60
        for command in verbs.values()
        for parameter in command.params
        if parameter.name == "timeout"
    }
    assert {FOLLOWED, *defaults} == {waits}


def test_ship_knows_a_stack_by_the_templates_description(stack: Stack) -> None:
    assert stack.document["Description"].startswith(DESCRIPTION)
