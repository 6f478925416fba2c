"""Each check of `make verify-aws` finds what breaks its assumption, in a run that is kept."""

import json
import re
from collections.abc import Iterator

import pytest

from local.cloud.shared.live_settings import Settings
from local.emulator import Account
from local.pipeline import Pipeline
from tests.e2e.support.operators import without
from tests.e2e.verifying.support.runs import begin, ended, left, stacks

WRITE = ("s3:PutObjectTagging", "s3:PutObjectVersionTagging")


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
