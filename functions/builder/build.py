"""The builder's four verbs, fetch, build, try and push, in the order in which CodeBuild runs them.

A verb that fails prints the reason as its last line.
"""

import io
import os
import sys
import traceback
from collections.abc import Sequence

from builder import state
from builder.commands import Failed
from builder.state import State
from builder.variables import Variables
from core import build_log, reasons


def fetch(asked: Variables, at: State) -> None:
    """Prepares the engine, the source, the secrets and the logins."""
    from builder.steps import fetching

    fetching.fetch(asked, at)


def build(asked: Variables, at: State) -> None:
    """Builds the image for linux/arm64."""
    from builder.steps import buildx

    if not at.keeps_cache:
        print("This engine can't export a layer cache, so every step runs again.")
        if asked.compression == "zstd":
            print("The layers are compressed with gzip: zstd needs containerd's image store.")
    print("Building for linux/arm64")
    try:
        buildx.build(asked, at)
    finally:
        state.forget_secrets()


def try_(asked: Variables, _: State) -> None:
    """Starts the image for a moment. An image that can't start isn't pushed."""
    from builder.steps import trial
    from core.trial import endings, refusals

    print("Starting the image for a moment")
    tried = trial.start(asked.image)
    trial.remove(tried.container)
    if reason := refusals.verdict(tried.facts, asked.image_tag):
        raise Failed(reason)
    if ended := endings.ending(tried.facts):
        print(ended.sentence, *(f"  {line}" for line in ended.output), build_log.ending_line(ended), sep="\n")


def push(asked: Variables, _: State) -> None:
    """Pushes the image under its tag, which proves that the image was tried."""
    from builder.steps import pushing

    print("Pushing the image")
    pushing.push(asked)


VERBS = {"fetch": fetch, "build": build, "try": try_, "push": push}


def main(arguments: Sequence[str]) -> int:
    """Runs verbs until one fails, and returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    if not arguments or not VERBS.keys() >= set(arguments):
        print(f"Name verbs: {', '.join(VERBS)}.")
        return 2
    return next((code for verb in arguments if (code := run(verb))), 0)


def run(verb: str) -> int:
    """Runs one verb if the previous verb succeeded, and returns the exit code."""
    try:
        at = State() if verb == "fetch" else State.load()
        if at.is_over:
            return 0
        if before := missing(verb, at):
            print(f"Nothing to {verb}: {before} has to succeed first.")
            return 2
        State().save()  # a verb that fails halfway leaves no state to continue from
        VERBS[verb](Variables.from_environment(os.environ), at)
        at.done = verb
        at.save()
    except Failed as failed:
        reason = failed.reason
    except Exception as error:
        traceback.print_exc(file=sys.stdout)
        reason = reasons.builder_failed(f"{type(error).__name__}: {error}")
    else:
        return 0
    print(reason, build_log.reason_line(reason), sep="\n")
    return 1


def missing(verb: str, at: State) -> str:
    """The verb that has to succeed first and hasn't yet; empty if there is none."""
    before = dict(zip([*VERBS][1:], VERBS, strict=False)).get(verb, at.done)
    return "" if before == at.done else before
