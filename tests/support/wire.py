"""The functions' own clients, watched: what they ask AWS for, and how AWS answers where moto answers otherwise."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders

from tests.support.hooks import hook


@dataclass
class Wire:
    """Between a function's clients and moto."""

    clients: tuple[BaseClient, ...]
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Each request's operation and parameters, in the order in which they were made."""

    def __post_init__(self) -> None:
        self._one_at_a_time = Lock()
        self._answered: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self._on("provide-client-params.*.*", self._note)
        self._on("after-call.*.*", self._note_answer)

    @property
    def operations(self) -> list[str]:
        """What was asked for, in order."""
        return [operation for operation, _ in self.requests]

    def of(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of each request of one operation."""
        return [parameters for made, parameters in self.requests if made == operation]

    def answered(self, operation: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """The parameters of each request of one operation that wasn't refused, and its answer."""
        return [(parameters, answer) for made, parameters, answer in self._answered if made == operation]

    def forget(self) -> None:
        """Begins to note anew."""
        self.requests.clear()
        self._answered.clear()

    def fails(self, operation: str, code: str, status: int, words: str = "As the test wants.") -> None:
        """Has AWS answer an operation with an error, without the waits of the SDK's retries."""
        self.answers(operation, {"Error": {"Code": code, "Message": words}}, status)

    def answers(self, operation: str, answer: Mapping[str, Any], status: int = 200) -> None:
        """Has AWS answer an operation with this."""
        given = {**answer, "ResponseMetadata": {"HTTPStatusCode": status}}

        def give(**_: Any) -> Any:
            return AWSResponse("", status, HTTPHeaders(), None), deepcopy(given)

        self._on(f"before-call.*.{operation}", give, f"answers {operation}")

    def answers_one_by_one(self, operation: str, answers: Iterator[Mapping[str, Any]]) -> None:
        """Has AWS answer an operation with the next of these each time, or refuse it where that has an error."""

        def give(**_: Any) -> Any:
            with self._one_at_a_time:
                answer = next(answers)
            status = 400 if "Error" in answer else 200
            return AWSResponse("", status, HTTPHeaders(), None), {**answer, "ResponseMetadata": {}}

        self._on(f"before-call.*.{operation}", give, f"answers {operation}")

    def heals(self, operation: str) -> None:
        """Has AWS answer it as ever."""
        for client in self.clients:
            client.meta.events.unregister(f"before-call.*.{operation}", unique_id=f"answers {operation}")

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

    def without_service(self, operation: str, status: int = 500) -> list[str]:
        """Has the service break off on each attempt, as the SDK's retries see it; the attempts, as they come."""
        attempts: list[str] = []

        def break_off(request: Any, **_: Any) -> Any:
            attempts.append(operation)
            return AWSResponse(request.url, status, HTTPHeaders(), Unread())

        self._on(f"before-send.*.{operation}", break_off)
        return attempts

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        noted = {name: value if name == "Body" else deepcopy(value) for name, value in params.items()}
        self.requests.append((model.name, noted))

    def _note_answer(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if "Error" not in parsed:
            self._answered.append((model.name, self.of(model.name)[-1], parsed))

    def _on(self, event: str, handler: Callable[..., Any], unique_id: str | None = None) -> None:
        for client in self.clients:
            hook(client, event, handler, unique_id)


class Unread:
    """The body of an answer that says nothing."""

    def stream(self) -> list[bytes]:
        """No part of it."""
        return []
