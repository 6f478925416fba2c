"""A build's secrets come from one secret of Secrets Manager, and stand in no argument, no variable and no log."""

import json

import pytest

from tests.recipe.support.sandbox import REGISTRY, Sandbox
from tests.support.zips import zipped

TOKEN = "npm_\"0€\\n\n $(id) `id` 'x' %s"  # nothing of a value has a meaning


def given(sandbox: Sandbox, **members: object) -> None:
    sandbox.secret("build", json.dumps(members))


def test_a_member_is_a_secret_of_the_build(sandbox: Sandbox) -> None:
    given(sandbox, NPM_TOKEN=TOKEN, **{"pip.conf-1": "[global]\nindex-url = x\n", "value": "", "secrets": "s"})
    assert sandbox.run().succeeded
    assert sandbox.built()["secrets"] == {
        "id=NPM_TOKEN": TOKEN,
        "id=pip.conf-1": "[global]\nindex-url = x\n",
        "id=secrets": "s",
        "id=value": "",
    }


def test_a_member_that_is_named_so_is_a_login(sandbox: Sandbox) -> None:
    given(
        sandbox, **{"registry:ghcr.io": f"me:{TOKEN}", "registry:docker.io": "u:a:b", "registry:r.example:5000": "x:y"}
    )
    assert sandbox.run().succeeded
    assert sandbox.logins() == {
        REGISTRY: ["AWS", "the-password\n"],
        "ghcr.io": ["me", TOKEN],
        "docker.io": ["u", "a:b"],
        "r.example:5000": ["x", "y"],
    }
    assert sandbox.built()["secrets"] == {}


def test_a_value_may_look_like_members(sandbox: Sandbox) -> None:
    given(sandbox, A="x B=y\nregistry:ghcr.io=me:z", _="=", **{"a" * 100: "registry:"})
    assert sandbox.run().succeeded
    assert sandbox.built()["secrets"] == {
        "id=A": "x B=y\nregistry:ghcr.io=me:z",
        "id=_": "=",
        f"id={'a' * 100}": "registry:",
    }
    assert sandbox.logins().keys() == {REGISTRY}


@pytest.mark.parametrize("fails", [False, True])
def test_a_value_is_in_no_command_line_and_no_log(sandbox: Sandbox, fails: bool) -> None:
    given(sandbox, **{"NPM_TOKEN": "s3cr3t-token", "registry:ghcr.io": "me:s3cr3t-password"})
    if fails:
        sandbox.errors["login ghcr.io"] = "Error response from daemon: denied"
    build = sandbox.run()
    assert build.succeeded != fails
    assert "s3cr3t" not in build.log
    assert "s3cr3t" not in json.dumps(sandbox.calls())
    assert "s3cr3t" not in json.dumps(sandbox.built() | {"secrets": 0} if not fails else {})


def test_without_a_secret_none_is_asked_for(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    assert sandbox.calls("aws", "secretsmanager") == []
    assert sandbox.built()["secret"] is None


def test_a_secret_that_cannot_be_read_is_not_the_uploader_s_fault(sandbox: Sandbox) -> None:
    given(sandbox, NPM_TOKEN=TOKEN)
    sandbox.errors["get-secret-value"] = (
        "An error occurred (ResourceNotFoundException) when calling it: No such secret."
    )
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence == f"The secret build cannot be read. {sandbox.errors['get-secret-value']}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("s3cr3t", id="no JSON"),
        pytest.param('"s3cr3t"', id="a text"),
        pytest.param('["s3cr3t"]', id="a list"),
        pytest.param('{"A": 1, "B": "s3cr3t"}', id="a number"),
        pytest.param('{"A": {"B": "s3cr3t"}}', id="an object in it"),
        pytest.param('{"": "s3cr3t"}', id="no name"),
        pytest.param('{"a b": "s3cr3t"}', id="a space"),
        pytest.param('{"A=x B": "s3cr3t"}', id="a space behind what a name could be"),
        pytest.param('{"A=B": "s3cr3t"}', id="an equals sign"),
        pytest.param('{"registry:ghcr.io=me:x B": "s3cr3t:a"}', id="a space behind what a login could be"),
        pytest.param('{"registry:ghcr.io=me": "s3cr3t:a"}', id="a registry with an equals sign"),
        pytest.param('{"A*": "s3cr3t"}', id="a pattern of files"),
        pytest.param('{"Ä": "s3cr3t"}', id="not ASCII"),
        pytest.param('{"A\\u0000": "s3cr3t"}', id="a zero byte"),
        pytest.param(json.dumps({"a" * 101: "s3cr3t"}), id="too long for a file"),
        pytest.param('{"../a": "s3cr3t"}', id="a path"),
        pytest.param('{"..": "s3cr3t"}', id="a folder"),
        pytest.param('{"a,src=/etc/passwd": "s3cr3t"}', id="another option"),
        pytest.param('{"--x": "s3cr3t"}', id="an option"),
        pytest.param('{"a\\nb": "s3cr3t"}', id="two lines"),
        pytest.param('{"a\\n": "s3cr3t"}', id="a line break behind"),
        pytest.param('{"\\na": "s3cr3t"}', id="a line break before"),
        pytest.param('{"registry:ghcr.io\\n": "s3cr3t:a"}', id="a registry with a line break behind"),
        pytest.param('{"registry:ghcr.io": "s3cr3t"}', id="no user"),
        pytest.param('{"registry:ghcr.io": ":s3cr3t"}', id="an empty user"),
        pytest.param('{"registry:ghcr.io": "s3cr3t:"}', id="an empty password"),
        pytest.param('{"registry:": "s3cr3t:a"}', id="no registry"),
        pytest.param('{"registry:--help": "s3cr3t:a"}', id="a registry like an option"),
        pytest.param('{"registry:a b": "s3cr3t:a"}', id="a registry with a space"),
        pytest.param('{"registry:ghcr.io/me": "s3cr3t:a"}', id="a registry with a path"),
        pytest.param('{"Registry:ghcr.io": "s3cr3t:a"}', id="another prefix"),
        pytest.param("None", id="binary, as the AWS CLI prints it"),
    ],
)
def test_a_secret_of_another_form_is_named_without_its_content(sandbox: Sandbox, text: str) -> None:
    sandbox.secret("build", text)
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence.startswith("The secret build has to be a JSON object of texts")
    assert "s3cr3t" not in build.log
    assert sandbox.calls("docker", "buildx", "build") == []


def test_a_login_that_is_refused_is_named_by_its_registry(sandbox: Sandbox) -> None:
    given(sandbox, **{"registry:ghcr.io": "me:s3cr3t"})
    sandbox.errors["login ghcr.io"] = "Error response from daemon: Get https://ghcr.io/v2/: denied: denied"
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence == f"The secret build has a login that ghcr.io refuses. {sandbox.errors['login ghcr.io']}"


# ECR Public: a login without a secret


@pytest.mark.parametrize(
    "dockerfile", ["FROM public.ecr.aws/docker/library/node:22\n", "FROM a\nCOPY --from=public.ecr.aws/x/y /a /\n"]
)
def test_a_build_with_an_image_of_ecr_public_logs_in_there(sandbox: Sandbox, dockerfile: str) -> None:
    sandbox.upload(zipped({"Dockerfile": dockerfile}))
    assert sandbox.run().succeeded
    assert sandbox.logins()["public.ecr.aws"] == ["AWS", "the-public-password\n"]


@pytest.mark.parametrize("refused", ["ecr-public get-login-password", "login public.ecr.aws"])
def test_without_that_login_the_build_goes_on(sandbox: Sandbox, refused: str) -> None:
    sandbox.upload(zipped({"Dockerfile": "FROM public.ecr.aws/docker/library/node:22\n"}))
    sandbox.errors[refused] = "An error occurred (AccessDeniedException)."
    assert sandbox.run().succeeded
    assert sandbox.logins().keys() == {REGISTRY}


def test_other_builds_do_not_ask_for_it(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    assert sandbox.calls("aws", "ecr-public") == []
