"""Checks of failures: what a build, the engine and the kernel say, by the reasons that uploads get."""

from verify.checking import Check
from verify.checks.building import phases
from verify.evidence import Evidence
from verify.uploads import Story
from verify.verdicts import DidNotHold

ENDED_ALL = {"SUBMITTED", "QUEUED", "PROVISIONING", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"}


def ended_builds(evidence: Evidence) -> str:
    """What CodeBuild says of a build that failed, and of one that was stopped."""
    for story, status in ((evidence.failing_step, "FAILED"), (evidence.stopped, "STOPPED")):
        build = story.build_or_fail()
        wrong = [each for each in build["phases"] if each.get("phaseStatus") not in {None, "SUCCEEDED"}]
        if build["buildStatus"] != status or "endTime" not in build or not wrong:
            raise DidNotHold(f"CodeBuild calls the build {build['buildStatus']}. Its phases are {phases(story)}.")
    return (
        "A failed and a stopped build have their status, an end, and the phase that ended them. Others weren't tried."
    )


def on_failure_abort(evidence: Evidence) -> str:
    """Whether a later phase ran after the one that failed."""
    statuses = phases(evidence.failing_step)
    names = list(statuses)
    failed = next((name for name in names if statuses[name] == "FAILED"), "")
    later = [name for name in names[names.index(failed) + 1 :] if name in ENDED_ALL] if failed else []
    if later or not failed:
        raise DidNotHold(f"The failed build's phases are {statuses}.")
    return f"After {failed} had failed, no later phase of the builder ran. Other phases weren't tried."


def build_log_silence(evidence: Evidence) -> str:
    """Whether the uploader reads the failed step's own reason."""
    return told(evidence.failing_step, "build-failed", "The reason came from the end of the build's log.")


def kernel_words(evidence: Evidence) -> str:
    """The reasons for two programs that the kernel refuses."""
    told(evidence.wrong_machine, "wrong-architecture", "")
    return told(evidence.no_program, "no-program", "Both images fail with the reason for their cause.")


def engine_words(evidence: Evidence) -> str:
    """The reasons for failures that the engine words."""
    expected = {"build-failed": evidence.failing_step, "no-program": evidence.no_program}
    for code, story in expected.items():
        told(story, code, "")
    return f"The engine's words led to {', '.join(expected)}. Other failures weren't tried."


def told(story: Story, code: str, seen: str) -> str:
    """What was seen, if the upload failed for the reason with this code.

    Raises:
        DidNotHold: it didn't.
    """
    if story.status != "failed" or not story.reason.startswith(f"{code}:"):
        raise DidNotHold(f"{story.upload.key} is {story.status}: {story.reason or 'no reason'}")
    return seen


CHECKS = [
    Check("build-log-silence", build_log_silence),
    Check("on-failure-abort", on_failure_abort),
    Check("kernel-words", kernel_words),
    Check("engine-words", engine_words),
    Check("ended-builds", ended_builds),
]
