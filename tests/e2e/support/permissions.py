"""The permissions that a run of the suite used, compared with those that are granted.

As a program, after a run of the whole suite, it fails with a list of what is granted but wasn't used, and of what the
stacks' own roles requested without a grant.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from local.cloud.shared.live_settings import USED_PERMISSIONS
from local.emulator import ROOT
from tests.support.policies import every_policy

RECORD = ROOT / ".aws-sam" / USED_PERMISSIONS
"""What the last run of the suite used."""
UNUSED = {
    "StartBuildRole/start-build logs:*": "the emulator itself writes the functions' logs",
    "RecordImageRole/record-image logs:[!G]*": "the emulator itself writes the functions' logs",
    "FollowRole/follow logs:[!G]*": "the emulator itself writes the functions' logs",
    "ExecutionRole/start logs:*": "the emulator itself writes the tasks' logs",
    "*Role/* sqs:*": "the emulator itself polls the functions' queues",
    "*Role/* s3:ListBucket*": "without it, S3 answers 403 for a missing object; the emulator always answers 404",
    "*Role/* s3:[GP]*ObjectTagging": "the emulator requires only the permission for versions; S3's pages name both",
    "ImageBuildRole/build ecr:*Layer*": "the local registry accepts any push and any pull",
    "ImageBuildRole/build ecr:PutImage": "the local registry accepts any push",
    "ImageBuildRole/base-images ecr:*": "the local registry accepts any pull",
    "ImageBuildRole/build ecr-public:GetAuthorizationToken": "the local cloud has no ECR Public",
    "ImageBuildRole/build sts:GetServiceBearerToken": "the local cloud has no ECR Public",
    "FollowRole/follow ecs:TagResource": "the emulator doesn't check it when a task definition is registered with tags",
    "FollowRole/follow iam:PassRole": "the emulator doesn't check it",
    "FollowerPolicy servicequotas:ListServiceQuotas": "the emulator has no Service Quotas",
}
"""Why no test can use a granted permission, by `<owner> <action>` as a pattern of fnmatch."""
REFUSAL_WORDS = "a check of `make verify-aws` reads how AWS words a refusal"
REFUSED = {
    "ExecutionRole ecr:BatchGetImage": "a test names an image in another repository",
    "ImageBuildRole lambda:GetLayerVersion": "a test updates the stack while a build with the old builder waits",
    "StartBuildRole codebuild:BatchGetProjects": REFUSAL_WORDS,
    "StartBuildRole ecs:ListTaskDefinitions": REFUSAL_WORDS,
    "StartBuildRole s3:ListAllMyBuckets": REFUSAL_WORDS,
    "StartBuildRole ssm:GetParameter": REFUSAL_WORDS,
}
"""Why a role requests what it may not, by `<role> <action>`."""


def collect(folder: Path) -> None:
    """Gathers the records of the local clouds below a folder."""
    records = [path.read_text() for path in sorted(folder.rglob(USED_PERMISSIONS))]
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text("".join(records))


def used(record: str) -> set[str]:
    """The permissions in a record, each as `<owner> <action>`."""
    lines = map(json.loads, record.splitlines())
    return {f"{owner(line['principal'], line['policy'])} {line['action']}" for line in lines}


def owner(principal: str, policy: str) -> str:
    """Who has a permission, in the words of tests/support/policies.py."""
    return logical_id(policy) if policy.startswith("arn:") else f"{logical_id(principal)}/{policy}"


def logical_id(name: str) -> str:
    """The logical id in a name that CloudFormation made, `<stack>-<logical id>-<random end>`. Other names stay."""
    found = re.fullmatch(r".*-(\w+)-[0-9A-Z]+", name)
    return found[1] if found else name


def granted() -> set[str]:
    """What the roles and exported policies of all templates grant, each as `<owner> <action>`."""
    return {
        f"{owner} {action}"
        for policy in every_policy()
        if policy.is_for_requests and policy.file.endswith(".yaml")
        for owner in policy.owners
        for action in policy.actions()
    }


def refused(record: str) -> set[str]:
    """What the templates' roles requested without a grant, each as `<role> <action>`."""
    roles = {each.partition("/")[0] for each in granted() if "/" in each}
    requests = [each.partition("/ ") for each in used(record)]  # a refused request has no policy behind the slash
    return {f"{role} {action}" for role, _, action in requests if action and role in roles}


def problems(record: str) -> Iterator[str]:
    """A line for each unexplained grant or refusal in a record, and for each reason that no longer applies."""
    yield from unexplained(granted() - used(record), UNUSED, "granted, but no test used it")
    yield from unexplained(refused(record), REFUSED, "requested, but not granted")


def unexplained(found: set[str], reasons: Mapping[str, str], what: str) -> Iterator[str]:
    """A line for each finding without a reason, and for each reason without a finding."""
    yield from (f"{each}: {what}" for each in sorted(found) if not any(fnmatchcase(each, known) for known in reasons))
    for known in reasons:
        if not any(fnmatchcase(each, known) for each in found):
            yield f"{known}: has a reason, but nothing needs it"


def main() -> None:
    """Exits with 1 and a list of what is wrong, if anything is."""
    if found := list(problems(RECORD.read_text())):
        place = Path(__file__).relative_to(ROOT)
        advice = (
            f"Grant what is needed, revoke what isn't, use it in a test, or add the reason why none can to {place}."
        )
        sys.exit("\n".join([*found, advice]))


if __name__ == "__main__":
    main()
