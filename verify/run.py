"""A run's state: its names, the verdicts so far, and whether everything was removed. It is saved after each change."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from verify.verdicts import Verdict

FOLDER, STATE = Path(".verify"), "run.json"
PREFIX = "source-to-ecr-verify-"
"""Begins the names of a run's stacks, and with them those of all their resources but the service's."""
TAG = "source-to-ecr:verify"
"""On everything that a run creates; its value is the run's id."""
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass
class Run:
    """One acceptance run in one account and region."""

    id: str
    account: str
    region: str
    began: str
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    """The measured times, by their names."""
    removed: bool = False
    fargate: bool = False
    """Whether the run also deploys the example's service in ECS."""

    @classmethod
    def new(cls, account: str, region: str) -> "Run":
        """A new run, whose state isn't saved yet."""
        name = "".join(secrets.choice(LETTERS) for _ in range(6))
        return cls(name, account, region, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")

    @property
    def stack(self) -> str:
        """The name of the pipeline's stack."""
        return f"{PREFIX}{self.id}"

    @property
    def second_stack(self) -> str:
        """The name of a stack whose first deployment fails."""
        return f"{self.stack}-second"

    @property
    def ecs_stack(self) -> str:
        """The name that the example gives the stack of the service in ECS."""
        return f"{self.service}-ecs"

    @property
    def auto_deploy_stack(self) -> str:
        """The name that the example gives the stack that deploys each recorded image."""
        return f"{self.service}-auto-deploy"

    @property
    def events(self) -> str:
        """The name of the rule and the queue for the service's deployments."""
        return f"{self.stack}-deployments"

    @property
    def stacks(self) -> list[str]:
        """The stacks that the run may have created, in the order in which they can be deleted."""
        return [self.auto_deploy_stack, self.ecs_stack, self.second_stack, self.stack]

    @property
    def service(self) -> str:
        """The name of the service, of its repository and of the project."""
        return f"verify-{self.id}"

    @property
    def folder(self) -> Path:
        """Where the state and the reports are."""
        return FOLDER / self.id

    def decide(self, assumption: str, verdict: Verdict) -> None:
        """Keeps a verdict."""
        self.verdicts[assumption] = verdict
        self.save()

    def save(self) -> None:
        """Saves the state in one step, so that a killed run leaves the one before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        changed = self.folder / "run.new"
        changed.write_text(json.dumps(asdict(self), indent=2))
        changed.replace(self.folder / STATE)


def saved(account: str, region: str) -> list[Run]:
    """The account's earlier runs in this region, the oldest first."""
    runs = [from_json(json.loads(file.read_text())) for file in FOLDER.glob(f"*/{STATE}")]
    return sorted((run for run in runs if (run.account, run.region) == (account, region)), key=lambda run: run.began)


def from_json(state: dict[str, Any]) -> Run:
    """The run whose state was saved."""
    verdicts = {name: Verdict(**each) for name, each in state["verdicts"].items()}
    return Run(**{**state, "verdicts": verdicts})
