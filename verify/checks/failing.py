"""Checks of failures: what a build, the engine and the kernel say, by the reasons that uploads get."""

from verify.checking import Check
from verify.checks.building import A_RUN, phases
from verify.gathering.evidence import FAILURES, Evidence
from verify.gathering.uploads import Story
from verify.verdicts import DidNotHold, NotTried, Partly

COMMANDS = ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD")


def ended_builds(evidence: Evidence) -> str:
    """CodeBuild's description of a build that failed, and of one that was stopped."""
    for story, status in ((evidence.failed(A_RUN), "FAILED"), (evidence.stopped, "STOPPED")):
        build = story.build_or_fail()
        wrong = [each for each in build["phases"] if each.get("phaseStatus") not in {None, "SUCCEEDED"}]
        if build["buildStatus"] != status or "endTime" not in build or not wrong:
            raise DidNotHold(f"CodeBuild calls the build {build['buildStatus']}. Its phases are {phases(story)}.")
    return Partly(
        "A failed and a stopped build have a status, an end, and a phase that ended them. Others weren't tried."
    )


def on_failure_abort(evidence: Evidence) -> str:
    """Whether a later phase ran after the one that failed."""
    statuses = phases(evidence.failed(A_RUN))
    names = list(statuses)
    failed = next((name for name in names if statuses[name] == "FAILED"), "")
    if failed not in COMMANDS:
        raise NotTried(f"No phase with commands failed: {statuses}")
    later = [name for name in names[names.index(failed) + 1 :] if name in COMMANDS]
    if later:
        raise DidNotHold(f"After {failed} had failed, {', '.join(later)} ran.")
    return Partly(f"After {failed} had failed, no later phase of the builder ran. Other phases weren't tried.")


def build_log_silence(evidence: Evidence) -> str:
    """Whether the uploader reads the failed step's own reason."""
    return told(evidence.failed(A_RUN), "build-failed", "The reason came from the end of the build's log.")


def kernel_words(evidence: Evidence) -> str:
    """The reasons for two programs that the kernel refuses."""
    told(evidence.failed("a program for another machine"), "wrong-architecture", "")
    return told(evidence.failed("a program whose loader is missing"), "no-program", "Both images fail for their cause.")


def engine_words(evidence: Evidence) -> str:
    """The reasons for all known failures, of which the engine words most."""
    stories = evidence.failures
    codes = {name: failure.reason.partition(":")[0] for name, failure in FAILURES.items()}
    waiting = [name for name, story in stories.items() if story.status not in {"failed", "rejected", "recorded"}]
    if waiting:
        raise NotTried(f"{len(waiting)} of {len(stories)} wait, such as {waiting[0]}.")
    others = [
        f"{name} is {story.status}: {story.reason or 'no reason'}"
        for name, story in stories.items()
        if not story.reason.startswith(f"{codes[name]}:")
    ]
    if others:
        raise DidNotHold(f"{len(others)} of {len(stories)} have another reason than in the local cloud: {others[0]}")
    return f"{len(stories)} kinds of failure have the same reasons as in the local cloud."


def told(story: Story, code: str, seen: str) -> str:
    """What was seen, if the upload failed for the reason with this code.

    Raises:
        DidNotHold: it was recorded, or failed for another reason.
        NotTried: it waits, or wasn't built.
    """
    if story.status not in {"failed", "recorded"}:
        raise NotTried(f"{story.upload.key} is {story.status}: {story.reason}")
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
