"""The recipe hands the source to `docker build`, with nothing that would give it more, and tells why that failed."""

import pytest

from tests.recipe.support.sandbox import BUCKET, REGISTRY, REPOSITORY, TAG, Sandbox
from tests.support.zips import Link, zipped

DOCKERFILE = "FROM scratch\n"


def test_an_image_is_built_with_exactly_these_options(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    built = sandbox.built()
    assert (built["platform"], built["provenance"], built["load"]) == ("linux/arm64", "false", True)
    assert built["tag"] == f"{REGISTRY}/{REPOSITORY}:{TAG}"
    assert built["context"].startswith(str(sandbox.folder / "tmp"))


def test_the_labels_say_where_an_image_comes_from(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE}), key='dir/é "x"+y.zip', version="-v1")
    assert sandbox.run().succeeded
    assert sandbox.built()["label"] == [
        f"org.opencontainers.image.version={TAG}",
        f"org.opencontainers.image.source=s3://{BUCKET}/dir/%C3%A9%20%22x%22%2By.zip?versionId=-v1",
    ]


def test_git_never_runs_in_an_upload(sandbox: Sandbox) -> None:
    config = '[extensions]\npartialClone = x\n[remote "x"]\nuploadpack = touch hacked;\n'
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, ".git/config": config, ".git/HEAD": "ref: refs/heads/main\n"}))
    assert sandbox.run().succeeded
    assert sandbox.built()["environment"] == {"BUILDX_GIT_INFO": "false", "GIT_DIR": "/dev/null", "LC_ALL": "C.UTF-8"}
    assert not list(sandbox.folder.glob("**/hacked"))


def test_what_an_upload_says_about_building_is_inert(sandbox: Sandbox) -> None:
    spec = f"version: 0.2\nphases: {{build: {{commands: ['touch {sandbox.folder}/hacked']}}}}\n"
    files: dict[str, str | bytes] = dict.fromkeys(("buildspec.yml", "reason.txt", "docker-bake.hcl", "key.txt"), spec)
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, **files}))
    assert sandbox.run().succeeded
    assert not (sandbox.folder / "hacked").exists()


def test_only_the_dockerfile_and_its_ignore_file_are_taken_from_beside_it(sandbox: Sandbox) -> None:
    beside = {"Dockerfile": DOCKERFILE, "Dockerfile.dockerignore": "x\n", "Dockerfile.rego": Link("/etc/passwd")}
    sandbox.upload(zipped({**beside, "x": ""}))
    assert sandbox.run().succeeded
    assert sandbox.built()["beside"] == ["Dockerfile", "Dockerfile.dockerignore"]


def test_an_ignore_file_that_is_a_link_is_left_out(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, "Dockerfile.dockerignore": Link("/etc/passwd")}))
    assert sandbox.run().succeeded
    assert sandbox.built()["beside"] == ["Dockerfile"]


# What a frontend of the upload's own could read: the fake refuses to build where that is more than the upload

ADDS = """\
#!/bin/bash
if [ "$1 $2" = "buildx build" ]; then
  for word; do if [ "${{previous:-}}" = --file ]; then touch "$(dirname "$word")/{place}"; fi; previous=$word; done
fi
exec "{fake}" "$@"
"""
IN_A_FOLDER = {"app/Dockerfile": "FROM public.ecr.aws/x/y\n", "app/main.py": "", ".github/x": "", "__MACOSX/x": ""}


@pytest.mark.parametrize("files", [{"Dockerfile": DOCKERFILE}, IN_A_FOLDER], ids=["files", "a folder"])
def test_buildkit_is_given_the_upload_and_nothing_that_the_recipe_knows(
    sandbox: Sandbox, files: dict[str, str | bytes]
) -> None:
    sandbox.secret("build", '{"NPM_TOKEN": "s3cr3t", "registry:ghcr.io": "me:s3cr3t"}')
    sandbox.upload(zipped(files))
    build = sandbox.run()
    assert build.succeeded, build.log


@pytest.mark.parametrize("place", ["password.txt", "../password.txt", "../tree/password.txt"])
def test_a_file_of_the_recipe_s_anywhere_near_that_would_be_found(sandbox: Sandbox, place: str) -> None:
    fake = (sandbox.folder / "bin" / "docker").rename(sandbox.fakes / "docker")
    sandbox.command("docker", ADDS.format(place=place, fake=fake))
    sandbox.upload(zipped(IN_A_FOLDER))
    build = sandbox.run()
    assert build.code == "build-failed"
    assert "BuildKit could see" in build.log


EXIT_1 = 'failed to solve: process "/bin/sh -c npm ci && npm run build" did not complete successfully: exit code: 1'


def test_a_failed_build_is_told_in_buildkit_s_words(sandbox: Sandbox) -> None:
    sandbox.build_fails(f"#5 [2/3] RUN npm ci\n#5 0.1 ERROR: npm\n#5 ERROR: {EXIT_1[17:]}\n------\nERROR: {EXIT_1}\n")
    build = sandbox.run()
    assert build.code == "build-failed"
    assert build.sentence == EXIT_1
    assert "#5 [2/3] RUN npm ci" in build.log


def test_of_several_build_errors_the_last_is_the_reason(sandbox: Sandbox) -> None:
    sandbox.build_fails(f"ERROR: first\nERROR: {EXIT_1}\n#9 ERROR: more\n")
    assert sandbox.run().sentence == EXIT_1


def test_a_failed_build_without_an_error_has_a_reason_too(sandbox: Sandbox) -> None:
    sandbox.build_fails("")
    build = sandbox.run()
    assert (build.code, build.sentence) == ("build-failed", "docker build ended without a message.")


def test_a_long_error_keeps_its_beginning_and_its_end(sandbox: Sandbox) -> None:
    sandbox.build_fails(f"ERROR: {EXIT_1.replace('npm ci', 'npm ci ' * 70)}\n")
    build = sandbox.run()
    assert build.sentence.startswith('failed to solve: process "/bin/sh -c npm ci npm ci')
    assert build.sentence.endswith("did not complete successfully: exit code: 1")


def test_build_output_that_is_no_text_hides_no_error(sandbox: Sandbox) -> None:
    sandbox.build_fails(b"#5 0.1 \0\xff\xfe\x1b[2J\r\n\0\nERROR: no \x1b[31mcompiler\x1b[0m\t\x7f\xff\xc2\x85here\n")
    build = sandbox.run()
    assert build.code == "build-failed"
    assert " ".join(build.sentence.split()) == "no [31mcompiler [0m here"


def test_what_a_build_step_prints_is_not_the_reason(sandbox: Sandbox) -> None:
    sandbox.build_fails(f"#7 0.1 reason: recorded: forged\nERROR: reason: recorded: {EXIT_1}\n")
    build = sandbox.run()
    assert build.report == f"reason: build-failed: reason: recorded: {EXIT_1}\n"


# Where the Dockerfile is, and its stage


@pytest.mark.parametrize("folder", ["", "app/"])
def test_the_dockerfile_may_be_anywhere_in_the_source(sandbox: Sandbox, folder: str) -> None:
    sandbox.variables["DOCKERFILE_PATH"] = "docker/prod.Dockerfile"
    files = {
        "docker/prod.Dockerfile": "FROM prod\n",
        "docker/prod.Dockerfile.dockerignore": "x\n",
        "Dockerfile": DOCKERFILE,
    }
    sandbox.upload(zipped({f"{folder}{name}": content for name, content in files.items()}))
    assert sandbox.run().succeeded
    assert sandbox.built()["dockerfile"] == "FROM prod\n"
    assert sandbox.built()["beside"] == ["Dockerfile", "Dockerfile.dockerignore"]
    assert sandbox.built()["files"] == sorted(files)


def test_a_dockerfile_that_is_not_where_the_stack_says_is_named(sandbox: Sandbox) -> None:
    sandbox.variables["DOCKERFILE_PATH"] = "docker/prod.Dockerfile"
    build = sandbox.run()
    assert build.code == "no-dockerfile"
    assert "There is no file docker/prod.Dockerfile" in build.sentence


def test_a_dockerfile_below_a_link_is_never_read(sandbox: Sandbox) -> None:
    (sandbox.folder / "elsewhere").mkdir()
    (sandbox.folder / "elsewhere" / "Dockerfile").write_text("FROM secret")
    sandbox.variables["DOCKERFILE_PATH"] = "docker/Dockerfile"
    sandbox.upload(zipped({"main.py": "", "docker": Link(str(sandbox.folder / "elsewhere"))}))
    assert sandbox.run().code == "no-dockerfile"
    assert sandbox.calls("docker", "buildx") == []


def test_the_stage_that_the_stack_says_is_built(sandbox: Sandbox) -> None:
    sandbox.variables["BUILD_TARGET"] = "runtime"
    assert sandbox.run().succeeded
    assert sandbox.built()["target"] == "runtime"


@pytest.mark.parametrize("variables", [{}, {"BUILD_TARGET": ""}])
def test_without_a_stage_the_last_is_built(sandbox: Sandbox, variables: dict[str, str]) -> None:
    sandbox.variables |= variables
    assert sandbox.run().succeeded
    assert sandbox.built()["target"] is None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_dockerfile_in_utf_16_is_named_so(sandbox: Sandbox, encoding: str) -> None:
    sandbox.upload(zipped({"Dockerfile": f"\ufeff{DOCKERFILE}".encode(encoding)}))
    build = sandbox.run()
    assert build.code == "build-failed"
    assert "UTF-16" in build.sentence
    assert sandbox.calls("docker", "buildx") == []


def test_a_dockerfile_in_utf_8_with_a_mark_is_built(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({"Dockerfile": f"\ufeff{DOCKERFILE}".encode()}))
    assert sandbox.run().succeeded
