"""`make verify-aws` with the local cloud as its account: whole with limited credentials, and killed at some moments."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from local.cloud.shared.live_settings import Settings
from local.emulator import ROOT, Account, local_cloud
from local.pipeline import Pipeline
from tests.docs.support.documents import blocks, section
from tests.e2e.support.operators import without
from tests.e2e.support.waiting import SECONDS
from tools.assumptions import of_area
from verify.assumptions import all_of_them
from verify.checks import FARGATE
from verify.checks.untried import UNTRIED
from verify.run import FOLDER, PREFIX, TAG

PAGE = ROOT / "docs" / "operating" / "verifying.md"
NUMBER = "111122223333"
PATIENCE = "3"
WRITE = ("s3:PutObjectTagging", "s3:PutObjectVersionTagging")
# CloudFormation begins a log group's name with the stack's, the emulator with /aws/cloudformation.
LOGS = [f"arn:aws:logs:*:*:log-group:/aws/cloudformation/{name}*" for name in (PREFIX, "verify-")]
READ = {"Effect": "Allow", "Action": ["logs:GetLogEvents", "logs:FilterLogEvents"], "Resource": LOGS}
DELETE = {"Effect": "Allow", "Action": "logs:DeleteLogGroup", "Resource": LOGS[1]}
EMULATOR = {"Version": "2012-10-17", "Statement": [READ, DELETE]}
HELD = {
    "events-start-late",
    "start-build-without-pass-role",
    "build-role-trust",
    "start-build-variables",
    "builder-link-lifetime",
    "build-image-programs",
    "engine-restarts",
    "engine-outlives-command",
    "cgroup-limits",
    "ecr-public-login",
    "build-lines-arrive",
    "push-permissions",
    "registry-cache",
    "codebuild-log-lines",
    "builds-newest-first",
    "lambda-boto3",
    "version-tag-permissions",
    "fifo-rule-targets",
    "parameter-change-event",
    "event-key-unencoded",
    "event-time-order",
    "oci-images",
    "second-tag",
    "immutable-tag-exclusions",
    "build-log-silence",
    "on-failure-abort",
    "kernel-words",
    "ended-builds",
    "rules-may-send",
    "action-resources",
    "provisioning-time",
    "failed-first-deployment",
    "adoption-error",
    "deployer-policy",
    "describe-stacks-by-name",
}
"""What can be seen in the local cloud. The other checks say why not."""
ROLE = "ecs-service-linked-role"
"""It can be tried once in an account, maybe before the kill."""
HELD_IN_ECS = FARGATE - {ROLE, "service-deployments-list"}
"""With a service on Fargate. The emulator's list of deployments is empty."""
TRIED = [name for name in all_of_them() if name != "engine-words"]
"""That one uploads what tests/e2e/builds/test_failures.py uploads."""


@pytest.fixture(scope="module")
def account(docker: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account of its own, as a user with the policies of the page sees it."""
    with local_cloud(docker, tmp_path_factory.mktemp("verifying")) as started:
        there = started.beside(NUMBER)
        iam = Pipeline(there.session(), {}, there.endpoint).client("iam")
        iam.create_user(UserName="verifier")
        for name, policy in policies(tmp_path_factory.mktemp("policies")).items():
            iam.put_user_policy(UserName="verifier", PolicyName=name, PolicyDocument=policy)
        key = iam.create_access_key(UserName="verifier")["AccessKey"]
        yield replace(there, credentials=(key["AccessKeyId"], key["SecretAccessKey"]))


def policies(folder: Path) -> dict[str, str]:
    """The page's three policies, as its command makes the first."""
    command = blocks(section(PAGE, "Permissions"), "bash")[0]
    subprocess.run(["bash", "-euc", command.replace("> ", f"> {folder}/")], cwd=ROOT, check=True)
    (made,) = folder.iterdir()
    beyond, fargate = PAGE.parent / "verifier-policy.json", ROOT / "verify" / "fargate" / "policy.json"
    written = {"verifier": beyond.read_text(), "fargate": fargate.read_text()}
    return {"deployer": made.read_text(), **written, "here": json.dumps(EMULATOR)}


def begin(account: Account, *options: str) -> "subprocess.Popen[str]":
    """Starts the program, at no terminal."""
    return subprocess.Popen(
        [sys.executable, "-B", "-m", "verify", "--patience", PATIENCE, "--uploads", "0", *options],
        cwd=account.folder,
        env={
            **os.environ,
            **account.environment,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}",
            "PYTHONUNBUFFERED": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit code, and what it printed since somebody last read it."""
    output, _ = process.communicate(timeout=SECONDS)
    return process.returncode, output


def read_until(output: IO[str] | None, text: str) -> str:
    """Reads up to the line that has the text."""
    assert output
    read = ""
    for line in output:
        read += line
        if text in line:
            return read
    pytest.fail(f"The program ended before it said {text}:\n{read}")


def kill_at(process: "subprocess.Popen[str]", text: str) -> None:
    """Kills the program when it has said something."""
    read_until(process.stdout, text)
    process.kill()
    process.communicate()


def stacks(account: Account) -> list[str]:
    """The runs' stacks in the account."""
    found = Pipeline(account.session(), {}, account.endpoint).client("cloudformation").describe_stacks()["Stacks"]
    return [each["StackName"] for each in found if each["StackName"].startswith(PREFIX)]


def left(account: Account) -> list[str]:
    """What has a run's tag, as the account's root sees it."""
    client = Pipeline(account.session(), {}, account.endpoint).client("resourcegroupstaggingapi")
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": TAG}])
    return [each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]]


def left_in_ecs(account: Account) -> list[str]:
    """The task definitions that aren't being deleted, and the log groups of tasks."""
    pipeline = Pipeline(account.session(), {}, account.endpoint)
    definitions = [
        arn
        for status in ("ACTIVE", "INACTIVE")
        for arn in pipeline.client("ecs").list_task_definitions(status=status)["taskDefinitionArns"]
    ]
    return definitions + [each["logGroupName"] for each in pipeline.logs.describe_log_groups()["logGroups"]]


def test_a_whole_run_gives_each_assumption_a_verdict_and_leaves_nothing(account: Account) -> None:
    code, output = ended(begin(account, "--yes", "--uploads", "2", "--only", *TRIED))

    assert code == 0, output
    assert "The check itself has a fault" not in output
    (written,) = re.findall(r"The report: (\S+/report\.md)\.", output)
    markdown = (account.folder / written).read_text()
    report = json.loads((account.folder / written).with_suffix(".json").read_text())
    verdicts = report["assumptions"]
    assert list(verdicts) == list(all_of_them())
    assert {name for name, each in verdicts.items() if each["outcome"].startswith("held")} == HELD
    assert {each["outcome"] for each in verdicts.values()} == {"held", "held in part", "could not be tried"}
    assert all(verdicts[name]["seen"] for name in verdicts)
    assert {name for name in UNTRIED if verdicts[name]["outcome"] != "could not be tried"} == set()
    assert not report["aws"]
    assert report["seconds"]["upload to recorded, p95 of 2"] >= report["seconds"]["upload to recorded, p50 of 2"] > 0
    assert report["seconds"].keys() >= {"S3's event and StartBuild", "build: PROVISIONING", "build: BUILD", "recording"}
    run = (account.folder / written).parent.name
    for name in (NUMBER, run, account.credentials[0], "arn:aws"):
        assert name not in markdown
        assert name not in json.dumps(report)
    assert (stacks(account), left(account)) == ([], [])


def test_with_a_service_on_fargate_each_assumption_about_ecs_has_a_line_and_nothing_is_left(account: Account) -> None:
    """Also if the run is killed while it deploys the service, and goes on."""
    assumptions = FARGATE | {each.id for each in of_area("ecs")} | {"register-task-definition-on-star"}
    account.set(Settings(minute_seconds=20))  # health checks three times as often
    kill_at(begin(account, "--yes", "--fargate", "--only", *assumptions), "Running deploy.sh")

    code, output = ended(begin(account, "--yes", "--resume", "--only", *assumptions))

    account.set(Settings())
    assert code == 0, output
    assert "The check itself has a fault" not in output
    verdicts = dict(re.findall(r"^(\S+): (held|held in part|could not be tried) \(", output, re.MULTILINE))
    assert verdicts.keys() == assumptions, output
    assert {name for name, outcome in verdicts.items() if outcome.startswith("held")} - {ROLE} == HELD_IN_ECS, output
    assert (stacks(account), left(account), left_in_ecs(account)) == ([], [], [])


def test_killed_at_one_stage_after_the_other_it_goes_on_and_at_last_removes_everything(account: Account) -> None:
    only = ("--only", "start-build-variables", "codebuild-log-lines")
    kill_at(begin(account, "--yes", *only), "sam build, and sam deploy")

    code, output = ended(begin(account, "--yes"))
    assert code == 2, output
    assert "These earlier runs may have left something" in output

    kill_at(begin(account, "--yes", "--resume", *only), "start-build-variables: held")
    (run,) = (stack.removeprefix(PREFIX) for stack in stacks(account))
    assert {arn.split(":")[2] for arn in left(account)} >= {"s3", "ecr", "lambda", "sqs"}

    interrupted = begin(account, "--yes", "--resume", *only)
    read = read_until(interrupted.stdout, "Following a RUN that fails.zip")
    assert "start-build-variables: held" not in read  # it has its verdict already
    interrupted.send_signal(signal.SIGTERM)
    read = read_until(interrupted.stdout, f"Deleting the stack {PREFIX}{run} …")
    assert "Interrupted." in read
    interrupted.kill()
    interrupted.communicate()
    report = account.folder / FOLDER / run / "report.md"
    assert "| `start-build-variables` | held |" in report.read_text()

    shutil.rmtree(account.folder / FOLDER)  # as on another machine
    code, output = ended(begin(account, "--remove", "--yes"))
    assert code == 0, output
    assert "Nothing is left." in output
    assert (stacks(account), left(account)) == ([], [])


@pytest.fixture(scope="module")
def kept(account: Account) -> Iterator[Pipeline]:
    """A run's stack, which is kept."""
    code, output = ended(begin(account, "--yes", "--keep", "--only", "start-build-variables"))
    assert code == 0, output
    (stack,) = stacks(account)
    yield Pipeline(account.session(), {}, account.endpoint, stack)
    ended(begin(account, "--remove", "--yes"))
    account.set(Settings())


def look_again(account: Account, *assumptions: str) -> tuple[int, str]:
    """Tries some assumptions once more in the run that is kept."""
    # Where no event comes, a run would wait for five minutes twice.
    options = ("--event-patience", "5") if assumptions == ("rules-may-send",) else ()
    return ended(
        begin(account, "--yes", "--keep", "--resume", *options, "--only", *assumptions, "--again", *assumptions)
    )


@pytest.mark.parametrize(
    ("broken", "assumption", "others"),
    [
        (Settings(build_variables=False), "start-build-variables", ["start-build-without-pass-role"]),
        (
            Settings(caching_store=False),
            "engine-restarts",
            ["builder-link-lifetime", "build-image-programs", "engine-outlives-command", "cgroup-limits"],
        ),
        (
            Settings(process_limits=False),
            "cgroup-limits",
            ["start-build-without-pass-role", "start-build-variables", "version-tag-permissions"],
        ),
        (Settings(event_deliveries=False), "rules-may-send", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_broken_is_found_by_its_own_check(
    account: Account, kept: Pipeline, broken: Settings, assumption: str, others: list[str]
) -> None:
    assert kept
    account.set(broken)

    code, output = look_again(account, assumption, *others)

    account.set(Settings())
    assert code == 1, output
    assert re.findall(r"^(\S+): did not hold", output, re.MULTILINE) == [assumption], output
    assert {*re.findall(r"^(\S+): held", output, re.MULTILINE)} == {*others}, output


def test_a_missing_permission_to_write_tags_is_seen(account: Account, kept: Pipeline) -> None:
    with without(kept, "StartBuildRole", *WRITE), without(kept, "RecordImageRole", *WRITE):
        _, output = look_again(account, "version-tag-permissions")

    assert "Seen: The first upload was built, and its version has no status." in output


def test_what_is_not_removed_is_named(account: Account, kept: Pipeline) -> None:
    stack, pipeline = kept.stack, kept
    iam, refused = pipeline.client("iam"), {"Effect": "Deny", "Action": "cloudformation:DeleteStack", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [refused]})
    iam.put_user_policy(UserName="verifier", PolicyName="refused", PolicyDocument=document)
    code, output = ended(begin(account, "--remove", "--yes"))
    iam.delete_user_policy(UserName="verifier", PolicyName="refused")
    assert code == 1, output
    assert f"Left: the stack {stack}: the credentials lack the permission cloudformation:DeleteStack" in output
    assert stacks(account) == [stack]

    assert ended(begin(account, "--remove", "--yes"))[0] == 0
    assert (stacks(account), left(account)) == ([], [])
