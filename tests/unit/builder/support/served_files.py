"""What BuildKit is given, and whether it could see anything else."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

SEEN = ("BUILDX_GIT_INFO", "GIT_DIR", "LC_ALL")


@dataclass(frozen=True)
class Built:
    """A build's options and environment, and the files that BuildKit could see."""

    options: dict[str, Any]
    environment: dict[str, str | None]
    context: Path
    dockerfile: str
    beside: list[str]
    secrets: dict[str, str]

    @classmethod
    def of(
        cls,
        options: dict[str, Any],
        env: Mapping[str, str],
        context: Path,
        dockerfile: Path,
        secrets: Mapping[str, str],
    ) -> Self:
        """A build with these options, this environment, these files, and these files of secrets."""
        read = {name: Path(path).read_bytes().decode() for name, path in secrets.items()}
        beside = sorted(path.name for path in dockerfile.parent.iterdir())
        environment = {name: env.get(name) for name in SEEN}
        return cls(options, environment, context, dockerfile.read_text("utf-8"), beside, read)

    def files(self) -> list[str]:
        """The files and links of the context."""
        paths = (path for path in self.context.rglob("*") if path.is_symlink() or not path.is_dir())
        return sorted(str(path.relative_to(self.context)) for path in paths)


def seen_too_much(dockerfile: Path, context: Path, private: Sequence[Path]) -> str:
    """Describes anything but the upload that BuildKit could see: it serves both folders whole to any frontend.

    Nothing else is in the folder that holds both, and nothing private is in it or in a folder above it. Between it and
    the context are only uploaded files: a zip may have one folder at its top, and files beside that folder.
    """
    served = (dockerfile.parent, context)
    given = Path(os.path.commonpath(served))
    if given in served or any(path != path.resolve() for path in (dockerfile, context)):
        return f"one of {served} is in the other, or a link"
    tops = {given / path.relative_to(given).parts[0] for path in served}
    between = {path for path in context.parents if path.is_relative_to(given) and path != given}
    found = {*given.iterdir(), *(each for folder in between for each in folder.iterdir()), *dockerfile.parent.iterdir()}
    expected = tops | between | {context, dockerfile, dockerfile.with_name("Dockerfile.dockerignore")}
    uploaded = {each for each in found if each.parent in between and each.name.startswith((".", "__MACOSX"))}
    if strange := found - expected - uploaded:
        return f"BuildKit could see {strange}"
    for path in private:
        folder = path.absolute().parent
        if folder.is_relative_to(given) or given.is_relative_to(folder):
            return f"{path} is near what BuildKit is given: {given}"
    return ""
