"""A build's secrets come from one secret in Secrets Manager and appear in no argument, variable or log."""

import json
from pathlib import Path
from typing import Any

import pytest

from builder import secrets
from tests.unit.builder.support.clients import ours
from tests.unit.builder.support.sandbox import REGISTRY, Sandbox

TOKEN = "npm_\"0€\\n\n $(id) `id` 'x' %s"  # nothing of a value has a meaning
PASSWORD = ("AWS", "123456789012-auth-token")


def given(sandbox: Sandbox, **members: object) -> None:
    sandbox.secret(json.dumps(members))


def test_a_member_is_a_secret_of_the_build(sandbox: Sandbox) -> None:
    members = {"NPM_TOKEN": TOKEN, "pip.conf-1": "[global]\r\nindex-url = x\n", "value": "", "secrets": "s"}
    members |= {"A": "x B=y\nregistry:ghcr.io=me:z", "_": "=", "a" * 100: "registry:"}  # they may look like members
    given(sandbox, **members)
    assert sandbox.run().succeeded
    assert sandbox.engine.built[0].secrets == members
    assert sandbox.engine.logins == {REGISTRY: PASSWORD}


def test_a_member_named_registry_is_a_login(sandbox: Sandbox) -> None:
    given(
        sandbox, **{"registry:ghcr.io": f"me:{TOKEN}", "registry:docker.io": "u:a:b", "registry:r.example:5000": "x:y"}
    )
    assert sandbox.run().succeeded
    assert sandbox.engine.logins == {
        REGISTRY: PASSWORD,
        "ghcr.io": ("me", TOKEN),
        "docker.io": ("u", "a:b"),
        "r.example:5000": ("x", "y"),
    }
    assert sandbox.engine.built[0].secrets == {}


@pytest.mark.parametrize("fails", [False, True])
def test_a_value_appears_in_no_command_line_and_no_log(sandbox: Sandbox, fails: bool) -> None:
    given(sandbox, **{"NPM_TOKEN": "s3cr3t-token", "registry:ghcr.io": "me:s3cr3t-password"})
    if fails:
        sandbox.engine.errors["login ghcr.io"] = "Error response from daemon: denied"
    ended = sandbox.run()
    assert ended.succeeded != fails
    assert "s3cr3t" not in ended.log
    assert "s3cr3t" not in json.dumps(sandbox.engine.calls)


@pytest.mark.parametrize("fails", [False, True])
def test_nobody_else_may_read_the_files_of_secrets_and_they_are_gone_after_the_build(
    sandbox: Sandbox, fails: bool
) -> None:
    given(sandbox, NPM_TOKEN="s3cr3t")
    assert sandbox.run("fetch").succeeded
    assert [path.read_text() for path in Path("work").rglob("NPM_TOKEN")] == ["s3cr3t"]
    assert [oct(path.stat().st_mode & 0o777) for path in (Path("work"), Path("work/secrets"))] == ["0o700", "0o700"]
    if fails:
        sandbox.build_fails("ERROR: failed\n")
    assert sandbox.run("build").succeeded != fails
    assert list(Path("work").rglob("NPM_TOKEN")) == []


def test_a_secret_that_cannot_be_read_is_not_the_uploader_s_fault(sandbox: Sandbox) -> None:
    sandbox.variables(BUILD_SECRET="build")
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert ended.sentence.startswith("The secret build cannot be read. An error occurred (ResourceNotFoundException)")


OTHER_FORMS = {
    "a text": '"s3cr3t"',
    "a list": '["s3cr3t"]',
    "a number": '{"A": 1, "B": "s3cr3t"}',
    "an object in it": '{"A": {"B": "s3cr3t"}}',
    "no name": '{"": "s3cr3t"}',
    "a space": '{"a b": "s3cr3t"}',
    "an equals sign": '{"A=B": "s3cr3t"}',
    "a registry with an equals sign": '{"registry:ghcr.io=me": "s3cr3t:a"}',
    "a pattern of files": '{"A*": "s3cr3t"}',
    "not ASCII": '{"Ä": "s3cr3t"}',
    "a zero byte": '{"A\\u0000": "s3cr3t"}',
    "too long for a file": json.dumps({"a" * 101: "s3cr3t"}),
    "a path": '{"../a": "s3cr3t"}',
    "a folder": '{"..": "s3cr3t"}',
    "another option": '{"a,src=/etc/passwd": "s3cr3t"}',
    "an option": '{"--x": "s3cr3t"}',
    "two lines": '{"a\\nb": "s3cr3t"}',
    "a line break behind": '{"a\\n": "s3cr3t"}',
    "a registry with a line break behind": '{"registry:ghcr.io\\n": "s3cr3t:a"}',
    "no user": '{"registry:ghcr.io": "s3cr3t"}',
    "an empty user": '{"registry:ghcr.io": ":s3cr3t"}',
    "an empty password": '{"registry:ghcr.io": "s3cr3t:"}',
    "no registry": '{"registry:": "s3cr3t:a"}',
    "a registry like an option": '{"registry:--help": "s3cr3t:a"}',
    "a registry with a path": '{"registry:ghcr.io/me": "s3cr3t:a"}',
    "another prefix": '{"Registry:ghcr.io": "s3cr3t:a"}',
    "half a character": '{"A": "s3cr3t\\ud800"}',
    "half a character in a login": '{"registry:ghcr.io": "me:s3cr3t\\udfff"}',
}


@pytest.mark.parametrize("text", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_an_object_of_another_form_is_not_well_formed(text: str) -> None:
    assert not secrets.is_well_formed(json.loads(text))


@pytest.mark.parametrize("content", [{"SecretString": "s3cr3t"}, {"SecretString": '{"A": 1}'}, {"SecretBinary": b"x"}])
def test_a_secret_of_another_form_is_named_without_its_content(sandbox: Sandbox, content: dict[str, Any]) -> None:
    ours("secretsmanager").create_secret(Name="build", **content)
    sandbox.variables(BUILD_SECRET="build")
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert ended.sentence.startswith("The secret build must be a JSON object of strings")
    assert "s3cr3t" not in ended.log
    assert sandbox.engine.built == []


def test_a_login_that_is_refused_is_named_by_its_registry(sandbox: Sandbox) -> None:
    given(sandbox, **{"registry:ghcr.io": "me:s3cr3t"})
    words = "Error response from daemon: Get https://ghcr.io/v2/: denied: denied"
    sandbox.engine.errors["login ghcr.io"] = words
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert ended.sentence == f"The secret build has a login that ghcr.io refuses. {words}"


# ECR Public: a login without a secret


@pytest.mark.parametrize(
    "dockerfile", ["FROM public.ecr.aws/docker/library/node:22\n", "FROM a\nCOPY --from=public.ecr.aws/x/y /a /\n"]
)
def test_a_build_with_an_image_of_ecr_public_logs_in_there(sandbox: Sandbox, dockerfile: str) -> None:
    sandbox.upload({"Dockerfile": dockerfile})
    assert sandbox.run().succeeded
    assert sandbox.engine.logins["public.ecr.aws"] == ("AWS", "the-public-password")


@pytest.mark.parametrize("refuses", ["ECR Public", "its registry"])
def test_without_that_login_the_build_goes_on(sandbox: Sandbox, refuses: str) -> None:
    sandbox.upload({"Dockerfile": "FROM public.ecr.aws/docker/library/node:22\n"})
    if refuses == "ECR Public":
        sandbox.public.heals("GetAuthorizationToken")
        sandbox.public.fails("GetAuthorizationToken", "AccessDeniedException", 400)
    else:
        sandbox.engine.errors["login public.ecr.aws"] = "Error response from daemon: denied"
    assert sandbox.run().succeeded
    assert sandbox.engine.logins.keys() == {REGISTRY}
