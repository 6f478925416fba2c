"""How long uploads take on this account: each stage of the first one, and the whole of ten in a row."""

from datetime import datetime
from math import ceil

from local.progress import say
from verify.gathering.evidence import Evidence, recorded
from verify.gathering.uploads import Story, tell
from verify.verdicts import of_error

MOST_LIKELY, NEARLY_ALL = 0.5, 0.95


def measure(evidence: Evidence, uploads: int) -> None:
    """Adds the times to the run. What can't be measured is said and left out."""
    run = evidence.run
    try:
        run.seconds |= stages(evidence.first, evidence.recorded_at(evidence.first))
        whole = sorted(upload_seconds(evidence, number) for number in range(uploads))
    except Exception as error:  # a run without times is still a run
        say(f"The times couldn't be measured. {of_error(error).seen}")
        return
    for share in (MOST_LIKELY, NEARLY_ALL) if whole else ():
        run.seconds[f"upload to recorded, p{share * 100:.0f} of {len(whole)}"] = percentile(whole, share)
    run.save()


def stages(story: Story, recorded_at: datetime) -> dict[str, float]:
    """The seconds of each stage of one upload."""
    build = story.build_or_fail()
    phases = {
        f"build: {phase['phaseType']}": (phase["endTime"] - phase["startTime"]).total_seconds()
        for phase in build["phases"]
        if "endTime" in phase
    }
    return {
        "S3's event and StartBuild": (build["startTime"] - story.uploaded).total_seconds(),
        **phases,
        "recording": (recorded_at - build["endTime"]).total_seconds(),
        "upload to recorded": (recorded_at - story.uploaded).total_seconds(),
    }


def upload_seconds(evidence: Evidence, number: int) -> float:
    """The seconds from one more upload, of which only the last layer is new, to its recording."""
    story = recorded(tell(evidence.pipeline, f"timed-{number}.zip", evidence.probe(f"timed {number}")))
    return (evidence.recorded_at(story) - story.uploaded).total_seconds()


def percentile(ordered: list[float], share: float) -> float:
    """The value that this share of the values doesn't exceed, by nearest rank."""
    return ordered[ceil(share * len(ordered)) - 1]
