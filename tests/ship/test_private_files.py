"""What looks like a secret is found in what would be sent, by its name or by its content; what only looks so isn't."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ship.private_files import LARGEST, private_files
from ship.sources import Source, source_at
from tests.support.trees import write
from tests.support.zips import Link, encrypted, zipped

BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
PEM = f"-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----\n"
CERTIFICATE = f"-----BEGIN CERTIFICATE-----\n{BODY}\n-----END CERTIFICATE-----\n"
PUBLIC_KEY = f"-----BEGIN PUBLIC KEY-----\n{BODY}\n-----END PUBLIC KEY-----\n"
LOGIN = '{"auths": {"registry.example.com": {}, "https://index.docker.io/v1/": {"auth": "dXNlcjpwYXNzd29yZA=="}}}'

BY_NAME = {
    ".env": "environment variables",
    ".env.production": "environment variables",
    ".env.local": "environment variables",
    ".envrc": "environment variables",
    ".netrc": "passwords",
    ".pgpass": "passwords",
    ".htpasswd": "passwords",
    ".pypirc": "passwords",
    ".git-credentials": "passwords",
    "id_rsa": "a private key",
    "id_dsa": "a private key",
    "id_ecdsa": "a private key",
    "id_ed25519": "a private key",
    "server.p12": "a private key",
    "server.pfx": "a private key",
    "server.jks": "a private key",
    "release.keystore": "a private key",
    "terraform.tfstate": "Terraform's state",
    "terraform.tfstate.backup": "Terraform's state",
}
BY_CONTENT = {
    "server.key": (PEM, "a private key"),
    "server.pem": (CERTIFICATE + PEM, "a private key"),
    "windows.pem": (PEM.replace("\n", "\r\n"), "a private key"),
    "rsa.pem": (PEM.replace("PRIVATE", "RSA PRIVATE"), "a private key"),
    "ec.pem": (PEM.replace("PRIVATE", "EC PRIVATE"), "a private key"),
    "encrypted.pem": (PEM.replace("PRIVATE", "ENCRYPTED PRIVATE"), "a private key"),
    "old.pem": (PEM.replace("-\nM", "-\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0F\n\nM"), "a private key"),
    "deploy-key": (PEM.replace("PRIVATE", "OPENSSH PRIVATE"), "a private key"),
    "signing.asc": (PEM.replace("KEY-----\nM", "KEY BLOCK-----\nVersion: 1\n\nM"), "a private key"),
    "values.yaml": ("key: |\n" + "".join(f"  {line}\n" for line in PEM.splitlines()), "a private key"),
    "settings.toml": (f'key = "{PEM}"'.replace("\n", "\\n"), "a private key"),
    "keys.py": ("KEY = (\n" + "".join(f'    "{line}\\n"\n' for line in PEM.splitlines()) + ")\n", "a private key"),
    ".npmrc": ("//npm.example.com/:_authToken=npm_0123456789\n", "a registry's token"),
    "old/.npmrc": ("_auth = dXNlcjpwYXNzd29yZA==\n", "a registry's token"),
    "older/.npmrc": ("//registry.example.com/:_password=cGFzc3dvcmQ=\n", "a registry's token"),
    ".docker/config.json": (LOGIN, "a registry's login"),
    "token/config.json": ('{"auths": {"a": {"identitytoken": "eyJ"}}}', "a registry's login"),
    ".aws/credentials": ("[default]\naws_access_key_id = A\nAWS_SECRET_ACCESS_KEY = B\n", "AWS credentials"),
    "account.json": ('{"type": "service_account", "private_key" : "-"}', "a service account's key"),
}
HARMLESS: dict[str, str | bytes] = {
    ".env.example": "TOKEN=\n",
    ".env.sample": "TOKEN=\n",
    ".env.template": "TOKEN=\n",
    ".env.dist": "TOKEN=\n",
    "env": "",
    "environment.ts": "export const production = true\n",
    ".environment": "",
    "id_rsa.pub": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ user@example.com\n",
    "id_rsa.md": "How to make one.\n",
    "tests/ca.pem": CERTIFICATE,
    "tests/public.pem": PUBLIC_KEY,
    "README.md": "It needs `.env`, an `id_rsa`, and `_authToken=` in .npmrc.\n-----BEGIN PRIVATE KEY----- begins it:\n"
    "```\n-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n```\naws_secret_access_key is a name.\n",
    "check.py": 'if text.startswith("-----BEGIN PRIVATE KEY-----"):\n    raise TooPrivateError(text)\n',
    "check.js": "const PEM = '-----BEGIN PRIVATE KEY-----\\n' + body + '\\n-----END PRIVATE KEY-----'\n",
    ".npmrc": "registry=https://npm.example.com/\n//npm.example.com/:_authToken=${NPM_TOKEN}\n_auth=$AUTH\n",
    "config.json": '{"auth": "none", "auths": 2, "port": 80}',
    "store/config.json": '{"auths": {"https://index.docker.io/v1/": {}}, "credsStore": "desktop"}',
    "docs/credentials": "Ask for them.\n",
    "package.json": '{"name": "private", "private": true}',
    "schema.json": '{"private_key": {"type": "string"}}',
    "settings.xml": "<server/>",
    "logo.png": b"\x89PNG\r\n\x1a\n",
    "empty.key": "",
    "vendor/lib/.git": "gitdir: ../../.git/modules/lib\n",
    ".gitignore": ".env\n",
    ".github/workflows/ci.yml": "env:\n  TOKEN: ${{ secrets.TOKEN }}\n",
    "my.git/config": "[core]\n",
}


def found(source: Source) -> dict[str, str]:
    """What looks like a secret in a source, and what it seems to hold."""
    return {each.name: each.holds for each in private_files(source.files, source.read)}


def folder_with(folder: Path, files: dict[str, str | bytes]) -> Source:
    """A folder with these files and a Dockerfile, as a source."""
    return source_at(write(folder / "source", {"Dockerfile": "FROM scratch\n", **files}), "Dockerfile")


def zip_with(folder: Path, files: dict[str, str | bytes]) -> Source:
    """A zip with these files and a Dockerfile, as a source."""
    (folder / "source.zip").write_bytes(zipped({"Dockerfile": "FROM scratch\n", **files}))
    return source_at(folder / "source.zip", "Dockerfile")


sources = pytest.mark.parametrize("source_with", [folder_with, zip_with], ids=["folder", "zip"])
SourceWith = Callable[[Path, dict[str, str | bytes]], Source]


@sources
@pytest.mark.parametrize("below", ["", "app/src/"])
@pytest.mark.parametrize("name", BY_NAME)
def test_a_secret_is_found_by_its_name(source_with: SourceWith, below: str, name: str, tmp_path: Path) -> None:
    assert found(source_with(tmp_path, {f"{below}{name}": "anything"})) == {f"{below}{name}": BY_NAME[name]}


@sources
@pytest.mark.parametrize("name", BY_CONTENT)
def test_a_secret_is_found_by_its_content(source_with: SourceWith, name: str, tmp_path: Path) -> None:
    content, holds = BY_CONTENT[name]

    assert found(source_with(tmp_path, {name: content})) == {name: holds}


@sources
@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_like_one_is_not(source_with: SourceWith, name: str, tmp_path: Path) -> None:
    assert found(source_with(tmp_path, {name: HARMLESS[name]})) == {}


@sources
def test_all_are_found_in_the_order_of_names(source_with: SourceWith, tmp_path: Path) -> None:
    source = source_with(tmp_path, {"a/.env": "", "b.pem": PEM, "c.txt": "", "d/id_rsa": ""})

    assert list(found(source)) == ["a/.env", "b.pem", "d/id_rsa"]


@sources
def test_the_history_is_named_once(source_with: SourceWith, tmp_path: Path) -> None:
    names = [".git/HEAD", ".git/config", ".git/objects/ab/cd", ".git/hooks/.env", "lib/.git/HEAD", ".gitignore"]

    assert found(source_with(tmp_path, dict.fromkeys(names, ""))) == {
        ".git": "the history, and maybe logins",
        "lib/.git": "the history, and maybe logins",
    }


def test_what_is_ignored_is_not_found_since_it_is_not_sent(tmp_path: Path) -> None:
    files = {".env": "", ".git/HEAD": "", "keys/server.key": PEM, "keys/other.key": PEM}
    rules = ".env\n.git\nkeys\n!keys/other.key\n"

    assert found(folder_with(tmp_path, {**files, ".dockerignore": rules})) == {"keys/other.key": "a private key"}


def test_a_zip_is_sent_as_it_is_whatever_its_rules_ignore(tmp_path: Path) -> None:
    assert found(zip_with(tmp_path, {".env": "", ".dockerignore": ".env\n"})) == {".env": "environment variables"}


def test_a_link_has_no_content_that_would_be_sent(tmp_path: Path) -> None:
    write(tmp_path, {"server.key": PEM})

    assert found(folder_with(tmp_path, {"key": Link("../server.key"), "nowhere": Link("nowhere")})) == {}


def test_a_large_file_is_not_read() -> None:
    names = [("large.pem", LARGEST + 1), ("small.pem", LARGEST), (".env", LARGEST + 1)]
    read: list[str] = []

    def reading(name: str) -> bytes:
        read.append(name)
        return PEM.encode()

    assert [each.name for each in private_files(names, reading)] == ["small.pem", ".env"]
    assert read == ["small.pem"]


def test_a_zip_that_can_not_be_read_has_none(tmp_path: Path) -> None:
    (tmp_path / "encrypted.zip").write_bytes(encrypted())
    (tmp_path / "page.zip").write_text("<html>")

    assert found(source_at(tmp_path / "encrypted.zip", "Dockerfile")) == {}
    assert found(source_at(tmp_path / "page.zip", "Dockerfile")) == {}
