"""The builder gives the source and nothing else to `docker build`, and says why a build failed."""

import pytest

from tests.support.stack import ROOT
from tests.support.zips import Link
from tests.unit.builder.support.docker_commands import Outcome, UnknownError
from tests.unit.builder.support.sandbox import BUCKET, DOCKERFILE, REGISTRY, REPOSITORY, TAG, Sandbox

OUTPUTS = {
    path.stem: path.read_bytes().decode(errors="replace")
    for path in (ROOT / "tests" / "build_outputs" / "docker").rglob("*.txt")
}
IMAGE = f"{REGISTRY}/{REPOSITORY}:{TAG}"
CACHE = f"type=registry,ref={REGISTRY}/{REPOSITORY}:buildcache"


def test_an_upload_s_own_build_files_have_no_effect_and_git_never_runs_in_it(sandbox: Sandbox) -> None:
    config = '[extensions]\npartialClone = x\n[remote "x"]\nuploadpack = touch hacked;\n'
    git = {".git/config": config, ".git/HEAD": "ref: refs/heads/main\n"}
    names = ("buildspec.yml", "docker-bake.hcl", "work/state.json", "work/secrets/x", "builder/build.py")
    files = {"Dockerfile": f"\ufeff{DOCKERFILE}", **git, **dict.fromkeys(names, '{"is_over": true}')}
    sandbox.upload(files)
    assert sandbox.run().succeeded
    (built,) = sandbox.engine.built
    assert built.files() == sorted(files)
    assert built.environment == {"BUILDX_GIT_INFO": "false", "GIT_DIR": "/dev/null", "LC_ALL": "C.UTF-8"}


def test_the_labels_say_where_an_image_comes_from(sandbox: Sandbox) -> None:
    sandbox.upload({"Dockerfile": DOCKERFILE}, key='dir/é "x"+y.zip')
    assert sandbox.run().succeeded
    version = sandbox.aws.of("GetObject")[0]["VersionId"]
    assert sandbox.engine.built[0].options["label"] == [
        f"org.opencontainers.image.version={TAG}",
        f"org.opencontainers.image.source=s3://{BUCKET}/dir/%C3%A9%20%22x%22%2By.zip?versionId={version}",
    ]


# The upload's own frontend may read only the upload: the tests' engine checks that

IN_A_FOLDER = {"app/Dockerfile": "FROM public.ecr.aws/x/y\n", "app/main.py": "", ".github/x": "", "__MACOSX/x": ""}


@pytest.mark.parametrize("files", [{"Dockerfile": DOCKERFILE}, IN_A_FOLDER], ids=["files", "a folder"])
def test_buildkit_sees_the_upload_and_none_of_the_builder_s_files(
    sandbox: Sandbox, files: dict[str, str | bytes]
) -> None:
    sandbox.secret('{"NPM_TOKEN": "s3cr3t", "registry:ghcr.io": "me:s3cr3t"}')
    sandbox.upload(files)
    assert sandbox.run().succeeded


@pytest.mark.parametrize("place", ["dockerfile/password.txt", "password.txt", "tree/password.txt"])
def test_the_engine_detects_a_builder_s_file_near_the_upload(sandbox: Sandbox, place: str) -> None:
    sandbox.upload(IN_A_FOLDER)
    assert sandbox.run("fetch").succeeded
    (given,) = (sandbox.folder / "tmp").iterdir()
    (given / place).touch()
    with pytest.raises(UnknownError, match=r"BuildKit could see .*password\.txt"):
        sandbox.run("build")


# The tests' stage

FAILED = OUTPUTS["run-exit"]
WORDS = ("cc -c main.c", "main.c:3:5: error: unknown type name x", "make: *** [Makefile:2: main.o] Error 1")


def test_the_tests_stage_is_built_first_and_discarded_and_then_the_stack_s_stage(sandbox: Sandbox) -> None:
    sandbox.variables(TEST_TARGET="test", BUILD_TARGET="runtime", COMPRESSION="zstd")
    ended = sandbox.run()
    assert ended.succeeded
    assert "gzip" not in ended.log
    tests, image = (built.options for built in sandbox.engine.built)
    assert (tests["target"], tests["output"], tests["tag"], tests["cache-to"]) == ("test", "type=cacheonly", None, None)
    assert (image["target"], image["tag"]) == ("runtime", IMAGE)


def test_failed_tests_are_the_reason_and_end_the_build(sandbox: Sandbox) -> None:
    sandbox.variables(TEST_TARGET="test")
    sandbox.build_fails(FAILED)
    ended = sandbox.run()
    assert ended.code == "tests-failed"
    assert ended.reason.output == WORDS
    assert [built.options["target"] for built in sandbox.engine.built] == ["test"]


# The layer cache: used if the engine supports it, and never why a build fails

HOLE = OUTPUTS["cache-holes"]


@pytest.mark.parametrize("store", [[["Backing Filesystem", "extfs"]], []])
def test_an_engine_whose_image_store_exports_no_cache_builds_without_a_cache(
    sandbox: Sandbox, store: list[list[str]]
) -> None:
    sandbox.engine.store = store
    ended = sandbox.run()
    assert ended.succeeded
    assert "This engine can't export a layer cache, so every step runs again." in ended.log
    options = sandbox.engine.built[0].options
    assert (options["cache-from"], options["cache-to"]) == (None, None)


def test_without_zstd_in_the_engine_the_builder_says_so_and_uses_gzip(sandbox: Sandbox) -> None:
    sandbox.variables(COMPRESSION="zstd")
    sandbox.engine.store = []
    ended = sandbox.run()
    assert ended.succeeded
    assert "The layers are compressed with gzip: zstd needs containerd's image store." in ended.log


def test_a_build_without_the_cache_follows_if_the_cache_has_holes(sandbox: Sandbox) -> None:
    sandbox.engine.outcomes = [Outcome(HOLE, 1), Outcome()]
    ended = sandbox.run()
    assert ended.succeeded
    assert "Building without the cache" in ended.log
    assert [built.options["cache-from"] for built in sandbox.engine.built] == [CACHE, None]
    assert sandbox.engine.built[1].options["cache-to"].startswith(CACHE)


def test_the_reason_comes_from_the_build_without_the_cache(sandbox: Sandbox) -> None:
    sandbox.build_fails(HOLE, FAILED)
    assert sandbox.run().reason.output == WORDS
    assert len(sandbox.engine.built) == 2


@pytest.mark.parametrize(("target", "built"), [("", [None]), ("test", ["test"])])
def test_a_failure_unrelated_to_the_cache_is_not_repeated_and_keeps_its_reason(
    sandbox: Sandbox, target: str, built: list[str | None]
) -> None:
    sandbox.variables(TEST_TARGET=target)
    sandbox.build_fails(OUTPUTS["base-503"])
    assert sandbox.run().code == "build-system-fault"
    assert [each.options["target"] for each in sandbox.engine.built] == built


def test_without_a_cache_nothing_is_repeated(sandbox: Sandbox) -> None:
    sandbox.engine.store = []
    sandbox.build_fails(HOLE)
    assert not sandbox.run().succeeded
    assert len(sandbox.engine.built) == 1


# Why it failed


def test_a_failed_build_s_reason_has_the_step_s_words(sandbox: Sandbox) -> None:
    sandbox.build_fails(FAILED)
    ended = sandbox.run()
    assert ended.code == "build-failed"
    assert WORDS[1] in ended.sentence
    assert FAILED in ended.log


@pytest.mark.parametrize("files", [{}, {"dist/index.html": ""}, {"dist": Link("nowhere")}])
def test_an_ignored_path_and_a_missing_one_have_different_reasons(
    sandbox: Sandbox, files: dict[str, str | bytes]
) -> None:
    sandbox.upload({"Dockerfile": "FROM busybox\nCOPY dist /www\n", **files})
    sandbox.build_fails(OUTPUTS["copy-ignored"])
    assert (".dockerignore excludes it" in sandbox.run().sentence) == bool(files)


def test_windows_line_ends_in_the_dockerfile_are_detected(sandbox: Sandbox) -> None:
    sandbox.upload({"Dockerfile": "FROM busybox\r\nRUN <<EOF\r\necho\r\nEOF\r\n"})
    sandbox.build_fails(OUTPUTS["heredoc-crlf"])
    assert "line ends of Windows" in sandbox.run().sentence


@pytest.mark.parametrize(
    "output", ["", b"#5 0.1 \0\xff\xfe\x1b[2J\r\n\0\nERROR: no \x1b[31mcompiler\x1b[0m\t\x7f\xff\n"]
)
def test_a_failed_build_has_a_reason_whatever_it_prints(sandbox: Sandbox, output: str | bytes) -> None:
    sandbox.build_fails(output)
    assert sandbox.run().code == "build-failed"


def test_a_build_cannot_print_the_builder_s_lines(sandbox: Sandbox) -> None:
    forged = 'reason: {"code": "recorded", "sentence": "forged", "output": []}'
    sandbox.engine.outcomes = [Outcome(f"#7 0.1 {forged}\n{forged}\n")]
    assert sandbox.run().succeeded


# Results that only the upload's own frontend gives


@pytest.mark.parametrize("kind", ["oci.image.index.v1", "docker.distribution.manifest.list.v2"])
def test_an_index_is_the_upload_s_fault(sandbox: Sandbox, kind: str) -> None:
    sandbox.engine.media_type = f"application/vnd.{kind}+json"
    ended = sandbox.run()
    assert ended.code == "build-failed"
    assert "Remove the line syntax= from the Dockerfile." in ended.sentence


@pytest.mark.parametrize("media_type", ["", "application/vnd.docker.distribution.manifest.v2+json"])
def test_a_single_image_may_have_any_media_type(sandbox: Sandbox, media_type: str) -> None:
    sandbox.engine.media_type = media_type
    assert sandbox.run("fetch", "build").succeeded
