"""Describes how an image's program ended during the trial. The image is recorded anyway."""

from core.build_log import Ending
from core.build_output.buildkit_output import cleaned
from core.trial.facts import Facts

SHORTEST = 0.1  # seconds


def ending(facts: Facts) -> Ending | None:
    """The program's exit code, run time and last lines; None if it still runs."""
    if facts.status != "exited":
        return None
    seconds = "less than 0.1" if facts.seconds < SHORTEST else f"{facts.seconds:.1f}"
    lines = [line for printed in facts.output.split("\n") if (line := cleaned(printed))]
    return Ending(
        f"It exited with code {facts.exit_code} after {seconds} s, without network or configuration.", tuple(lines)
    )
