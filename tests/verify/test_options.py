"""What --fargate and --resume change in a run, and the order in which it removes its stacks."""

from dataclasses import replace

import pytest

from local.progress import UserError
from ship.aws.access import Access
from verify import removal
from verify.__main__ import parsed, prepare
from verify.announcement import announcement, ceiling
from verify.run import Run
from verify.verdicts import Verdict


def test_the_option_tries_what_a_run_without_it_left_out(begun: Run) -> None:
    begun.verdicts = {name: Verdict("could not be tried", "") for name in ("quota-names", "circuit-breaker-count")}

    prepare(begun, parsed(["--resume", "--fargate"]))

    assert (begun.fargate, [*begun.verdicts]) == (True, ["quota-names"])
    begun.decide("circuit-breaker-count", Verdict("held", "It was so."))
    prepare(begun, parsed(["--resume", "--fargate"]))
    assert [*begun.verdicts] == ["quota-names", "circuit-breaker-count"]


def test_a_stack_that_is_left_keeps_those_that_it_uses(begun: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def delete(_: Access, name: str) -> None:
        asked.append(name)
        if name == begun.ecs_stack:
            raise UserError("CloudFormation didn't delete it.")

    monkeypatch.setattr(removal, "delete", delete)

    assert removal.stacks_left(Access(), begun) == [f"the stack {begun.ecs_stack}: CloudFormation didn't delete it."]
    assert asked == [begun.auto_deploy_stack, begun.ecs_stack]


def test_with_fargate_a_run_announces_more_and_may_cost_more() -> None:
    run = Run("qbaeq4", "111122223333", "us-east-1", "")
    less = announcement(run, 1, 1, 10, keeps=False)
    more = announcement(replace(run, fargate=True), 1, 1, 10, keeps=False)

    for name in (
        "verify-qbaeq4-ecs",
        "verify-qbaeq4-auto-deploy",
        "source-to-ecr-verify-qbaeq4-deployments",
        "170 minutes",
    ):
        assert (name in more, name in less) == (True, False)
    assert ceiling(40) < ceiling(40, fargate=True) < ceiling(40) + 1
