"""Somebody who sends a folder with `ship up`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.uploads import ObjectVersion
from ship.asked import Asked
from ship.aws.cloudformation import Stack
from ship.problem import Problem
from ship.terminal import Terminal
from ship.until import Until
from ship.uploads.patience import FOLLOWED
from ship.uploads.uploading import Uploading
from tests.support.trees import write
from tests.unit.ship.support.world import STACK, Capsys, World


@dataclass
class Uploader:
    """Somebody who sends a folder."""

    world: World
    folder: Path
    capsys: Capsys
    stack: Stack = STACK
    out: str = ""
    said: str = ""
    """What it printed to stdout and to stderr the last time."""

    def up(
        self,
        key: str | None = None,
        *,
        as_json: bool = False,
        cancel: bool = False,
        dry_run: bool = False,
        allowed: Sequence[str] = (),
        timeout: float = FOLLOWED,
        until: Until = Until.RECORDED,
    ) -> int:
        """The exit code."""
        uploading = Uploading(
            Asked(self.world.access, self.stack), Terminal(), as_json, cancel, self.world.next, timeout, until
        )
        try:
            return uploading.up(self.folder, key, allowed, dry_run=dry_run, follow=True)
        finally:
            self.out, self.said = self.capsys.readouterr()

    def refused(self, words: str, **how: Any) -> Problem:
        """The problem, in these words, that ends it."""
        with pytest.raises(Problem, match=words) as problem:
            self.up(**how)
        return problem.value

    def holds(self, *names: str, content: str = "") -> None:
        """Has the folder hold files of these names."""
        write(self.folder, dict.fromkeys(names, content))

    def sent(self) -> ObjectVersion:
        """The newest version in the bucket."""
        (newest,) = [
            version
            for version in self.world.access.s3.list_object_versions(Bucket=STACK.bucket).get("Versions", [])
            if version["IsLatest"]
        ]
        return ObjectVersion(STACK.bucket, newest["Key"], newest["VersionId"])

    def then(self, name: str, reason: str = "", uri: str = "") -> Callable[[], object]:
        """A step in which the upload gets this status."""
        return lambda: self.world.says(self.sent(), name, reason, uri)
