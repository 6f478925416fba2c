"""The facts about an image that was started once: its configuration, the engine's answers, and its program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from core.trial.programs import Program

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TAG_LABEL = "org.opencontainers.image.version"


@dataclass(frozen=True)
class Config:
    """The part of an image's configuration that its start depends on."""

    command: tuple[str, ...] = ()
    user: str = ""
    folder: str = "/"
    path: str = DEFAULT_PATH
    volumes: tuple[str, ...] = ()
    image_tag: str | None = None
    """The build tag that the builder set as a label, unless a frontend dropped it."""

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Self:
        """The configuration from `Config` in `docker image inspect`."""
        entrypoint = config.get("Entrypoint") or []
        variables: Sequence[str] = config.get("Env") or []
        paths = [each.removeprefix("PATH=") for each in variables if each.startswith("PATH=")]
        return cls(
            command=(*([] if entrypoint == [""] else entrypoint), *(config.get("Cmd") or [])),
            user=config.get("User") or "",
            folder=config.get("WorkingDir") or "/",
            path=paths[-1] if paths else DEFAULT_PATH,
            volumes=tuple(config.get("Volumes") or ()),
            image_tag=(config.get("Labels") or {}).get(TAG_LABEL),
        )

    @property
    def word(self) -> str:
        """The word that names the program."""
        return self.command[0] if self.command else ""

    def places(self) -> list[str]:
        """The paths where the engine looks for the program, in its order."""
        if "/" in self.word:
            return [self.absolute(self.word)]
        return [self.absolute(f"{folder}/{self.word}") for folder in self.path.split(":") if self.word.strip()]

    def absolute(self, path: str) -> str:
        """A path, made absolute from the working folder."""
        return path if path.startswith("/") else f"{self.folder.rstrip('/')}/{path.removeprefix('./')}"


@dataclass(frozen=True)
class Facts:
    """The engine's answers, and how the container ended.

    The programs are the one that is started, then the interpreter of each script in turn.
    """

    config: Config = Config()
    not_created: str = ""
    """The answer of `docker create` if it created no container."""
    not_started: str = ""
    """The answer of `docker start` if it didn't start the container."""
    no_answer: str = ""
    """The engine's error when asked about the image or the container."""
    programs: tuple[Program, ...] = ()
    status: str = ""
    exit_code: int = 0
    seconds: float = 0
    output: str = ""
    """The program's output, if it has ended."""
