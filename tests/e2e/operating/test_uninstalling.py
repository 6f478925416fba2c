"""`make uninstall`: what it refuses, what it keeps, and that it continues wherever it was killed."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.emulator import ROOT, local_cloud
from local.pipeline import Pipeline
from local.sam import STACK, deploy
from tests.docs.support.consoles import consoles
from tests.docs.support.documents import blocks
from tests.e2e.conftest import PARAMETERS
from tests.e2e.operating.support.installation import CALLERS, SERVICE, Installed
from tests.e2e.operating.support.killed_runs import killed_until_the_end, run
from tests.e2e.support import shell
from tests.e2e.support.ecs import deployed
from tools.uninstall import stacks

OPERATING = ROOT / "docs" / "operating"
DEPLOYER = (OPERATING / "deployer-policy.json").read_text()
PAGE = (OPERATING / "uninstalling.md").read_text()
(CONSOLE,), (DELETER,) = blocks(PAGE, "console"), blocks(PAGE, "json")
USERS = [f"{SERVICE}-uploader", f"{SERVICE}-auto-deploy", f"{SERVICE}-ecs"]
ANOTHER = "another-uploader"
LATER = """
Description: Source to ECR. A service that somebody made after the stack was gone.
Parameters: {ServiceName: {Type: String, Default: jwt-pizza-service}}
Resources: {Topic: {Type: AWS::SNS::Topic}}
"""
MANY = 1005
"""More versions of an object than S3 lists or deletes at a time."""
ODD_KEYS = ["a b+c%20d.zip", 'it\'s "quoted" \\ $(id) `id`.zip', "a\nline.zip", "<&>.zip", "ünï/☃.zip", "-rf", "*"]


@pytest.fixture(scope="module")
def installed(docker: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A stack with a recorded image, a service that follows it, and the roles of two repositories."""
    with local_cloud(docker, tmp_path_factory.mktemp("installed")) as here:
        pipeline = Pipeline(here.session(), deploy(here, PARAMETERS), here.endpoint)
        with deployed(here, pipeline, is_balanced=False) as service:
            service.follow_by_itself()
            made = Installed(here, pipeline)
            made.role(f"{SERVICE}-uploader")
            made.role(ANOTHER)
            yield made


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program looks often whether a stack is gone."""
    monkeypatch.setattr(stacks, "POLL_SECONDS", 0.1)


def test_a_stack_that_another_one_imports_from_is_left_with_everything_that_uses_it(
    installed: Installed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = installed.data()

    ran = run(installed.here, monkeypatch, "--yes", "--delete-data")

    assert (ran.code, ran.deletions) == (1, [])
    assert f"{ANOTHER} imports from {STACK}. Delete it first." in capsys.readouterr().err
    assert installed.stacks() == {STACK, *USERS, ANOTHER}
    assert installed.data() == before
    assert all(before)
    cloudformation = installed.pipeline.client("cloudformation")
    cloudformation.delete_stack(StackName=ANOTHER)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=ANOTHER, WaiterConfig={"Delay": 1})


def test_who_has_a_policy_of_the_stack_is_named_with_the_command_that_detaches_it(
    installed: Installed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    iam, policy = installed.pipeline.client("iam"), installed.pipeline.outputs["UploaderPolicyArn"]
    iam.create_user(UserName="ada")
    iam.attach_user_policy(UserName="ada", PolicyArn=policy)

    ran = run(installed.here, monkeypatch, "--yes")

    assert (ran.code, ran.deletions) == (1, [])
    commands = re.findall(r"^  (aws iam .*)$", capsys.readouterr().err, re.MULTILINE)
    assert len(commands) == 1
    shell.run(installed.here, commands[0], tmp_path)
    assert iam.list_attached_user_policies(UserName="ada")["AttachedPolicies"] == []


def test_it_shows_what_the_page_shows_and_deletes_nothing_without_a_yes(installed: Installed) -> None:
    (shown,) = consoles(CONSOLE)

    printed = installed.declined(*shown.command.split())

    assert shown.differences(printed.splitlines()) == [], printed
    assert installed.stacks() == {STACK, *USERS}


def test_a_deployer_learns_which_permission_is_missing_for_the_stacks_that_use_it(
    installed: Installed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = run(installed.user("early-deployer", DEPLOYER), monkeypatch, "--yes")

    assert (ran.code, ran.deletions) == (1, ["DeleteStack"])
    assert "You lack a permission: cloudformation:DeleteStack" in capsys.readouterr().err
    assert installed.stacks() == {STACK, *USERS}


def test_killed_and_refused_at_each_step_it_deletes_the_stacks_that_use_it(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = installed.data()

    for stack in USERS:
        assert run(installed.here, monkeypatch, "--yes", refused=True).code == 1
        assert stack in installed.stacks()
        assert run(installed.here, monkeypatch, "--yes", killed=True).deletions == ["DeleteStack"]

    assert STACK in installed.stacks()
    assert installed.data() == before


def test_a_deployer_deletes_the_stack_and_continues_after_the_process_was_killed(installed: Installed) -> None:
    deployer, before = installed.user("deployer", DEPLOYER), installed.data()
    command = ["make", "uninstall", f"STACK={STACK}"]
    environment = {**CALLERS, **deployer.environment, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tools.uninstall", "--yes", STACK],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        next(line for line in process.stdout if f"Deleting the stack {STACK}" in line)
        process.send_signal(signal.SIGKILL)
    again = subprocess.run(
        [*command, "YES=yes"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert again.returncode == 0, again.stdout + again.stderr
    assert f"bucket {installed.pipeline.bucket}: " in again.stdout
    assert installed.stacks() == set()
    assert installed.data() == before
    assert not installed.pipeline.client("lambda").list_layers()["Layers"]


def test_a_service_that_was_made_later_keeps_its_repository_and_its_parameter(installed: Installed) -> None:
    cloudformation = installed.pipeline.client("cloudformation")
    later = f"{SERVICE}-auto-deploy"  # of two stacks with one name, the emulator forgets the one that left a log
    cloudformation.create_stack(StackName=later, TemplateBody=LATER)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=later, WaiterConfig={"Delay": 1})

    printed = installed.declined("make", "uninstall", f"STACK={STACK}", "DELETE_DATA=yes")

    assert re.findall(rf"^  (\w+) .* The stack {later} uses it\.", printed, re.MULTILINE) == ["parameter", "repository"]
    cloudformation.delete_stack(StackName=later)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=later, WaiterConfig={"Delay": 1})


def test_killed_and_refused_at_each_step_it_deletes_the_data_whatever_the_keys(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, s3 = installed.pipeline.bucket, installed.pipeline.s3
    with ThreadPoolExecutor(8) as several:
        list(several.map(lambda _: s3.put_object(Bucket=bucket, Key="many.zip", Body=b""), range(MANY)))
    for key in ODD_KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
        s3.delete_object(Bucket=bucket, Key=key)
    assert len(installed.versions()) >= MANY + 2 * len(ODD_KEYS)
    deleter = installed.user("deleter", DEPLOYER, DELETER)

    deletions = killed_until_the_end(deleter, monkeypatch, "--yes", "--delete-data")

    assert deletions == [
        "DeleteParameter",
        "DeleteRepository",
        "DeleteObjects",
        "DeleteObjects",
        "DeleteBucket",
        "DeleteLogGroup",
    ]
    assert installed.data() == ["", {}, [], []]
    assert bucket not in {each["Name"] for each in s3.list_buckets()["Buckets"]}
