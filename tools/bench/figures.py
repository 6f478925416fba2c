"""A measured figure: a row of a table, with its runs."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from local.pipeline import Late, Pipeline
from local.sources.zipping import zip_with

MOST_SECONDS = 1200
LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Figure:
    """One quantity, measured some times in one run of the benchmark."""

    subject: str
    what: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def as_json(self) -> dict[str, object]:
        """As docs/figures/performance.json has it."""
        return {
            "subject": self.subject,
            "what": self.what,
            "unit": self.unit,
            "median": rounded(self.median),
            "min": rounded(min(self.values)),
            "max": rounded(max(self.values)),
            "runs": len(self.values),
        }


def rounded(value: float) -> float:
    """A value with the digits that a reader needs."""
    return round(value) if abs(value) >= 1000 else float(f"{value:.3g}")


def seconds(work: Callable[[], object]) -> float:
    """How long it took."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def seconds_to_recorded(pipeline: Pipeline, source: Mapping[str, str | bytes]) -> float:
    """Seconds from the upload of a source until the parameter names its image; looks at the parameter alone."""
    body, before = zip_with(source), pipeline.recorded()
    started = time.monotonic()
    upload = pipeline.upload("measured.zip", body)
    while pipeline.recorded() == before:
        if time.monotonic() - started > MOST_SECONDS:
            raise Late(f"The recording of {upload.key} didn't happen within {MOST_SECONDS} s.")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - started


def alternately[T](runs: int, works: Sequence[Callable[[], T]]) -> list[tuple[T, ...]]:
    """The results of each, measured in turns: a machine that slows down is slower for all."""
    rounds = [[work() for work in works] for _ in range(runs)]
    return list(zip(*rounds, strict=True))
