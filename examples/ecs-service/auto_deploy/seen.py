"""The facts for a decision: the image that the parameter names, the last record, and the service in ECS."""

from dataclasses import dataclass
from datetime import datetime

from ledger import Record


@dataclass(frozen=True)
class Named:
    """The image that the parameter names, with the version's number and time."""

    image: str
    version: int
    since: datetime


@dataclass(frozen=True)
class Deployment:
    """A deployment that ECS lists for the service. `state` is its rolloutState, "" if ECS gives none."""

    id: str
    image: str | None
    definition: str
    is_primary: bool
    state: str
    reason: str
    running: int
    created: datetime
    updated: datetime


@dataclass(frozen=True)
class Attempt:
    """A service deployment in ECS's history, which has other ids than the deployments.

    It was created since the parameter's version, or it still went on then: naming an image again while ECS deploys it
    begins no new deployment.
    """

    is_of_named: bool
    status: str
    reason: str
    created: datetime


@dataclass(frozen=True)
class Service:
    """The service as ECS describes it. `trouble` is its newest event about a task that can't be placed or started."""

    wanted: int
    deployments: tuple[Deployment, ...]
    attempts: tuple[Attempt, ...] = ()
    trouble: str = ""

    @property
    def primary(self) -> Deployment:
        """The deployment that ECS works on, or has completed."""
        return next(each for each in self.deployments if each.is_primary)

    @property
    def newest_of_named(self) -> Attempt | None:
        """The newest attempt to deploy the image that the parameter names."""
        return max((each for each in self.attempts if each.is_of_named), key=lambda each: each.created, default=None)


@dataclass(frozen=True)
class Facts:
    """All that a decision is made from: `named` is None without a parameter, `service` without a service.

    `recorded` is when the last record was written.
    """

    named: Named | None
    last: Record | None
    service: Service | None
    now: datetime
    recorded: datetime | None = None
