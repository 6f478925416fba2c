"""What is promoted, and what becomes of it; skopeo is one that notes what it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ship.asked import Asked
from ship.aws.access import Access
from ship.aws.records import records
from ship.images import promotion
from ship.images.promotion import Promotion
from ship.problem import Problem
from ship.terminal import Terminal
from tests.unit.ship.support.world import STACK, Capsys, World, hold, name, record

OLDER, TAG, NEWER = (f"build-20261120T11590{number}Z-0A-0000000{number}" for number in range(3))
PROD = replace(
    STACK,
    service="prod",
    repository_uri=STACK.repository_uri.replace("jwt-pizza-service", "prod"),
    parameter="/prod/image-uri",
)


@dataclass
class Stages:
    """Staging and prod, and what happens in prod while one waits."""

    world: World
    calls: Path
    steps: list[Callable[[], object]] = field(default_factory=list)

    @property
    def access(self) -> Access:
        """The access of both."""
        return self.world.access

    def promote(self) -> int:
        """The exit code."""

        def pause(seconds: float) -> None:
            if not self.steps:
                raise AssertionError("It still waits, and nothing more happens.")
            self.steps.pop(0)()

        return Promotion(Asked(self.access, STACK), Asked(self.access, PROD), Terminal(), pause).promote()

    def asked(self) -> list[str]:
        """What skopeo was asked for, a line each."""
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def stages(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stages:
    """Staging, which has recorded an image, and prod, which has recorded nothing."""
    calls, program = tmp_path / "calls", tmp_path / "skopeo"
    program.write_text(f'#!/bin/sh\necho "$1 $2 $3 $4" >> {calls}\ncat > /dev/null\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for stack in (STACK, PROD):
        world.access.ecr.create_repository(repositoryName=stack.repository)
    made = Stages(world, calls)
    record(made.access, OLDER, STACK)
    record(made.access, TAG, STACK)
    return made


def test_what_is_recorded_goes_by_digest_under_its_build_tag_and_is_waited_for(stages: Stages, capsys: Capsys) -> None:
    stages.steps = [lambda: None, lambda: record(stages.access, TAG, PROD)]

    assert stages.promote() == 0
    uri = records(stages.access, PROD).current.uri
    assert capsys.readouterr().out == f"{uri}\n"
    *logins, copy = stages.asked()
    assert [each.split()[0] for each in logins] == ["login", "login"]
    digest = uri.partition("@")[2]
    assert (
        copy == f"copy --preserve-digests docker://{STACK.repository_uri}@{digest} docker://{PROD.repository_uri}:{TAG}"
    )


def test_what_is_recorded_there_is_not_copied_again(stages: Stages, capsys: Capsys) -> None:
    uri = record(stages.access, TAG, PROD)

    assert stages.promote() == 0
    assert capsys.readouterr().out == f"{uri}\n"
    assert stages.asked() == []


def test_what_is_there_and_not_recorded_is_only_waited_for(stages: Stages) -> None:
    hold(stages.access, TAG, PROD)
    stages.steps = [lambda: record(stages.access, TAG, PROD)]

    assert stages.promote() == 0
    assert stages.asked() == []


@pytest.mark.parametrize("meanwhile", [False, True])
def test_where_a_newer_one_is_recorded_it_ends_with_3(stages: Stages, capsys: Capsys, meanwhile: bool) -> None:
    stages.steps = [lambda: record(stages.access, NEWER, PROD)]
    if not meanwhile:
        stages.steps.pop()()

    assert stages.promote() == 3
    assert f"{NEWER} is recorded there" in capsys.readouterr().err


def test_where_it_is_rolled_back_there_it_says_so(stages: Stages) -> None:
    older = record(stages.access, OLDER, PROD)
    record(stages.access, TAG, PROD)
    name(stages.access, older, "Rolled back", PROD)

    with pytest.raises(Problem, match="rolled back") as problem:
        stages.promote()
    assert "ship forward" in problem.value.to_do
    assert stages.asked() == []


def test_where_nobody_looks_it_ends_some_day(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotion, "PAUSE_SECONDS", 60.0)  # twenty minutes in twenty looks, not in hundreds
    stages.steps = [lambda: None] * 30

    with pytest.raises(Problem, match="isn't recorded there after 20 minutes"):
        stages.promote()


@pytest.mark.parametrize("code", ["ThrottlingException", "SlowDown"])
def test_that_aws_does_not_answer_for_a_moment_does_not_end_the_waiting(stages: Stages, code: str) -> None:
    world = stages.world
    world.wire.clients = (*world.wire.clients, world.access.ssm)

    def mend() -> None:
        world.answers_again("GetParameterHistory")
        record(stages.access, TAG, PROD)

    stages.steps = [lambda: world.refuses("GetParameterHistory", code), lambda: None, mend, lambda: None]

    assert stages.promote() == 0


def test_what_has_no_build_tag_is_not_promoted(stages: Stages) -> None:
    access = stages.access
    name(access, hold(access, "by-hand"), "by hand")

    with pytest.raises(Problem, match="has no build tag"):
        stages.promote()


def test_without_skopeo_it_says_what_to_install(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(Problem, match="skopeo isn't installed"):
        stages.promote()


def test_what_a_registry_refuses_is_said_in_its_words(stages: Stages, tmp_path: Path) -> None:
    (tmp_path / "skopeo").write_text('#!/bin/sh\ncat > /dev/null\necho first >&2\necho "denied: no" >&2\nexit 1\n')

    with pytest.raises(Problem, match="refused the login: denied: no"):
        stages.promote()


@pytest.mark.usefixtures("stages")
def test_a_stage_is_not_promoted_to_itself(world: World) -> None:
    with pytest.raises(Problem, match="the same stack"):
        Promotion(Asked(world.access, STACK), Asked(world.access, STACK), Terminal()).promote()
