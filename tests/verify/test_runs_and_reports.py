"""A run's state survives a kill; its report names nobody; evidence is gathered once."""

import json
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError, UnauthorizedSSOTokenError

from local.emulator import ROOT
from local.pipeline import Late
from local.progress import UserError
from ship.aws.access import Access
from ship.problem import Problem
from verify import report
from verify.announcement import announcement, ceiling
from verify.assumptions import Assumption, all_of_them
from verify.checking import ELSEWHERE, Check, decide
from verify.checks import CHECKS, FARGATE
from verify.gathering.evidence import Evidence
from verify.gathering.once import once
from verify.run import Run, saved
from verify.untried import UNTRIED
from verify.verdicts import DidNotHold, NotTried, Partly, Verdict, of_error

ASSUMPTIONS = {
    "first": Assumption("first", "A claim.", "Something breaks.", "Do something.", emulated=True),
    "second": Assumption("second", "Another.", "Something else.", "Do something else.", emulated=False),
    "third": Assumption("third", "A third.", "It breaks.", "Do this.", emulated=False, switch="a_setting"),
}
PRIVATE_NAMES = {
    *("111122223333", "AKIA", "AROA", "me@", "amazonaws", "/home/me", "arn:aws", "corp-x", "proxy.corp", "10.1.2.3"),
    *("jane", "1a2b3c"),
}
REFUSED = {"Error": {"Code": "AccessDenied", "Message": "User x is not authorized to perform: s3:GetObject on y"}}


@dataclass
class Endpoint(Evidence):
    """Evidence from AWS, or from elsewhere."""

    aws: bool = True

    @property
    def is_aws(self) -> bool:
        """Whether it is from AWS."""
        return self.aws


def test_what_was_decided_is_there_after_a_kill(begun: Run) -> None:
    begun.decide("first", Verdict("held", "It was so."))

    (found,) = saved("111122223333", "us-east-1")

    assert found == begun
    assert saved("111122223333", "eu-west-1") == []
    assert saved("444455556666", "us-east-1") == []


def test_a_state_half_written_leaves_the_one_before(begun: Run) -> None:
    (begun.folder / "run.new").write_text('{"id": "')

    assert saved("111122223333", "us-east-1") == [begun]


def test_a_run_that_nobody_confirmed_leaves_no_state() -> None:
    Run.new("111122223333", "us-east-1")

    assert saved("111122223333", "us-east-1") == []


def test_each_check_gets_a_verdict_and_none_twice(begun: Run) -> None:
    looks: list[str] = []

    def held(_: Evidence) -> str:
        looks.append("held")
        return "It was so."

    def refuted(_: Evidence) -> str:
        raise DidNotHold("It was otherwise.")

    checks = [Check("first", held), Check("second", refuted)]
    decide(Endpoint(Access(), begun), checks, ASSUMPTIONS)
    decide(Endpoint(Access(), begun), checks, ASSUMPTIONS)

    assert looks == ["held"]
    assert begun.verdicts == {
        "first": Verdict("held", "It was so."),
        "second": Verdict("did not hold", "It was otherwise."),
    }


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ExpiredTokenException"}}, "GetParameter"),
        UnauthorizedSSOTokenError(),
        UserError("sam deploy failed:\nError: ExpiredToken: The security token included in the request is expired"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_run_ends_when_its_credentials_expire_and_can_go_on(begun: Run, error: Exception) -> None:
    def expired(_: Evidence) -> str:
        raise error

    checks = [Check("first", lambda _: "It was so."), Check("second", expired), Check("third", expired)]
    with pytest.raises(Problem, match="The AWS credentials have expired") as found:
        decide(Endpoint(Access(), begun), checks, ASSUMPTIONS)

    assert "--resume" in found.value.to_do
    assert saved("111122223333", "us-east-1")[0].verdicts.keys() == {"first"}


def test_elsewhere_than_at_aws_only_what_is_emulated_or_has_a_switch_can_fail(begun: Run) -> None:
    def refuted(_: Evidence) -> str:
        raise DidNotHold("It was otherwise.")

    checks = [Check(name, refuted) for name in ASSUMPTIONS]
    decide(Endpoint(Access(), begun, aws=False), checks, ASSUMPTIONS)

    assert begun.verdicts["first"] == Verdict("did not hold", "It was otherwise.")
    assert begun.verdicts["third"] == Verdict("did not hold", "It was otherwise.")
    assert begun.verdicts["second"] == Verdict("could not be tried", f"{ELSEWHERE}It was otherwise.")


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (DidNotHold("seen"), Verdict("did not hold", "seen")),
        (NotTried("why"), Verdict("could not be tried", "why")),
        (Late("It is late."), Verdict("could not be tried", "It is late.")),
        (UserError("sam deploy failed"), Verdict("could not be tried", "sam deploy failed")),
        (
            ClientError(REFUSED, "GetObject"),  # type: ignore[arg-type]
            Verdict("could not be tried", "The credentials lack the permission s3:GetObject."),
        ),
        (KeyError("x"), Verdict("could not be tried", "The check itself has a fault: KeyError('x')")),
    ],
)
def test_an_error_becomes_a_verdict(error: Exception, verdict: Verdict) -> None:
    assert of_error(error) == verdict


def test_the_report_has_each_assumption_and_names_nobody(begun: Run) -> None:
    seen = (
        f"AWS says: arn:aws:iam::111122223333:role/{begun.stack}-Role AKIAABCDEFGHIJKLMNOP me@example.org "
        f"111122223333.dkr.ecr.us-east-1.amazonaws.com/{begun.service} at /home/me | {begun.id} "
        "https://corp-x.awsapps.com/start proxy.corp.example:8080 10.1.2.3 C:\\Users\\jane 111122223333_Admin "
        "%3A111122223333%3A"
        f" {begun.stack}-sourcebucket-1a2b3c AROAABCDEFGHIJKLMNOP:jane.doe"
    )
    begun.decide("first", Verdict("did not hold", seen))

    written = report.write(begun, ASSUMPTIONS, "abc1234", is_aws=True)
    texts = [written.read_text(), written.with_suffix(".json").read_text()]

    for text in texts:
        for name in PRIVATE_NAMES | {begun.id}:
            assert name not in text
    assert "- `first`: A claim. If that is false: Something breaks. Until it is fixed: Do something." in texts[0]
    assert "| `second` | could not be tried | The run ended before this check. |" in texts[0]
    assert json.loads(texts[1])["assumptions"]["second"]["outcome"] == "could not be tried"
    assert "says nothing about AWS" not in texts[0]


def test_a_report_from_elsewhere_says_so(begun: Run) -> None:
    assert "says nothing about AWS" in report.write(begun, ASSUMPTIONS, "abc1234", is_aws=False).read_text()


def test_evidence_is_gathered_once_and_a_failure_is_kept() -> None:
    class Gathered:
        looks = 0

        @once
        def good(self) -> int:
            self.looks += 1
            return self.looks

        @once
        def bad(self) -> int:
            self.looks += 1
            raise NotTried(f"look {self.looks}")

    found = Gathered()

    assert (found.good, found.good) == (1, 1)
    for _ in range(2):
        with pytest.raises(NotTried, match="look 2"):
            _ = found.bad


def test_each_assumption_has_exactly_one_check() -> None:
    assert sorted(check.assumption for check in CHECKS) == sorted(all_of_them())


def test_the_page_shows_what_a_run_announces() -> None:
    page = (ROOT / "docs" / "operating" / "verifying.md").read_text()
    run = Run("qbaeq4", "111122223333", "us-east-1", "")

    assert announcement(run, len(CHECKS) - len(UNTRIED) - len(FARGATE), len(CHECKS), 10, keeps=False) in page


def test_more_uploads_may_cost_more() -> None:
    assert 0.1 < ceiling(40) < 2
    assert ceiling(230) > 3 * ceiling(40)


def test_a_part_of_an_assumption_is_told_from_the_whole(begun: Run) -> None:
    decide(Endpoint(Access(), begun), [Check("first", lambda _: Partly("A part."))], ASSUMPTIONS)

    assert begun.verdicts["first"] == Verdict("held in part", "A part.")
