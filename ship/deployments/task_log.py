"""Prints what the image's program prints: the log of the ECS service's newest task."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ship.asked import Asked
from ship.aws import ecs_service
from ship.aws.ecs_service import Container, Log, Place
from ship.aws.errors import in_words
from ship.outcomes import INTERRUPTED, READER_GONE
from ship.problem import Problem
from ship.terminal import Terminal

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import TaskTypeDef

LINES = 100
"""How many of the last lines are shown first."""
PAUSE_SECONDS = 2.0
IDLE_LOOKS = 8
"""After so many looks without a new line, it checks whether a newer task runs."""


@dataclass
class TaskLog:
    """The log of a service's newest running task, of which each `read` continues where the last one ended."""

    asked: Asked
    terminal: Terminal
    pause: Callable[[float], None] = time.sleep
    _token: str = ""

    def show(self, *, follow: bool) -> int:
        """Prints the last lines, and with `follow` the new ones until Ctrl-C. Returns the exit code.

        Raises:
            Problem: there is no service, no running task or no log, or AWS refuses.
        """
        with in_words():
            place, container = self.found()
            task = self.newest(place)
            lines = list(self.read(container.log_of(task)))
            if not lines:
                self.terminal.note("The task has printed nothing yet.", even_if_quiet=True)
            self.terminal.answer(*lines)
            try:
                while follow:
                    task = self.followed(place, container, task)
            except KeyboardInterrupt:
                return INTERRUPTED
            except BrokenPipeError:
                return READER_GONE
        return 0

    def found(self) -> tuple[Place, Container]:
        """Where the service is, and its container, which logs to CloudWatch.

        Raises:
            Problem: there is none.
        """
        self.asked.require_stack()
        access, stack = self.asked.access, self.asked.stack
        place = ecs_service.place(access, stack)
        service = ecs_service.find(access, place)
        container = ecs_service.container(access, service, stack) if service else None
        if not service or not container:
            raise Problem(f"There is no {place}.", "To see the log of a build, leave out --app.")
        if not container.log_group:
            raise Problem(
                f"The container {container.name} of the {place} doesn't log to CloudWatch with a stream prefix.",
                "Give it the log driver awslogs with the options awslogs-group and awslogs-stream-prefix.",
            )
        return place, container

    def newest(self, place: Place) -> "TaskTypeDef":
        """The newest running task.

        Raises:
            Problem: none runs.
        """
        tasks = ecs_service.running_tasks(self.asked.access, place)
        if not tasks:
            raise Problem(f"No task of the {place} runs.", f"To see why: {self.asked.stack.command('status')}")
        which = f"the newest of {len(tasks)} tasks" if len(tasks) > 1 else "the only task"
        self.terminal.note(f"The log of {ecs_service.id_of(tasks[0])}, {which}:")
        return tasks[0]

    def followed(self, place: Place, container: Container, task: "TaskTypeDef") -> "TaskTypeDef":
        """Prints new lines until there are none for a while. Returns the task to follow from then on."""
        idle = 0
        while idle < IDLE_LOOKS:
            self.pause(PAUSE_SECONDS)
            lines = list(self.read(container.log_of(task)))
            for line in lines:
                self.terminal.stream(line)
            idle = 0 if lines else idle + 1
        running = ecs_service.running_tasks(self.asked.access, place)
        if running and running[0]["taskArn"] != task["taskArn"]:
            self._token = ""
            return self.newest(place)
        return task

    def read(self, log: Log) -> Iterator[str]:
        """The new lines since the last call, the first time the last ones. None if there is no log yet."""
        client = self.asked.access.logs
        while True:
            where = {"nextToken": self._token, "startFromHead": True} if self._token else {"limit": LINES}
            try:
                page = client.get_log_events(
                    logGroupName=log.group,
                    logStreamName=log.stream,
                    **where,
                )
            except client.exceptions.ResourceNotFoundException:
                return
            before, self._token = self._token, page["nextForwardToken"]
            for event in page["events"]:
                yield from event["message"].splitlines() or [""]
            if self._token == before or not before:
                return
