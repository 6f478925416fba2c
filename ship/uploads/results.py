"""An upload's result: the reason and the trial's end in full, and how they are shown after it was followed."""

from dataclasses import dataclass

from core.build_log import Ending
from core.reasons import Reason
from ship.aws.s3 import State
from ship.deployments import verdicts
from ship.outcomes import RECORDED, detail_of, exit_code
from ship.printable import json_of
from ship.terminal import ERROR, STYLES, WARNING, Terminal
from ship.uploads.following import Follower


@dataclass(frozen=True)
class Result:
    """The result of an upload that was followed. `reason` and `ending` are None if the status has all.

    `log` is the log group and stream of the task that isn't healthy.
    """

    state: State
    follower: Follower
    reason: Reason | None
    ending: Ending | None
    log: str | None = None

    @classmethod
    def of(cls, state: State, follower: Follower) -> "Result":
        """The result of an upload with a final status."""
        ending = follower.build.ending if state.name in RECORDED else None
        verdict = verdicts.explained(follower.access, follower.stack, state)
        reason = follower.build.reason if state.name == "failed" else verdict.reason
        return cls(state, follower, reason, ending, verdict.log)

    @property
    def exit_code(self) -> int:
        """The exit code of the command that followed it."""
        return exit_code(self.state, self.follower.until)

    @property
    def json(self) -> str:
        """The result as JSON."""
        build = self.follower.build.build
        build_id = build["id"] if build else None
        words = detail_of(
            self.follower.stack, self.state, build_id, reason=self.reason, ending=self.ending, log=self.log
        )
        return json_of(words)

    def name(self, terminal: Terminal) -> None:
        """Shows the status."""
        terminal.note(self.state.name, STYLES[self.state.name], timed=True)

    def explain(self, terminal: Terminal) -> None:
        """Says why there is no image, why ECS doesn't run it, how its program ended, or where it answers."""
        if self.ending:
            terminal.warn_of_ending(self.ending)
        if self.reason or self.state.reason:
            terminal.report(ERROR if self.exit_code else WARNING, str(self.reason or self.state.reason))
        if self.state.name == verdicts.NOT_HEALTHY and self.reason and self.reason.output:
            terminal.note("The last lines of the task:", even_if_quiet=True)
            for line in self.reason.output:
                terminal.note(f"  {line}", even_if_quiet=True)
        if self.log:
            terminal.note(f"The task's log: {self.log}", even_if_quiet=True)
        if self.state.name == "running" and (url := verdicts.address(self.follower.access, self.follower.stack)):
            terminal.note(f"It answers at {url}")
