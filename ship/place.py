"""The options that choose the account, the region and the stack."""

import shlex
from dataclasses import dataclass

WITH_BUCKET = {"up", "status", "logs", "why"}
"""The verbs that take --bucket."""


@dataclass(frozen=True)
class Place:
    """The options as the caller gave them. Every hint repeats them, so that it acts on the same stack."""

    profile: str | None = None
    region: str | None = None
    service: str | None = None
    stack: str | None = None
    bucket: str | None = None

    def command(self, verb: str, *options: str, key: str | None = None) -> str:
        """A `ship` command for the same stack, quoted for the shell."""
        begins_as_option = key is not None and key.startswith("-")
        first = [key] if key is not None and not begins_as_option else []
        last = ["--", key] if key is not None and begins_as_option else []
        return shlex.join(["ship", verb, *first, *options, *self.options(verb), *last])

    def options(self, verb: str) -> list[str]:
        """The options that this verb takes."""
        given = {"--profile": self.profile, "--region": self.region, "--service": self.service, "--stack": self.stack}
        if verb in WITH_BUCKET:
            given["--bucket"] = self.bucket
        return [word for option, value in given.items() if value for word in (option, value)]
