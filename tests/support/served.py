"""An upload as S3 serves it: in parts, which are counted."""

from dataclasses import dataclass, field

from core.reasons import Reason
from core.zips import checks


@dataclass
class Served:
    """An upload that is read by ranged requests."""

    content: bytes
    requests: list[tuple[int, int]] = field(default_factory=list)

    def fetch(self, start: int, stop: int) -> bytes:
        """The bytes from one place to another; S3 refuses a range that is empty or not in the object."""
        assert 0 <= start < stop <= len(self.content)
        self.requests.append((start, stop))
        return self.content[start:stop]

    @property
    def read(self) -> int:
        """How many bytes were read in all."""
        return sum(stop - start for start, stop in self.requests)

    def check(self) -> Reason | None:
        """What the check says of it."""
        return checks.check(len(self.content), self.fetch, most_mib=100)


def code(content: bytes) -> str | None:
    """Why an archive can't be built, in one word."""
    rejection = Served(content).check()
    return rejection.code if rejection else None
