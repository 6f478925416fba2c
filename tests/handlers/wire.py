"""The functions' own clients, watched: what they ask AWS for, and how AWS answers where moto answers otherwise."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders


@dataclass
class Wire:
    """Between a function's clients and moto."""

    clients: tuple[BaseClient, ...]
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Each request's operation and parameters, in the order in which they were made."""

    def __post_init__(self) -> None:
        self._on("provide-client-params.*.*", self._note)

    @property
    def operations(self) -> list[str]:
        """What was asked for, in order."""
        return [operation for operation, _ in self.requests]

    def of(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of each request of one operation."""
        return [parameters for made, parameters in self.requests if made == operation]

    def forget(self) -> None:
        """Begins to note anew."""
        self.requests.clear()

    def fails(self, operation: str, code: str, status: int) -> None:
        """Has AWS answer an operation with an error, without the waits of the SDK's retries."""
        error = {"Error": {"Code": code, "Message": "As told."}, "ResponseMetadata": {"HTTPStatusCode": status}}

        def refuse(**_: Any) -> Any:
            return AWSResponse("", status, HTTPHeaders(), None), deepcopy(error)

        self._on(f"before-call.*.{operation}", refuse, "fails")

    def heals(self, operation: str) -> None:
        """Has AWS answer it again."""
        for client in self.clients:
            client.meta.events.unregister(f"before-call.*.{operation}", unique_id="fails")

    def before(self, operation: str, action: Callable[[], object]) -> None:
        """Has something else happen just before each request of an operation."""

        def act(**_: Any) -> None:
            action()

        self._on(f"provide-client-params.*.{operation}", act)  # a Stubber hides the later events

    def after(self, operation: str, action: Callable[[Any], object]) -> None:
        """Has something happen just after each answer to an operation, or to the answer itself."""

        def act(parsed: Any, **_: Any) -> None:
            action(parsed)

        self._on(f"after-call.*.{operation}", act)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.requests.append((model.name, deepcopy(params)))

    def _on(self, event: str, handler: Callable[..., Any], unique_id: str | None = None) -> None:
        for client in self.clients:
            client.meta.events.register_first(event, handler, unique_id=unique_id)
