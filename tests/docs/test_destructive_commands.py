"""The documents' commands after which something is gone: none of them runs after a command that failed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.support.documents import DOCUMENTS, ROOT, blocks
from tests.docs.support.shells import DESTROYS, Shell, destroying

OPERATIONS = ROOT / "docs" / "operating" / "operations.md"
(FUNCTIONS, *_) = blocks(OPERATIONS.read_text(), "bash")
BLOCKS = [
    (f"{document.stem}: {block.strip().splitlines()[0]}", (FUNCTIONS if document == OPERATIONS else "") + block)
    for document in DOCUMENTS
    for block in blocks(document.read_text(), "bash")
    if DESTROYS.search(block)
]
PROGRAMS = ("aws", "sam", "skopeo", "sed")
ANSWERS = {
    "*describe-stacks*StackStatus*": "echo ROLLBACK_COMPLETE",
    "*describe-stacks*": "echo https://sqs.us-east-1.amazonaws.com/123456789012/a-queue",
    "*describe-images*": "printf 'sha256:1\\tbuild-1\\n'",
    "*batch-get-image*": "echo '{}'",
    "*get-caller-identity*": "echo arn:aws:iam::123456789012:user/ada",
    "*list-object-versions*": "echo '{}'",
    "*get-login-password*": "echo password",
    "*get-parameter-history*": "echo URI",
    "*get-parameter *": "echo URI",
    "*list-task-definitions*": "echo a-service:1 a-service:2",
    "skopeo login *": '[ -n "$password" ]',
    **{
        f"*{done}*": "exit 0"
        for done in (
            *("purge-queue", "put-image", "put-parameter", "delete-stack", "wait", "batch-delete-image"),
            *(
                "delete-parameter",
                "delete-repository",
                "delete-log-group",
                "delete-bucket",
                "deregister-task-definition",
            ),
            *("sam build", "sam package", "sed", "s3 cp", "create-change-set", "execute-change-set"),
            "skopeo copy",
        )
    },
}
VARIABLES = {
    "OLDER_URI": "a@sha256:1",
    "NEWER_URI": "a@sha256:2",
    "YOUR_BUCKET": "a-bucket",
    "SERVICE": "a-service",
    "BUCKET": "another-bucket",
    "LOGS": "a-log-group",
}
"""What the reader sets before."""
SET = "".join(f"{name}={value}\n" for name, value in VARIABLES.items())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in which every command succeeds, in a folder that has SAM CLI where a clone has it."""
    shell = Shell(tmp_path, ANSWERS, PROGRAMS)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "sam").symlink_to(tmp_path / "sam")
    return shell


@pytest.mark.parametrize("block", [block for _, block in BLOCKS], ids=[name for name, _ in BLOCKS])
def test_what_destroys_runs_only_after_success(shell: Shell, block: str) -> None:
    calls = shell.paste(SET + block)
    assert destroying(calls)

    for number in range(1, len(calls) + 1):
        assert destroying(shell.paste(SET + block, fails=number)[number:]) == [], shell.stdout


@pytest.mark.parametrize("variable", VARIABLES)
def test_without_the_name_that_the_reader_gives_nothing_is_destroyed(shell: Shell, variable: str) -> None:
    needing = [block for _, block in BLOCKS if f"{{{variable}" in block]
    assert needing

    for block in needing:
        assert destroying(shell.paste(block)) == [], shell.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_what_destroys_stands_in_a_block_that_is_pasted_whole(document: Path) -> None:
    assert [block for block in blocks(document.read_text(), "console") if DESTROYS.search(block)] == []


def test_a_failed_stack_is_deleted_only_in_the_state_of_one_that_never_was(shell: Shell) -> None:
    (block,) = [block for name, block in BLOCKS if name.startswith("first-steps")]
    shell.answers = ANSWERS | {"*describe-stacks*StackStatus*": "echo UPDATE_ROLLBACK_COMPLETE"}

    assert destroying(shell.paste(block)) == []


def test_cleaning_stops_while_a_local_cloud_runs(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".cloud").mkdir()
    (tmp_path / ".cloud" / "env").touch()

    refused = subprocess.run(["make", "clean"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert refused.returncode != 0
    assert "make cloud-down" in refused.stdout
    assert (tmp_path / ".venv").exists()
    (tmp_path / ".cloud" / "env").unlink()
    subprocess.run(["make", "clean"], cwd=tmp_path, capture_output=True, check=True)
    assert not (tmp_path / ".cloud").exists()
