"""What looks like a secret among the files that would be sent."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

LARGEST = 256 * 1024  # bytes: keys and credentials are small
# With the beginning of the key itself or of its headers: texts and programs name the first line alone.
PRIVATE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    rb"(?:\s|\\[nr]|[\"'+,])*(?:[A-Za-z0-9+/=]{16}|[A-Z][A-Za-z-]+: )"
)
HARMLESS = ("*.example", "*.sample", "*.template", "*.dist", "*.pub")
GIT = ".git"
# By the name alone, in any folder.
NAMES = {
    ".env": "environment variables",
    ".env.*": "environment variables",
    "*.env": "environment variables",
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
    "*.p12": "a private key",
    "*.ppk": "a private key",
    "*.pfx": "a private key",
    "*.jks": "a private key",
    "*.keystore": "a private key",
    "*.tfstate": "Terraform's state",
    "*.tfstate.backup": "Terraform's state",
}
# By the name and what is in it.
CONTENTS = (
    ("*", PRIVATE_KEY, "a private key"),
    (
        "*",
        re.compile(rb"aws_secret_access_key[\"']?\s*[=:]\s*[\"']?[A-Za-z0-9/+]{16}", re.IGNORECASE),
        "AWS credentials",
    ),
    ("*", re.compile(rb"^\s*client-key-data:\s*[A-Za-z0-9+/=]{16}", re.MULTILINE), "a cluster's key"),
    (".npmrc", re.compile(rb"_auth(?:Token)?\s*=\s*[^$\s]|_password\s*=\s*[^$\s]"), "a registry's token"),
    (
        "config.json",
        re.compile(rb'"auths"\s*:.*"(?:auth|password|identitytoken)"\s*:\s*"[^"]', re.DOTALL),
        "a registry's login",
    ),
    ("credentials", re.compile(rb"(?i:aws_secret_access_key)"), "AWS credentials"),
    ("*.json", re.compile(rb'"private_key"\s*:\s*"'), "a service account's key"),
)


@dataclass(frozen=True)
class PrivateFile:
    """A file, or the folder `.git`, that looks like a secret, by its name, and what it seems to hold."""

    name: str
    holds: str


def private_files(names: Iterable[tuple[str, int]], read: Callable[[str], bytes]) -> list[PrivateFile]:
    """What looks like a secret, each folder `.git` once.

    Args:
        names: the names of the files, with slashes, and their sizes in bytes.
        read: gives the content of a file.
    """
    found: dict[str, PrivateFile] = {}
    for name, size in names:
        folders, _, last = name.rpartition("/")
        parts = folders.split("/")
        if GIT in parts:
            folder = "/".join(parts[: parts.index(GIT) + 1])
            found[folder] = PrivateFile(folder, "the history, and maybe logins")
        elif holds := by_name(last) or (by_content(last, read(name)) if size <= LARGEST else None):
            found[name] = PrivateFile(name, holds)
    return list(found.values())


def by_name(name: str) -> str | None:
    """What a file of this name holds, if that is secret whatever it is."""
    if any(fnmatchcase(name, pattern) for pattern in HARMLESS):
        return None
    return next((holds for pattern, holds in NAMES.items() if fnmatchcase(name, pattern)), None)


def by_content(name: str, content: bytes) -> str | None:
    """What of this content is secret."""
    rules = ((pattern, holds) for names, pattern, holds in CONTENTS if fnmatchcase(name, names))
    return next((holds for pattern, holds in rules if pattern.search(content)), None)
