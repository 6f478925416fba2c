"""What one verb leaves for the next, in a folder of the build's own that BuildKit never sees."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path("work")  # below the folder in which CodeBuild runs each command
SECRETS = FOLDER / "secrets"  # a file for each secret of the build, by its name


MOST_DOCKERFILE = 16 << 20  # bytes in one of BuildKit's messages


@dataclass
class State:
    """Where the build is: after the verb `done`.

    `is_over` says that nothing is left to do: the image is there already. `context` and `dockerfile` are paths below
    the folder that BuildKit is given, `secrets` the names of the files in the folder of that name.
    """

    done: str = ""
    is_over: bool = False
    context: str = ""
    dockerfile: str = ""
    secrets: tuple[str, ...] = ()
    keeps_cache: bool = False
    container: str = ""

    @property
    def dockerfile_text(self) -> str:
        """The Dockerfile's text, of which no more is read than BuildKit takes."""
        with Path(self.dockerfile).open("rb") as file:
            return file.read(MOST_DOCKERFILE).decode(errors="replace")

    @classmethod
    def load(cls) -> "State":
        """What the verb before has left; the beginning if there was none."""
        try:
            found = json.loads(file().read_text())
        except FileNotFoundError:
            return cls()
        return cls(**{**found, "secrets": tuple(found["secrets"])})

    def save(self) -> None:
        """Leaves it for the next verb."""
        FOLDER.mkdir(mode=0o700, exist_ok=True)
        file().write_text(json.dumps(asdict(self)))


def file() -> Path:
    """Where it is kept."""
    return FOLDER / "state.json"


def forget_secrets() -> None:
    """Removes the secrets: after the build nothing needs them."""
    shutil.rmtree(SECRETS, ignore_errors=True)
