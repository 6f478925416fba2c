"""Makes source zips."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from local.progress import UserError


def zip_of(source: Path) -> bytes:
    """The zip of a folder, or a file's own bytes.

    Raises:
        UserError: there is no such file or folder.
    """
    if source.is_file():
        return source.read_bytes()
    if not source.is_dir():
        raise UserError(f"There is no file or folder {source}.")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(source))
    return packed.getvalue()


def zip_with(files: Mapping[str, str | bytes]) -> bytes:
    """A zip with these files by name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()
