"""Fetches one version of an upload, unpacks it, and lays it out for BuildKit."""

import errno
import os
import shutil
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from aws import clients
from aws.s3 import UnreadableError, verdicts
from builder import state, unpacking
from builder.commands import Failed, telling
from builder.variables import Variables
from core import reasons
from core.reasons import printable
from core.zips import checks, ranged_reader, zip_reasons
from core.zips.entries import path_of

ARCHIVE = state.FOLDER / "source.zip"
PATIENT = clients.BOUNDED.merge(Config(read_timeout=60))
NO_FAULT_OF_THE_ZIP = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE}
UTF_16 = {b"\xff\xfe", b"\xfe\xff"}
IGNORE = ".dockerignore"


@dataclass(frozen=True)
class Source:
    """The two paths that BuildKit gets: the context, and a copy of the Dockerfile in its own folder."""

    context: Path
    dockerfile: Path


def fetch(asked: Variables) -> None:
    """Downloads the version that this build is for.

    Raises:
        Failed: it can't be read, whoever is at fault.
    """
    version = asked.version
    try:
        with verdicts(on_content=True), ARCHIVE.open("wb") as file:
            answer = clients.s3(PATIENT).get_object(
                Bucket=version.bucket, Key=version.key, VersionId=version.version_id
            )
            shutil.copyfileobj(answer["Body"], file, unpacking.BLOCK)
    except UnreadableError as error:
        raise Failed(zip_reasons.unreadable(telling(str(error)))) from error
    except (ClientError, BotoCoreError) as error:
        raise Failed(reasons.s3_refuses(telling(str(error)))) from error


def unpack(dockerfile: str) -> Source:
    """Unpacks the archive, if it passes StartBuild's check, and finds the source and its Dockerfile.

    Raises:
        Failed: the archive can't be built or unpacked.
    """
    given = Path(tempfile.mkdtemp()).resolve()
    tree = given / "tree"
    tree.mkdir()
    try:
        with opened() as archive:
            if reason := checks.check_entries(archive.infolist(), dockerfile):
                raise Failed(reason)
            number = unpacking.write(archive, tree)
            folder = checks.source_folder([(path, entry) for entry in archive.infolist() if (path := path_of(entry))])
    except (OSError, zlib.error, *ranged_reader.STUMBLES) as error:
        said = printable(str(error)) or type(error).__name__
        is_ours = getattr(error, "errno", None) in NO_FAULT_OF_THE_ZIP
        raise Failed(reasons.unpacking_failed(said) if is_ours else zip_reasons.not_unpacked(said)) from error
    print(f"Unpacked {number} files")
    return laid_out(tree.joinpath(*map(os.fsdecode, folder)), dockerfile, given / "dockerfile")


def opened() -> ZipFile:
    """Opens the archive.

    Raises:
        Failed: it isn't a zip.
        STUMBLES: it is damaged.
    """
    if not zipfile.is_zipfile(ARCHIVE):
        raise Failed(zip_reasons.NOT_A_ZIP)
    return ZipFile(ARCHIVE)


def laid_out(context: Path, dockerfile: str, beside: Path) -> Source:
    """Copies the Dockerfile and its ignore file into their own folder, and returns both paths.

    BuildKit serves the Dockerfile's whole folder to a frontend, and buildx reads a Dockerfile.rego beside it.

    Raises:
        Failed: the Dockerfile isn't a regular file, or is UTF-16.
    """
    original = context / dockerfile
    if not is_regular(original):
        raise Failed(zip_reasons.NOT_REGULAR)
    with original.open("rb") as file:
        if file.read(2) in UTF_16:
            raise Failed(reasons.UTF_16)
    beside.mkdir()
    copy = beside / "Dockerfile"
    shutil.copyfile(original, copy)
    if is_regular(ignore := original.with_name(original.name + IGNORE)):
        shutil.copyfile(ignore, copy.with_name(copy.name + IGNORE))
    return Source(context, copy)


def is_regular(path: Path) -> bool:
    """Whether the path is a file that is reached without links."""
    return path.is_file() and path.resolve() == path
