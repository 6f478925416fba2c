"""`make verify-aws` with the local cloud as its account: whole with limited credentials, and killed at some moments."""

import json
import re
import shutil
import signal

from local.emulator import Account
from tests.e2e.verifying.support.runs import begin, ended, kill_at, left, read_until, stacks
from verify.assumptions import all_of_them
from verify.run import FOLDER, PREFIX
from verify.untried import UNTRIED

NUMBER = "111122223333"
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
    "missing-version-404",
    "start-build-denies",
    "refusal-words",
    "variable-length",
    "role-propagation",
    "deleted-stack-described",
}
"""What can be seen in the local cloud. The other checks say why not."""
TRIED = [name for name in all_of_them() if name != "engine-words"]
"""That one uploads what tests/e2e/builds/test_failures.py uploads."""


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
