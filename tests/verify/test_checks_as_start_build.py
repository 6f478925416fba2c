"""What AWS answers to StartBuild's role: the checks find what breaks their assumptions, and give the role back."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.pipeline import Pipeline
from tests.verify.support.answers import OUTPUTS, STACK
from tests.verify.support.stories import evidence
from verify.checks import as_start_build
from verify.gathering import as_role
from verify.gathering.evidence import Evidence
from verify.verdicts import DidNotHold, NotTried

CHECKS = {check.assumption: check.look for check in as_start_build.CHECKS}
CALLER = "arn:aws:sts::111122223333:assumed-role/Admin/somebody"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}
LEFT = {**TRUST, "Statement": [*TRUST["Statement"], {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:user/a"}}]}
"""A run was killed while its caller could assume the role."""
VERSIONS = {"marker 1": 404, "marker 2": 405}


def refused(code: str, status: int = 400, said: str = "") -> ClientError:
    """AWS's refusal."""
    return ClientError(
        {"Error": {"Code": code, "Message": said}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Operation",
    )


@dataclass
class Account:
    """An account with StartBuild's role, who may assume it, and how AWS answers to that role."""

    statuses: dict[str, int] = field(default_factory=lambda: dict(VERSIONS))
    lets: tuple[str, ...] = ()
    refusals: int = 1
    trust: dict[str, Any] = field(default_factory=lambda: TRUST)
    stopped: list[str] = field(default_factory=list)
    words: str = "User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: {} on resource: x"
    lets_read: bool = False
    markers: list[str] = field(default_factory=list)

    def client(self, name: str) -> Any:
        """A client, of the caller or of the role."""
        if name in {"iam", "s3", "codebuild"}:
            return getattr(self, name)
        return SimpleNamespace(
            list_images=self.reads("ecr:ListImages"),
            get_parameter=self.reads("ssm:GetParameter"),
            list_task_definitions=self.reads("ecs:ListTaskDefinitions"),
        )

    def reads(self, action: str) -> Callable[..., None]:
        """A request that reads something."""

        def request(**_: Any) -> None:
            if not self.lets_read:
                raise refused("AccessDenied", 403, self.words.format(action))

        return request

    @property
    def iam(self) -> Any:
        role = {"RoleName": "role", "Arn": "arn:aws:iam::111122223333:role/role", "AssumeRolePolicyDocument": LEFT}
        return SimpleNamespace(get_role=lambda **_: {"Role": role}, update_assume_role_policy=self.update)

    def update(self, RoleName: str, PolicyDocument: str) -> None:  # noqa: N803
        assert RoleName == "role"
        self.trust = json.loads(PolicyDocument)

    def assume_role(self, **_: str) -> dict[str, Any]:
        self.refusals -= 1
        if self.refusals >= 0 or self.trust["Statement"][-1]["Principal"] != {"AWS": CALLER}:
            raise refused("AccessDenied", 403)
        return {"Credentials": {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}}

    @property
    def s3(self) -> Any:
        return SimpleNamespace(get_object_tagging=self.tagging, list_buckets=self.reads("s3:ListAllMyBuckets"))

    def tagging(self, Bucket: str, Key: str, VersionId: str) -> dict[str, Any]:  # noqa: N803
        assert (Bucket, Key) == ("bucket", "deleted.zip")
        if self.statuses[VersionId] != 200:
            raise refused("x", self.statuses[VersionId])
        return {"ResponseMetadata": {"HTTPStatusCode": 200}}

    @property
    def codebuild(self) -> Any:
        return SimpleNamespace(
            start_build=self.start_build, batch_get_projects=self.reads("codebuild:BatchGetProjects")
        )

    def start_build(self, projectName: str, **override: Any) -> dict[str, Any]:  # noqa: N803
        assert projectName == OUTPUTS["ProjectName"]
        assert len(override["environmentVariablesOverride"]) == (3 if "buildspecOverride" in override else 4)
        what = "buildspec" if "buildspecOverride" in override else "variable"
        if what not in self.lets:
            raise refused("AccessDeniedException")
        return {"build": {"id": f"build of {what}"}}

    def delete(self, Bucket: str, Key: str, VersionId: str = "") -> dict[str, str]:  # noqa: N803
        assert (Bucket, Key, VersionId) == ("bucket", "deleted.zip", "" if self.markers != ["marker 1"] else "marker 1")
        self.markers.append(VersionId or f"marker {len({*self.markers}) + 1}")
        return {"VersionId": self.markers[-1]}

    def stop(self, **build: str) -> None:
        self.stopped.append(build["id"])


@pytest.fixture
def account() -> Account:
    """An account that behaves as expected."""
    return Account()


@pytest.fixture
def found(account: Account, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    """A run in the account."""
    found = evidence(pipeline=Pipeline(SimpleNamespace(), {**OUTPUTS, "SourceBucketName": "bucket"}, None, STACK))  # type: ignore[arg-type]
    detail = {"StackResourceDetail": {"PhysicalResourceId": "role"}}
    sts = SimpleNamespace(get_caller_identity=lambda: {"Arn": CALLER}, assume_role=account.assume_role)
    found.access.__dict__.update(
        session=SimpleNamespace(client=account.client, region_name="us-east-1"),
        sts=sts,
        cloudformation=SimpleNamespace(describe_stack_resource=lambda **_: detail),
    )
    found.pipeline.__dict__.update(
        s3=SimpleNamespace(delete_object=account.delete),
        codebuild=SimpleNamespace(stop_build=account.stop),
    )
    monkeypatch.setattr(as_role, "boto3", SimpleNamespace(Session=lambda *_, **__: account))
    monkeypatch.setattr("local.pipeline.time.sleep", lambda _: None)
    return found


@pytest.mark.parametrize("assumption", CHECKS)
def test_it_holds_as_expected_and_the_role_is_given_back(found: Evidence, account: Account, assumption: str) -> None:
    assert CHECKS[assumption](found).endswith(".")
    assert (account.trust, account.refusals) == (TRUST, -1)  # the first refusal was waited out


@pytest.mark.parametrize(
    ("assumption", "broken"),
    [
        ("missing-version-404", {"statuses": VERSIONS | {"marker 1": 403}}),
        ("missing-version-404", {"statuses": VERSIONS | {"marker 2": 403}}),
        ("missing-version-404", {"statuses": VERSIONS | {"marker 2": 200}}),
        ("start-build-denies", {"lets": ("buildspec",)}),
        ("start-build-denies", {"lets": ("variable",)}),
        ("start-build-denies", {"lets": ("buildspec", "variable")}),
        ("refusal-words", {"words": "Access Denied"}),
        ("refusal-words", {"words": "is not authorized to perform: iam:PassRole"}),
    ],
)
def test_another_answer_is_found_and_the_role_is_given_back(
    found: Evidence, account: Account, assumption: str, broken: dict[str, Any]
) -> None:
    account.__dict__.update(broken)

    with pytest.raises(DidNotHold):
        CHECKS[assumption](found)
    assert account.trust == TRUST
    assert account.stopped == [f"build of {what}" for what in account.lets]


def test_a_role_that_may_read_everything_says_nothing_about_refusals(found: Evidence, account: Account) -> None:
    account.lets_read = True

    with pytest.raises(NotTried):
        CHECKS["refusal-words"](found)
    assert account.trust == TRUST
