"""The Dockerfile may be anywhere in the source, and is no link."""

import pytest

from builder import state
from tests.support.zips import Link
from tests.unit.builder.support.sandbox import DOCKERFILE, Sandbox


@pytest.mark.parametrize("folder", ["", "app/"])
def test_the_dockerfile_may_be_anywhere_in_the_source(sandbox: Sandbox, folder: str) -> None:
    sandbox.variables(DOCKERFILE_PATH="docker/prod.Dockerfile")
    files = {
        "docker/prod.Dockerfile": "FROM prod\n",
        "docker/prod.Dockerfile.dockerignore": "x\n",
        "Dockerfile": DOCKERFILE,
    }
    sandbox.upload({f"{folder}{name}": content for name, content in files.items()})
    assert sandbox.run().succeeded
    (built,) = sandbox.engine.built
    assert built.dockerfile == "FROM prod\n"
    assert built.beside == ["Dockerfile", "Dockerfile.dockerignore"]
    assert built.files() == sorted(files)


@pytest.mark.parametrize(
    ("ignore", "beside"), [("x\n", ["Dockerfile", "Dockerfile.dockerignore"]), (Link("/etc/passwd"), ["Dockerfile"])]
)
def test_only_the_dockerfile_and_its_ignore_file_are_copied_and_no_link(
    sandbox: Sandbox, ignore: str, beside: list[str]
) -> None:
    others = {"Dockerfile.rego": Link("/etc/passwd"), ".dockerignore": "y\n"}
    sandbox.upload({"Dockerfile": DOCKERFILE, "Dockerfile.dockerignore": ignore, **others})
    assert sandbox.run().succeeded
    assert sandbox.engine.built[0].beside == beside


def test_a_dockerfile_missing_at_the_stack_s_path_is_named(sandbox: Sandbox) -> None:
    sandbox.variables(DOCKERFILE_PATH="docker/prod.Dockerfile")
    ended = sandbox.run()
    assert ended.code == "no-dockerfile"
    assert "There is no file docker/prod.Dockerfile" in ended.sentence


def test_a_dockerfile_below_a_link_is_never_read(sandbox: Sandbox) -> None:
    (sandbox.folder / "elsewhere").mkdir()
    (sandbox.folder / "elsewhere" / "Dockerfile").write_text("FROM secret")
    sandbox.variables(DOCKERFILE_PATH="docker/Dockerfile")
    sandbox.upload({"main.py": "", "docker": Link(str(sandbox.folder / "elsewhere"))})
    assert sandbox.run().code == "no-dockerfile"
    assert sandbox.engine.built == []


@pytest.mark.parametrize("target", ["absolute", "real"])
def test_a_dockerfile_that_is_a_link_is_never_read(sandbox: Sandbox, target: str) -> None:
    (sandbox.folder / "secret").write_text("SECRET")
    link = Link(str(sandbox.folder / "secret") if target == "absolute" else "real")
    sandbox.upload({"Dockerfile": link, "real": "FROM scratch # SECRET\n"})
    ended = sandbox.run()
    assert ended.code == "no-dockerfile"
    assert "SECRET" not in ended.log


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_dockerfile_in_utf_16_is_refused(sandbox: Sandbox, encoding: str) -> None:
    sandbox.upload({"Dockerfile": f"\ufeff{DOCKERFILE}".encode(encoding)})
    ended = sandbox.run()
    assert ended.code == "build-failed"
    assert "UTF-16" in ended.sentence
    assert sandbox.engine.built == []


def test_of_a_dockerfile_no_more_is_read_than_buildkit_takes(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MOST_DOCKERFILE", 20)
    sandbox.upload({"Dockerfile": f"FROM scratch\n{'# ' * 99}public.ecr.aws\n"})
    assert sandbox.run().succeeded
    assert sandbox.public.operations == []
