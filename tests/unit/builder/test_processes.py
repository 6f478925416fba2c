"""The builder as CodeBuild runs it: a zip of the functions' code, an isolated Python, a process for each verb."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from core import build_log
from tests.support.stack import ROOT
from tests.unit.builder.support.sandbox import DOCKERFILE, TAG, Sandbox

# Knows only the commands of a build, a trial and a push.
DOCKER = """\
#!/bin/sh
echo "$*" >> "$CALLS"
case "$1 $2" in
  "buildx build")
    for word; do
      case $previous in --metadata-file) echo '{}' > "$word" ;; esac
      previous=$word
    done
    printf '#7 exporting \\303\\251\\n#7 DONE 0.1s\\n' >&2 ;;
  "create --pull") echo c0ffee ;;
  "start c0ffee") echo c0ffee ;;
  "image inspect")
    echo '[{"Config": {"Cmd": ["/app"], "Labels": {"org.opencontainers.image.version": "'"$IMAGE_TAG"'"}}}]' ;;
  "wait c0ffee") exec sleep 60 ;;
  "inspect c0ffee") echo '[{"State": {"Status": "running", "ExitCode": 0}}]' ;;
  "cp --follow-link") exit 1 ;;
  "push "*) echo pushed ;;
  "rm --force") echo c0ffee ;;
  *) echo "unknown command: $*" >&2; exit 64 ;;
esac
"""
# Unless isolated, Python would import any of these from the current folder or from a script's folder.
HOSTILE = ["json.py", "zipfile.py", "boto3.py", "core.py", "builder.py", "sitecustomize.py", "usercustomize.py"]


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of the layer, as Lambda gives it."""
    made = tmp_path_factory.mktemp("layer") / "builder.zip"
    with ZipFile(made, "w") as archive:
        for path in sorted((ROOT / "functions").rglob("*.py")):
            archive.write(path, path.relative_to(ROOT / "functions"))
    return made


@pytest.fixture
def machine(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A machine whose docker is a program, and whose current folder is more hostile than any upload could make it."""
    (sandbox.folder / "bin").mkdir()
    docker = sandbox.folder / "bin" / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    sandbox.variables(PATH=f"{docker.parent}:{os.environ['PATH']}", CALLS=str(sandbox.folder / "calls"))
    for name in HOSTILE:
        Path(name).write_text(f"open({str(sandbox.folder / 'hacked')!r}, 'w')\n")
    Path(".python-version").write_text("2.7\n")
    yield sandbox
    assert not (sandbox.folder / "hacked").exists()


def run(python: str, builder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the builder in the current folder, with variables that only an isolated Python ignores."""
    hostile = {"PYTHONPATH": str(Path.cwd()), "PYTHONSTARTUP": "json.py", "LC_ALL": "C"}
    return subprocess.run(
        [python, "-I", builder, *arguments],
        env=os.environ | hostile,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


PYTHONS = [sys.executable, *map(str, (ROOT / ".venv-oldest" / "bin").glob("python3.11"))]


@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: "this" if path == sys.executable else "oldest")
def test_the_zip_runs_isolated_from_its_current_folder(machine: Sandbox, builder: Path, python: str) -> None:
    machine.upload({"Dockerfile": DOCKERFILE, **dict.fromkeys(HOSTILE, f"open('{machine.folder}/hacked', 'w')\n")})
    assert machine.execute(["fetch"]).succeeded  # in this process, since moto is in it
    ended = [run(python, builder, verb) for verb in ("build", "try", "push")]
    assert [each.returncode for each in ended] == [0, 0, 0], ended
    assert ended[0].stdout == "Building for linux/arm64\n#7 exporting é\n#7 DONE 0.1s\n"
    assert ended[2].stdout.splitlines()[:2] == ["Pushing the image", "pushed"]
    calls = [call.split()[:2] for call in (machine.folder / "calls").read_text().splitlines()]
    assert calls[:2] == [["buildx", "build"], ["create", "--pull"]]
    assert ["push", f"{os.environ['REPOSITORY_URI']}:{TAG}"] in calls


def test_the_zip_fetches_and_prints_last_why_it_failed(machine: Sandbox, builder: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        machine.patch.delenv(name)  # without them no request is sent
    ended = run(sys.executable, builder, "fetch")
    assert ended.returncode == 1
    for_people, for_machines = ended.stdout.splitlines()[-2:]
    reason = build_log.reason_in([ended.stdout])
    assert reason
    assert (for_people, for_machines) == (str(reason), build_log.reason_line(reason))
    assert reason.code == "build-system-fault"
    assert reason.sentence.endswith("Unable to locate credentials")


def test_an_engine_whose_client_is_missing_has_a_reason(machine: Sandbox, builder: Path) -> None:
    assert machine.execute(["fetch"]).succeeded
    (machine.folder / "bin" / "docker").unlink()
    machine.patch.setenv("PATH", str(machine.folder / "bin"))
    ended = run(sys.executable, builder, "build")
    assert ended.returncode == 1
    assert "FileNotFoundError" in ended.stdout.splitlines()[-2]
