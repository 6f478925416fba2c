"""The state that each verb saves for the next, in a folder that BuildKit never sees."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path("work")  # below the folder in which CodeBuild runs each command
SECRETS = FOLDER / "secrets"  # one file per secret, with the secret's name


MOST_DOCKERFILE = 16 << 20  # bytes in one of BuildKit's messages


@dataclass
class State:
    """The build's progress. `done` is the last verb that succeeded.

    `is_over` means that the repository has the image already, so later verbs do nothing. `secrets` are the names of
    the files in `SECRETS`.
    """

    done: str = ""
    is_over: bool = False
    context: str = ""
    dockerfile: str = ""
    secrets: tuple[str, ...] = ()
    keeps_cache: bool = False

    @property
    def dockerfile_text(self) -> str:
        """The Dockerfile's text, of which no more is read than BuildKit takes."""
        with Path(self.dockerfile).open("rb") as file:
            return file.read(MOST_DOCKERFILE).decode(errors="replace")

    @classmethod
    def load(cls) -> "State":
        """Loads the state that the previous verb saved; the initial state if there is none."""
        try:
            found = json.loads(file().read_text())
        except FileNotFoundError:
            return cls()
        return cls(**{**found, "secrets": tuple(found["secrets"])})

    def save(self) -> None:
        """Saves the state for the next verb."""
        FOLDER.mkdir(mode=0o700, exist_ok=True)
        file().write_text(json.dumps(asdict(self)))


def file() -> Path:
    """The path of the saved state."""
    return FOLDER / "state.json"


def forget_secrets() -> None:
    """Deletes the secrets, which nothing needs after the build."""
    shutil.rmtree(SECRETS, ignore_errors=True)
