"""`make cloud` waits for emails until it is stopped, whatever it is doing then."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest

from local.pipeline import Pipeline
from local.playground import show_news_until_the_end
from local.subscriber import Subscriber
from tests.support.waiting import PATIENCE

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Unanswered(Subscriber):
    """Gets a signal while it waits for an answer that never comes."""

    number: signal.Signals = signal.SIGTERM

    def receive(self) -> None:
        """Raises the signal, then waits."""
        os.kill(os.getpid(), self.number)
        threading.Event().wait(PATIENCE)
        pytest.fail("The signal didn't end the waiting.")


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The test's process handles signals as before afterwards."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS, ids=["Ctrl-C", "make cloud-down"])
def test_a_signal_ends_whatever_it_waits_for(number: signal.Signals) -> None:
    show_news_until_the_end(Unanswered(Pipeline(boto3.Session(), {}), "queue", number=number))
