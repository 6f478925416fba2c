"""When an upload counts as noticed, when it is sent again, and how long it is waited for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

import pytest

from local.pipeline import Upload
from verify.gathering import uploads
from verify.gathering.uploads import begin, first_build, wait_until_final
from verify.verdicts import NotTried


@dataclass
class Account:
    """An account in which an upload's tags and the project's builds change from look to look."""

    tags_of: Iterator[dict[str, str]]
    ids: Iterator[list[str]]
    uploads: list[str] = field(default_factory=list)

    def upload(self, key: str, _: bytes) -> Upload:
        """Uploads."""
        self.uploads.append(key)
        return Upload(key, f"v{len(self.uploads)}")

    def tags(self, _: Upload) -> dict[str, str]:
        """The upload's tags now."""
        return next(self.tags_of)

    def build_ids(self) -> list[str]:
        """The project's builds now."""
        return next(self.ids)


def account(tags: Iterable[dict[str, str]] = (), builds: Iterable[list[str]] = ()) -> Any:
    """An account with these answers, of which the last is repeated."""
    return Account(chain(tags, repeat({})), chain(builds, repeat(["old"])))


def test_a_status_or_a_new_build_is_a_sign_of_an_upload() -> None:
    for there in (account(tags=[{"build-status": "accepted"}]), account(builds=[["old"], ["new", "old"]])):
        begun = begin(there, "first.zip", b"", 0)

        assert begun.seconds is not None
        assert not begun.sent_again
        assert there.uploads == ["first.zip"]


def test_without_a_sign_an_upload_is_sent_again_once() -> None:
    there = account()

    begun = begin(there, "first.zip", b"", 0)

    assert (begun.seconds, begun.sent_again, there.uploads) == (None, True, ["first.zip", "first.zip"])
    with pytest.raises(NotTried, match="neither a status nor a build"):
        first_build(there, begun, 0)


def test_an_upload_that_waits_for_long_has_become_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "WAITING_SECONDS", -1)
    waiting = {"build-status": "waiting", "build-reason": "build-system-fault: The engine starts no container."}

    assert wait_until_final(account(tags=[{"build-status": "accepted"}, waiting]), Upload("a.zip", "v1")) == waiting
