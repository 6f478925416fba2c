"""`make uninstall STACK=…`: shows what it will delete and keep, asks, and deletes. Repeat it to continue."""

import argparse
import sys
from collections.abc import Iterator

from local.exits import exit_code
from local.progress import UserError, say, step
from ship.aws.access import Access
from ship.aws.errors import in_words
from ship.problem import Problem
from tools.uninstall.looking import SAM, look
from tools.uninstall.plan import WHY_KEPT, Found, Plan, counted, ending_of, plan_of
from tools.uninstall.stacks import delete_stack, exists
from tools.uninstall.things import delete_thing


def main(arguments: list[str] | None = None) -> int:
    """Uninstalls a stack. Returns 0 if nothing is left to delete, 1 if something is, and 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make uninstall", description=__doc__)
    parser.add_argument("stack", help="the name of the Source to ECR stack")
    parser.add_argument("--delete-data", action="store_true", help="also delete sources, images, parameter and log")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    given = parser.parse_args(arguments)
    return exit_code(lambda: uninstall(given.stack, deletes_data=given.delete_data, asks=not given.yes))


def uninstall(name: str, *, deletes_data: bool, asks: bool) -> None:
    """Shows the plan, asks, and deletes.

    Raises:
        UserError: the plan is refused, AWS refused a request, or the user said no.
    """
    access = Access()
    try:
        access.require()
        with in_words():
            say(f"In {access.place()}:")
            found = look(access, name, deletes_data=deletes_data)
            plan = plan_of(found, deletes_data=deletes_data)
            if plan.refusal:
                raise UserError(f"Nothing was deleted. {plan.refusal}")
            say("\n".join(lines_of(plan, found, name)))
            if plan.stacks or plan.data:
                if asks:
                    ask(name, plan)
                delete(access, name, plan)
                say(f"{name} is uninstalled.")
    except Problem as problem:
        again = "Once that is solved, run the same command again: it continues with what is left."
        raise UserError(f"{problem.what}\n{again}") from problem


def lines_of(plan: Plan, found: Found, name: str) -> Iterator[str]:
    """The plan in words."""
    if not plan.stacks and not plan.data:
        yield f"\nThere is nothing to delete: no stack {name} of Source to ECR, and nothing that uses it."
    else:
        yield "\nThis will be deleted:"
        yield from (f"  stack {stack.name}: {ending_of(stack, found.pipeline)}." for stack in plan.stacks)
        yield from (f"  {thing.words}." for thing in plan.data)
    if found.lost:
        yield f"  {counted(found.lost, 'upload')} in its queues won't be built."
    if plan.kept or found.has_sam_bucket:
        yield "\nThis is kept:"
    for thing in plan.kept:
        why = f"The stack {thing.used_by} uses it." if thing.used_by else WHY_KEPT[thing.kind]
        yield f"  {thing.words}. {why} {thing.cost}"
    if found.has_sam_bucket:
        yield f"  stack {SAM}, with SAM CLI's own bucket: all SAM applications of the account and region share it."
    yield ""


def ask(name: str, plan: Plan) -> None:
    """Asks whether to delete. What can't be restored takes more than a `y`: the stack's name.

    Raises:
        UserError: the user said no, or can't be asked.
    """
    wanted = name if plan.data else "y"
    question = f"Sources and images can't be restored. To delete them, type {name}: " if plan.data else "Delete? [y/N] "
    try:
        answer = input(question)
    except EOFError:
        answer = ""
    if answer.strip() != wanted:
        raise UserError("Nothing was deleted.")


def delete(access: Access, name: str, plan: Plan) -> None:
    """Deletes what the plan says, in its order.

    Raises:
        UserError: something couldn't be deleted, or somebody has made the stack again, so it may use the data.
    """
    say("You can stop at any time. The same command then continues with what is left.")
    for stack in plan.stacks:
        with step(f"Deleting the stack {stack.name}"):
            delete_stack(access, stack)
    for thing in plan.data:
        if exists(access, name):
            raise UserError(f"Stopped: somebody has deployed {name} again. Nothing more was deleted.")
        with step(f"Deleting the {thing.kind} {thing.name}"):
            delete_thing(access, thing)


if __name__ == "__main__":
    sys.exit(main())
