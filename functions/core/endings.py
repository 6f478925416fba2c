"""How an image's program ended while it was tried, for people: it is recorded all the same."""

from core.build_failures import cleaned
from core.reasons import shortened
from core.trials import Facts

MOST_LINES, LONGEST_LINE = 20, 200
SHORTEST = 0.1  # seconds


def ending(facts: Facts) -> tuple[str, tuple[str, ...]] | None:
    """A sentence, and the last lines that the program printed; None if it still runs."""
    if facts.status != "exited":
        return None
    seconds = "less than 0.1" if facts.seconds < SHORTEST else f"{facts.seconds:.1f}"
    sentence = f"It exited with code {facts.exit_code} after {seconds} s, without network or configuration."
    lines = [line for printed in facts.output.split("\n") if (line := cleaned(printed))]
    return sentence, tuple(shortened(line, LONGEST_LINE) for line in lines[-MOST_LINES:])
