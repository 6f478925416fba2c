"""Decides what an uninstallation deletes and what it keeps, from what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tools.costs import ECR_GB_MONTH, LOGS_GB_MONTH, S3_GB_MONTH

OWN_STACKS = {
    "uploader": "your repository's CI can no longer upload",
    "auto-deploy": "ECS no longer follows the parameter",
    "ecs": "the service stops running",
}
"""The stacks that use a pipeline, by the end of their names, in the order of their deletion; what ends with each."""
EMPTY = "REVIEW_IN_PROGRESS"
"""The status of a stack that has nothing but a change set, which was never executed."""
PIPELINE_ENDS = "uploads are no longer built. Its queues, logs, alarms and dashboard go with it"


class Kind(StrEnum):
    """The kinds of things that outlive their stack, in the order of their deletion."""

    PARAMETER = "parameter"
    REPOSITORY = "repository"
    BUCKET = "bucket"
    LOG_GROUP = "log group"


GB_MONTH = {Kind.PARAMETER: 0.0, Kind.REPOSITORY: ECR_GB_MONTH, Kind.BUCKET: S3_GB_MONTH, Kind.LOG_GROUP: LOGS_GB_MONTH}
WHY_KEPT = {
    Kind.PARAMETER: "It names the recorded image.",
    Kind.REPOSITORY: "A new stack can adopt it.",
    Kind.BUCKET: "Its lifecycle rule still expires old sources.",
    Kind.LOG_GROUP: "It has what the ECS service printed.",
}


@dataclass(frozen=True)
class Attachment:
    """One of a stack's policies that is attached to somebody by hand. `kind` is user, group or role."""

    kind: str
    name: str
    policy: str

    @property
    def command(self) -> str:
        """The command that detaches it."""
        return f"aws iam detach-{self.kind}-policy --{self.kind}-name {self.name} --policy-arn {self.policy}"


@dataclass(frozen=True)
class Stack:
    """A stack that exists, the stacks that import from it, the role that it makes, and who has its policies."""

    name: str
    id: str
    status: str
    is_pipeline: bool = False
    is_protected: bool = False
    importers: tuple[str, ...] = ()
    role: str = ""
    attached: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Thing:
    """Something that outlives its stack: its size, what it holds in words, and the other stack that uses it."""

    kind: Kind
    name: str
    bytes: int = 0
    content: str = ""
    used_by: str = ""

    @property
    def words(self) -> str:
        """Its kind, its name, and what it holds."""
        return f"{self.kind} {self.name}{f': {self.content}' if self.content else ''}"

    @property
    def cost(self) -> str:
        """Its monthly price."""
        dollars = self.bytes / 1e9 * GB_MONTH[self.kind]
        if not dollars:
            return "It costs nothing."
        # ECR stores a layer once, however many images have it.
        limit = "at most " if self.kind is Kind.REPOSITORY else ""
        amount = f"{limit}{dollars:.2f}" if dollars >= 0.01 else "less than 0.01"
        return f"It costs {amount} US dollars a month."


@dataclass(frozen=True)
class Found:
    """The existing parts. `users` are in the order of their deletion; `lost` counts unbuilt uploads."""

    pipeline: Stack | None
    users: tuple[Stack, ...] = ()
    things: tuple[Thing, ...] = ()
    lost: int = 0
    has_sam_bucket: bool = False


@dataclass(frozen=True)
class Plan:
    """The things to delete, in order, and those to keep. A `refusal` says why nothing can be deleted."""

    stacks: tuple[Stack, ...] = ()
    data: tuple[Thing, ...] = ()
    kept: tuple[Thing, ...] = ()
    refusal: str = ""


def plan_of(found: Found, *, deletes_data: bool) -> Plan:
    """The plan for what was found: the stacks, and the data only if it `deletes_data` and no other stack uses them."""
    pipeline = found.pipeline
    if pipeline and not pipeline.is_pipeline and pipeline.status != EMPTY:
        return Plan(refusal=f"{pipeline.name} isn't a Source to ECR stack.")
    stacks = (*found.users, *([pipeline] if pipeline else []))
    refusal = next((reason for stack in stacks if (reason := refusal_of(stack, stacks))), "")
    if refusal:
        return Plan(refusal=refusal)
    ordered = sorted(found.things, key=lambda thing: list(Kind).index(thing.kind))
    data = tuple(thing for thing in ordered if deletes_data and not thing.used_by)
    return Plan(stacks, data, tuple(thing for thing in ordered if thing not in data))


def refusal_of(stack: Stack, deleted: Sequence[Stack]) -> str:
    """Why the stack can't be deleted with the others, and what to do. Empty if it can."""
    # assumes: imported-export-deletion
    others = sorted(set(stack.importers) - {each.name for each in deleted})
    if others:
        return f"{', '.join(others)} imports from {stack.name}. Delete {'it' if len(others) == 1 else 'these'} first."
    attached = [each for each in stack.attached if each.kind != "role" or each.name not in {it.role for it in deleted}]
    if attached:
        why = f"{stack.name} has policies that somebody attached by hand. IAM can't delete those. Detach them:"
        return "\n  ".join([why, *(each.command for each in attached)])
    if stack.is_protected:
        return (
            f"{stack.name} has termination protection. To end it, run: aws cloudformation "
            f"update-termination-protection --no-enable-termination-protection --stack-name {stack.name}"
        )
    if stack.status.endswith("_IN_PROGRESS") and stack.status not in {"DELETE_IN_PROGRESS", EMPTY}:
        return f"CloudFormation is still at work on {stack.name} ({stack.status}). Wait until it has finished."
    return ""


def ending_of(stack: Stack, pipeline: Stack | None) -> str:
    """The things that end with a stack."""
    if stack == pipeline:
        return PIPELINE_ENDS
    return next(ends for suffix, ends in OWN_STACKS.items() if stack.name.endswith(f"-{suffix}"))


def size(number: int) -> str:
    """A size in words."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} bytes"


def counted(number: int, noun: str) -> str:
    """A number of things in words."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
