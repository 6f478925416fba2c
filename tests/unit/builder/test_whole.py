"""A build from end to end: its output, its requests, and builds that end early."""

import re
from threading import Barrier

import pytest

from builder import build, source
from tests.unit.builder.support.sandbox import DOCKERFILE, REGISTRY, REPOSITORY, TAG, VERBS, Sandbox

IMAGE = f"{REGISTRY}/{REPOSITORY}:{TAG}"
CACHE = f"type=registry,ref={REGISTRY}/{REPOSITORY}:buildcache"


def test_an_upload_becomes_a_tagged_image_in_three_requests_and_eleven_starts_of_docker(sandbox: Sandbox) -> None:
    sandbox.tag("latest")
    sandbox.upload({"Dockerfile": DOCKERFILE, "src/main.py": "print()\n"})
    ended = sandbox.run()
    assert ended.codes == [0, 0, 0, 0]
    assert sorted(sandbox.tags()) == [TAG, "latest"]
    printed = re.compile(r"#|The push refers to|build-.*: digest: ")
    assert [line for line in ended.log.splitlines() if not printed.match(line)] == [
        'Fetching "app.zip", version ' + sandbox.aws.of("GetObject")[0]["VersionId"],
        "Unpacked 2 files",
        "Building for linux/arm64",
        "Starting the image for a moment",
        "Pushing the image",
        f"Pushed {IMAGE}",
    ]
    assert sorted(sandbox.aws.operations) == ["BatchGetImage", "GetAuthorizationToken", "GetObject"]
    assert sandbox.public.operations == []
    asked = [call[1] for call in sandbox.engine.calls]
    assert asked[:4] == ["info", "login", "buildx", "create"]
    assert sorted(asked[4:6]) == ["image", "start"]
    assert sorted(asked[6:8]) == ["cp", "wait"]
    assert asked[8:] == ["inspect", "rm", "push"], "the tag is pushed last"
    assert sandbox.engine.asked("push") == [["docker", "push", IMAGE]]
    options = sandbox.engine.built[0].options
    assert options["target"] is None
    assert options["cache-from"] == CACHE
    assert options["cache-to"] == f"{CACHE},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true"


def test_an_upload_that_has_its_image_is_not_built_again(sandbox: Sandbox) -> None:
    sandbox.tag(TAG)
    ended = sandbox.run()
    assert ended.codes == [0, 0, 0, 0]
    assert ended.log.endswith(f"{TAG} is in the repository already: nothing to build.\n")
    assert [call[1] for call in sandbox.engine.calls] == ["info", "login"]


def test_if_ecr_does_not_say_whether_the_tag_exists_the_upload_is_built(sandbox: Sandbox) -> None:
    sandbox.aws.fails("BatchGetImage", "ThrottlingException", 400)
    assert sandbox.run().succeeded


def test_each_verb_can_run_on_its_own(sandbox: Sandbox) -> None:
    for verb in VERBS:
        assert sandbox.run(verb).codes == [0]
    assert sandbox.tags() == [TAG]


def test_verbs_of_one_command_run_in_order(sandbox: Sandbox) -> None:
    assert build.main(["fetch", "build", "try"]) == 0
    assert sandbox.tags() == []
    assert build.main(["push"]) == 0
    assert sandbox.tags() == [TAG]


def test_after_a_verb_that_fails_the_next_of_its_command_does_not_run(sandbox: Sandbox) -> None:
    sandbox.build_fails("ERROR: failed to solve\n")
    assert build.main(["fetch", "build", "try"]) == 1
    assert "Starting the image" not in sandbox.printed.readouterr().out
    assert build.main(["push"]) == 2
    assert sandbox.tags() == []


def test_a_source_can_be_fetched_again_after_a_build_ended(sandbox: Sandbox) -> None:
    sandbox.upload({"main.py": ""})
    assert sandbox.run("fetch").code == "no-dockerfile"
    sandbox.upload({"Dockerfile": DOCKERFILE})
    assert sandbox.run().succeeded


@pytest.mark.parametrize("verb", VERBS[1:])
def test_a_verb_before_its_turn_does_nothing_and_gives_no_reason(sandbox: Sandbox, verb: str) -> None:
    ended = sandbox.execute([verb])
    assert ended.codes == [2]
    assert ended.log == f"Nothing to {verb}: {VERBS[VERBS.index(verb) - 1]} has to succeed first.\n"
    assert sandbox.engine.calls == []


@pytest.mark.parametrize("arguments", [[], ["fetch", "deploy"], ["--help"], ["deploy"]])
def test_an_unknown_verb_lists_the_verbs(sandbox: Sandbox, arguments: list[str]) -> None:
    assert build.main(arguments) == 2
    assert sandbox.printed.readouterr().out == "Name verbs: fetch, build, try, push.\n"


# Failures that are nobody's fault


NEEDED = ("SOURCE_BUCKET", "SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG", "DOCKERFILE_PATH", "REPOSITORY_URI")


@pytest.mark.parametrize(
    ("variable", "value"),
    [*((name, None) for name in NEEDED), *(("SOURCE_KEY", key) for key in ("app.zip", "7", '["app.zip"]'))],
)
def test_a_build_without_one_of_its_variables_fails_with_a_reason(
    sandbox: Sandbox, variable: str, value: str | None
) -> None:
    if value is None:
        sandbox.patch.delenv(variable)
    else:
        sandbox.variables(**{variable: value})  # no JSON string
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert value or variable in ended.sentence
    assert sandbox.engine.calls == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_bug_in_the_builder_is_no_fault_of_the_upload(sandbox: Sandbox, verb: str) -> None:
    def fails(*_: object) -> None:
        raise LookupError("a bug")

    sandbox.patch.setitem(build.VERBS, verb, fails)
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert ended.sentence.endswith("LookupError: a bug")
    assert "Traceback (most recent call last):" in ended.log
    assert "in fails\n" in ended.log


def test_a_build_without_a_working_folder_fails_with_a_reason(sandbox: Sandbox) -> None:
    (sandbox.folder / "source" / "work").touch()
    ended = sandbox.execute()
    assert ended.code == "build-system-fault"
    assert sandbox.engine.calls == []


def test_a_broken_state_fails_the_next_verb_with_a_reason(sandbox: Sandbox) -> None:
    assert sandbox.run("fetch").succeeded
    (sandbox.folder / "source" / "work" / "state.json").write_text("{")
    assert sandbox.run("build").code == "build-system-fault"


# Waits and requests


def test_independent_parts_of_fetching_run_at_the_same_time(sandbox: Sandbox) -> None:
    sandbox.secret('{"NPM_TOKEN": "x"}')
    all_at_once = Barrier(5)  # each waits for the others
    sandbox.engine.meanwhile["info"] = lambda: all_at_once.wait(30)
    for operation in ("GetObject", "GetAuthorizationToken", "BatchGetImage", "GetSecretValue"):
        sandbox.aws.before(operation, lambda: all_at_once.wait(30))
    assert sandbox.run("fetch").succeeded


def test_the_engine_is_logged_in_while_the_source_is_unpacked(sandbox: Sandbox) -> None:
    both = Barrier(2)
    unpack = source.unpack

    def unpacks(path: str) -> source.Source:
        found = unpack(path)
        both.wait(30)
        return found

    sandbox.patch.setattr(source, "unpack", unpacks)
    sandbox.engine.meanwhile["login"] = lambda: both.wait(30)
    assert sandbox.run("fetch").succeeded


def test_a_secret_and_an_ecr_public_image_each_need_one_more_request(sandbox: Sandbox) -> None:
    sandbox.secret("{}")
    sandbox.upload({"Dockerfile": "FROM public.ecr.aws/docker/library/node:22\n"})
    assert sandbox.run().succeeded
    assert len(sandbox.aws.operations) == 4
    assert sandbox.public.operations == ["GetAuthorizationToken"]
