"""Checks that update the stack: with the longest variables, and with another builder."""

from verify import stacks
from verify.checking import Check
from verify.gathering.evidence import Evidence, recorded
from verify.gathering.uploads import lines_about, tell
from verify.verdicts import DidNotHold, NotTried, Partly

ARGUMENT = "LONG="
ARGUMENT_CHARACTERS, KEY_LETTERS = 2000, 500
"""The most that the template and S3 allow. S3 takes 1,024 bytes, and a letter beyond ASCII has two or more."""
STACK = "AWS::CloudFormation::Stack"
ROLE, PROJECT, LAYER = "AWS::IAM::Role", "AWS::CodeBuild::Project", "AWS::Lambda::LayerVersion"
NO_BUILDER = ("AccessDeniedException", "ResourceNotFoundException")
"""In the log of a build whose role may not read the layer version, or which is gone."""


def variable_length(evidence: Evidence) -> str:
    """Whether an upload is built whose key is as long as can be, beside the longest build arguments."""
    recorded(evidence.first)
    arguments = ARGUMENT + "x" * (ARGUMENT_CHARACTERS - len(ARGUMENT))
    parameters = {**evidence.parameters, "Dashboard": "yes", "BuildArguments": arguments}
    pipeline = stacks.deploy(evidence.access, evidence.run, evidence.pipeline.stack, parameters)
    key = "\u00e9" * (KEY_LETTERS - len(".zip")) + ".zip"
    story = tell(pipeline, key, evidence.probe("a long key"))
    if story.status != "recorded":
        raise DidNotHold(f"Such an upload is {story.status}: {story.reason}")
    return f"An upload under a key of {KEY_LETTERS} characters was recorded, with {ARGUMENT_CHARACTERS} of arguments."


def builder_update_order(evidence: Evidence) -> str:
    """In which order an update with another builder changed the role and the project and deleted the old version."""
    update = evidence.builder_update
    done = [(each["ResourceType"], each["ResourceStatus"]) for each in update.events if each["ResourceType"] != STACK]
    project, deleted = (PROJECT, "UPDATE_COMPLETE"), (LAYER, "DELETE_COMPLETE")
    if project not in done or deleted not in done:
        raise NotTried("The update's events don't name the project and the deletion of the old layer version.")
    if (ROLE, "UPDATE_COMPLETE") not in done[: done.index(project)]:
        raise DidNotHold("The project named the new layer version before the build's role could read it.")
    if any(not status.startswith("DELETE_") for _, status in done[done.index(deleted) :]):
        raise DidNotHold("The old layer version was deleted before everything else had succeeded.")
    if found := lines_about(update.during, NO_BUILDER[0]) or lines_about(update.during, NO_BUILDER[1]):
        raise DidNotHold(f"The log of a build during the update says: {found[0]}")
    recorded(update.during)
    return Partly("The role, the project and the old version followed in this order. A failed update wasn't tried.")


def role_propagation(evidence: Evidence) -> str:
    """Whether a build right after the update could read the new layer version."""
    after = evidence.builder_update.after
    if found := lines_about(after, NO_BUILDER[0]):
        raise DidNotHold(f"The log of a build right after the update says: {found[0]}")
    recorded(after)
    return "A build right after an update of the builder downloaded the new one."


CHECKS = [
    Check("variable-length", variable_length),
    Check("builder-update-order", builder_update_order),
    Check("role-propagation", role_propagation),
]
"""Later builds have the parameters and the builder of these updates."""
