"""What a run says before it begins: what it creates, and what that may cost."""

from dataclasses import replace

from local.emulator import ROOT
from verify.announcement import announcement, ceiling
from verify.checks import CHECKS, FARGATE
from verify.checks.untried import UNTRIED
from verify.run import Run


def test_the_page_shows_what_a_run_announces() -> None:
    page = (ROOT / "docs" / "operating" / "verifying.md").read_text()
    run = Run("qbaeq4", "111122223333", "us-east-1", "")

    assert announcement(run, len(CHECKS) - len(UNTRIED) - len(FARGATE), len(CHECKS), 10, keeps=False) in page


def test_with_fargate_a_run_announces_more_and_may_cost_more() -> None:
    run = Run("qbaeq4", "111122223333", "us-east-1", "")
    less = announcement(run, 1, 1, 10, keeps=False)
    more = announcement(replace(run, fargate=True), 1, 1, 10, keeps=False)

    for name in (
        "verify-qbaeq4-ecs",
        "verify-qbaeq4-auto-deploy",
        "source-to-ecr-verify-qbaeq4-deployments",
        "140 minutes",
    ):
        assert (name in more, name in less) == (True, False)
    assert ceiling(40) < ceiling(40, fargate=True) < ceiling(40) + 1


def test_more_uploads_may_cost_more() -> None:
    assert 0.1 < ceiling(40) < 2
    assert ceiling(230) > 3 * ceiling(40)
