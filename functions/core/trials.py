"""What is known of an image that was started once: what it says of itself, what the engine answered, what it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from core.programs import Program

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TAG_LABEL = "org.opencontainers.image.version"


@dataclass(frozen=True)
class Config:
    """What an image says of itself, as far as a start depends on it."""

    command: tuple[str, ...] = ()
    user: str = ""
    folder: str = "/"
    path: str = DEFAULT_PATH
    volumes: tuple[str, ...] = ()
    image_tag: str | None = None
    """The build tag that the builder gave as a label, unless a frontend left it out."""

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Self:
        """The part of `docker image inspect` that is called Config."""
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
        """The word that names what is started."""
        return self.command[0] if self.command else ""

    def places(self) -> list[str]:
        """The paths at which the engine looks for what is started, in its order."""
        if "/" in self.word:
            return [self.absolute(self.word)]
        return [self.absolute(f"{folder}/{self.word}") for folder in self.path.split(":") if self.word.strip()]

    def absolute(self, path: str) -> str:
        """A path as it is seen from the working folder."""
        return path if path.startswith("/") else f"{self.folder.rstrip('/')}/{path.removeprefix('./')}"


@dataclass(frozen=True)
class Facts:
    """What the engine answered, and what became of the container.

    The programs are what is started, and then, as long as one is a script, what its first line asks for.
    """

    config: Config = Config()
    not_created: str = ""
    """What `docker create` answered in place of making a container."""
    not_started: str = ""
    """What `docker start` answered in place of starting it."""
    no_answer: str = ""
    """What the engine answered to a question about the image or the container."""
    programs: tuple[Program, ...] = ()
    status: str = ""
    exit_code: int = 0
    seconds: float = 0
    output: str = ""
    """What the image's program printed, if it has ended."""
