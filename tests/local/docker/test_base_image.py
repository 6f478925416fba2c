"""The example's base image where no registry answers; `docker` is a script that knows an image once it was built."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.docker import base_image, debian
from local.docker.locks import Lock

DOCKER = """\
case "$1 $2" in
  'image inspect') [ -e {folder}/built ] ;;
  'buildx build') echo build >> {folder}/built ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An engine without images, on a machine where Debian's packages can be unpacked."""

    def unpack(_packages: list[str], into: Path, **_: str) -> None:
        (into / "bin").mkdir(parents=True)
        (into / "bin" / "busybox").write_text("")

    program = tmp_path / "docker"
    program.write_text(f"#!{shutil.which('sh')}\n{DOCKER.format(folder=tmp_path)}")
    program.chmod(0o755)
    monkeypatch.setattr(base_image, "LOCK", Lock(tmp_path / "base-image.lock"))
    monkeypatch.setattr(debian, "installable", lambda: True)
    monkeypatch.setattr(debian, "release", lambda: "trixie")
    monkeypatch.setattr(debian, "unpack", unpack)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return {}


def test_the_base_image_is_made_once_for_all_who_ask_at_the_same_time(engine: dict[str, str], tmp_path: Path) -> None:
    with ThreadPoolExecutor() as askers:
        list(askers.map(base_image.provide, [engine] * 3))

    assert (tmp_path / "built").read_text() == "build\n"
