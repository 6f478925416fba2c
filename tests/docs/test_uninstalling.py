"""docs/operating/uninstalling.md, pasted: whatever fails, nothing is removed after it."""

from pathlib import Path

import pytest

from tests.docs.support.documents import ROOT, blocks
from tests.docs.support.shells import PASTED, Shell, destroying
from tests.support.stack import Stack

STEPS = blocks((ROOT / "docs" / "operating" / "uninstalling.md").read_text(), "bash")
PAGE = "\n".join(STEPS)
ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/source-to-ecr/1"
MISSING = '{ echo "An error occurred (ValidationError): Stack with id $5 does not exist" >&2; exit 254; }'
BATCHES = """\
left=$(cat versions)
[ "$left" -gt 0 ] || { echo '{"Objects": []}'; exit; }
echo '{"Objects": [{"Key": "a", "VersionId": "b"}]}'
"""
REMOVAL = """\
test ! -e canceled || exit 0
rm source-to-ecr
test ! -e made-again || mv made-again source-to-ecr
"""
DELETION = """\
test ! -e refusal || { cat refusal; exit; }
echo $(($(cat versions) - 1)) > versions
echo None
"""
ANSWERS = {
    "*list-imports*": """\
test ! -e importer || { cat importer; exit; }
echo "An error occurred (ValidationError): Export '$5' is not imported by any stack." >&2
exit 254""",
    "*describe-stacks*LogGroup*": f"test -e $5 || {MISSING}\necho a-log-group",
    f"*describe-stacks*{ID}*": "if test -e source-to-ecr; then echo CREATE_COMPLETE; else echo DELETE_COMPLETE; fi",
    "*describe-stacks*SourceBucketName*": f"test -e $5 || {MISSING}\ncat $5",
    "*describe-stacks*": f"test -e $5 || {MISSING}\necho CREATE_COMPLETE",
    f"*delete-stack*{ID}": REMOVAL,
    "*delete-stack*": "rm -f $5",
    "*delete-parameters*": "exit 0",
    "*delete-repository*": "exit 0",
    "*list-object-versions*": BATCHES,
    "*delete-objects*": DELETION,
    "*delete-bucket*": "exit 0",
    "*delete-log-group*": "exit 0",
}
ACCOUNT = {
    "source-to-ecr": f"{ID}\tjwt-pizza-service\ta-bucket\tjwt-pizza-service/build\n",
    "jwt-pizza-service-uploader": "",
    "jwt-pizza-service-auto-deploy": "",
    "jwt-pizza-service-ecs": "",
    "versions": "2",
}
"""The fakes' files: one per stack that exists. The main stack's file holds its description."""
LAYER = "AWS::Serverless::LayerVersion"  # SAM retains these, if their property doesn't say otherwise
DONE = "source-to-ecr is uninstalled."
REMOVED = [
    "delete-stack --stack-name jwt-pizza-service-uploader",
    "delete-stack --stack-name jwt-pizza-service-auto-deploy",
    "delete-stack --stack-name jwt-pizza-service-ecs",
    f"delete-stack --stack-name {ID}",
    "delete-parameters --names /jwt-pizza-service/image-uri",
    "delete-repository --repository-name jwt-pizza-service --force",
    "delete-objects --bucket a-bucket",
    "delete-objects --bucket a-bucket",
    "delete-bucket --bucket a-bucket",
    "delete-log-group --log-group-name a-log-group",
]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell with the account behind it."""
    return Shell(tmp_path, ANSWERS)


def removed(calls: list[str]) -> list[str]:
    """What was removed, without the service and the options that name no thing."""
    return [call.split(" ", 2)[2].partition(" --delete")[0] for call in destroying(calls)]


@pytest.mark.parametrize("kind", PASTED)
def test_pasted_whole_it_removes_everything_in_order(shell: Shell, kind: str) -> None:
    assert removed(shell.paste(PAGE, ACCOUNT, kind=kind)) == REMOVED
    assert DONE in shell.stdout


@pytest.mark.parametrize("kind", PASTED)
@pytest.mark.parametrize("step", range(len(STEPS)))
def test_whichever_command_of_a_step_fails_nothing_is_removed_after_it(shell: Shell, step: int, kind: str) -> None:
    before = shell.paste("".join(STEPS[:step]), ACCOUNT, kind=kind)
    calls = shell.paste("".join(STEPS[: step + 1]), ACCOUNT, kind=kind)
    assert len(calls) > len(before)

    for number in range(len(before) + 1, len(calls) + 1):
        failing = shell.paste(PAGE, ACCOUNT, kind=kind, fails=number)
        assert [call.split()[:3] for call in failing[:number]] == [call.split()[:3] for call in calls[:number]]
        assert destroying(failing[number:]) == [], shell.stdout
        assert DONE not in shell.stdout


@pytest.mark.parametrize("number", range(1, len(STEPS)))
def test_a_step_pasted_alone_removes_nothing(shell: Shell, number: int) -> None:
    assert destroying(shell.paste(STEPS[number], ACCOUNT)) == []
    assert destroying(shell.paste(STEPS[0] + STEPS[number], ACCOUNT)) == [] or number == 1


def test_a_stack_that_another_one_imports_from_is_left_with_its_service(shell: Shell) -> None:
    calls = shell.paste(PAGE, ACCOUNT | {"importer": "another-uploader"})

    assert removed(calls) == REMOVED[:1]
    assert "another-uploader" in shell.stdout


def test_a_stack_whose_deletion_is_canceled_keeps_what_is_its_own(shell: Shell) -> None:
    calls = shell.paste(PAGE, ACCOUNT | {"canceled": ""})

    assert removed(calls) == REMOVED[:4]
    assert f"{ID} isn't deleted: CREATE_COMPLETE" in shell.stdout


def test_what_a_stack_left_is_kept_while_a_new_stack_has_its_name(shell: Shell) -> None:
    calls = shell.paste(PAGE, ACCOUNT | {"made-again": "another one"})

    assert removed(calls) == REMOVED[:4]


@pytest.mark.parametrize("facts", ["", f"{ID}\tNone\tNone\tNone", "\tjwt-pizza-service\ta-bucket\t"])
def test_a_stack_of_another_kind_is_left_alone(shell: Shell, facts: str) -> None:
    assert destroying(shell.paste(PAGE, ACCOUNT | {"source-to-ecr": facts})) == []


def test_the_names_of_a_stack_that_was_uninstalled_before_are_forgotten(shell: Shell) -> None:
    calls = shell.paste(PAGE + PAGE.replace("STACK=source-to-ecr", "STACK=mistyped"), ACCOUNT)

    assert removed(calls) == REMOVED


def test_a_version_that_s3_keeps_stops_it(shell: Shell) -> None:
    calls = shell.paste(PAGE, ACCOUNT | {"refusal": "a\tv1\tAccessDenied"})

    assert removed(calls) == REMOVED[:7]
    assert "AccessDenied" in shell.stdout


def test_a_step_that_failed_can_be_repeated(shell: Shell) -> None:
    calls = shell.paste(PAGE, ACCOUNT)
    repository = next(number for number, call in enumerate(calls, 1) if "delete-repository" in call)

    repeated = shell.paste(PAGE + "\n".join(STEPS[4:]), ACCOUNT, fails=repository)

    assert removed(repeated) == [*REMOVED[:6], *REMOVED[5:]]


def test_every_export_is_looked_at() -> None:
    exports = [
        each["Export"]["Name"]["Fn::Sub"] for each in Stack.from_file().document["Outputs"].values() if "Export" in each
    ]

    for export in exports:
        assert export.removeprefix("${AWS::StackName}-") in STEPS[0]


def test_what_outlives_its_stack_is_known() -> None:
    templates = [ROOT / "template.yaml", *ROOT.glob("examples/*/*.yaml")]
    stacks = [Stack.from_file(str(path.relative_to(ROOT))) for path in templates]

    retained = {
        name
        for each in stacks
        for name, made in each.document["Resources"].items()
        if made.get("DeletionPolicy") is not None
    }

    assert retained == {"SourceBucket", "Repository", "Logs", "GitHub"}
    assert {each["RetentionPolicy"] for found in stacks for each in found.all(LAYER).values()} == {"Delete"}
