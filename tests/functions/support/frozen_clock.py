"""The time at which the functions run: minutes after the uploads in events/."""

from datetime import UTC, datetime, tzinfo

NOW = datetime(2026, 11, 20, 10, 17, 4, tzinfo=UTC)
SINCE_UPLOAD = 94
"""The seconds since the upload in events/object-created.json."""


class Clock(datetime):
    """A clock that stands."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Clock":
        """Always the same time."""
        return cls.fromtimestamp(NOW.timestamp(), tz)


class Seconds:
    """What passes while a function waits, and only then."""

    def __init__(self) -> None:
        """No wait yet."""
        self.waits: list[float] = []

    def monotonic(self) -> float:
        """The seconds that were waited."""
        return sum(self.waits)

    def sleep(self, seconds: float) -> None:
        """Waits without waiting."""
        self.waits.append(seconds)
