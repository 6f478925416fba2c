"""`make cloud` waits for emails until it is stopped, whatever it is doing then."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest

from local import playground
from local.pipeline import Pipeline
from local.subscriber import Subscriber

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Interrupted(Subscriber):
    """Has the second look for emails interrupted by a signal. There must be no third."""

    number: signal.Signals = signal.SIGTERM

    def receive(self) -> None:
        """Receives one email."""
        self.received.append({"Subject": "recorded", "Message": "An image."})
        if len(self.received) == 2:
            os.kill(os.getpid(), self.number)
        assert len(self.received) <= 2


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The test's process handles signals as before afterwards."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS, ids=["Ctrl-C", "make cloud-down"])
def test_it_shows_emails_until_a_signal(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(playground, "NEWS_SECONDS", 0)

    playground.show_news_until_the_end(Interrupted(Pipeline(boto3.Session(), {}), "queue", number=number))

    assert capsys.readouterr().out.count("    An image.\n") == 2
