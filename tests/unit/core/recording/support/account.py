"""An account in which builds are recorded, as a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from core.build_tags import SETTLED, BuildTags
from core.recording import next_image
from core.recording.next_image import LATEST, Ledger, Version

REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service"
NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
KEEP_IMAGES = 1  # less than the template allows: expiry comes sooner
# In upload order; the ids at their ends, which decide nothing, are not.
TAGS = [
    "build-20261120T101530Z-6B-9999aaaa",
    "build-20261120T101530Z-6B01-1111aaaa",
    "build-20261120T101530Z-6C-8888aaaa",
    "build-20261120T101531Z-6A00FF-2222aaaa",
]
NEVER_RECORDED = ["build-nightly", "build-20261120T101600Z-6b-FFFFFFFF", "build-20271120T101530Z-6B-0123abcd", "v1"]


def digest(tag: str) -> str:
    return f"sha256:digest-of-{tag}"


def uri(tag: str) -> str:
    return f"{REPOSITORY}@{digest(tag)}"


ELSEWHERE = ["nginx:latest", f"other.example/mirror@{digest(TAGS[0])}", f"{REPOSITORY}:{TAGS[0]}"]


@dataclass
class Account:
    """The repository with its images in the order of their pushes, the parameter, and the requests under way."""

    tagged: dict[str, str] = field(default_factory=dict)
    pushed: list[str] = field(default_factory=list)
    history: list[Version] = field(default_factory=list)
    under_way: list[Version] = field(default_factory=list)
    runs: int = 0
    # What the promises are about: the newest upload ever recorded; the older one that the parameter names only because
    # RecordImage's request for it landed late; and whether a rollback waits for its trigger without a pin.
    recorded: str = ""
    put_back: str = ""
    unpinned_rollback: bool = False

    def copy(self) -> "Account":
        return replace(
            self,
            tagged=self.tagged.copy(),
            pushed=self.pushed.copy(),
            history=self.history.copy(),
            under_way=self.under_way.copy(),
        )

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.tagged.copy(), self.history.copy())

    @property
    def build_tags(self) -> Sequence[str]:
        return BuildTags.classified(self.tagged, NOW).ours

    @property
    def newest(self) -> str:
        return max((tag for tag in TAGS if tag in self.tagged), default="")

    @property
    def value(self) -> str:
        return self.history[-1].value if self.history else ""

    @property
    def named(self) -> str:
        """The digest that the parameter names in this repository, if it does and the image is there."""
        place, _, named = self.value.partition("@")
        return named if place == REPOSITORY and named in self.tagged.values() else ""

    @property
    def settled(self) -> set[str]:
        """The build tags whose images the lifecycle policy counts."""
        return {tag.removeprefix(SETTLED) for tag in self.tagged if tag.startswith(SETTLED)}

    @property
    def is_due(self) -> bool:
        """Whether the newest image is to be recorded, now or again."""
        return self.newest > (self.put_back or self.recorded)

    def push(self, tag: str) -> None:
        self.tagged[tag] = digest(tag)
        self.pushed.append(digest(tag))

    def request(self) -> Version | None:
        """RecordImage runs up to its request."""
        self.runs += 1
        decision = next_image.decide(self.ledger, self.build_tags)
        if decision.record is None:
            return None
        assert self.is_due, "What was recorded stays, and so does what was put by hand since."
        assert decision.record == self.newest, "The newest image is recorded."
        return Version(uri(decision.record), f"{decision.record} {self.runs:032x}")

    def protect(self, *, whole: bool = True) -> None:
        """RecordImage has `latest` follow the parameter, then settles, if it doesn't stop in between."""
        wanted = next_image.protection(self.ledger, self.build_tags, REPOSITORY)
        if wanted.latest and wanted.latest in self.tagged.values():
            self.tagged[LATEST] = wanted.latest
        self.unpinned_rollback = False
        for tag in wanted.settle if whole else ():
            self.tagged[SETTLED + tag] = self.tagged[tag]

    def land(self, request: Version) -> None:
        """A request of RecordImage reaches the parameter, now or late."""
        tag = request.description.split()[0]
        self.history.append(request)
        self.put_back = tag if tag < self.recorded else ""
        self.recorded = max(self.recorded, tag)

    def put_by_hand(self, version: Version) -> None:
        self.history.append(version)
        self.put_back = ""

    def trigger(self) -> None:
        request = self.request()
        if request:
            self.land(request)
        self.protect()

    def expire(self) -> set[str]:
        """The lifecycle policy runs; the digests that it removes."""
        spared = {found for tag, found in self.tagged.items() if tag == LATEST or tag.startswith("keep-")}
        counted = {found for tag, found in self.tagged.items() if tag.startswith(SETTLED)} - spared
        removed = set(sorted(counted, key=self.pushed.index)[:-KEEP_IMAGES])
        self.tagged = {tag: found for tag, found in self.tagged.items() if found not in removed}
        return removed
