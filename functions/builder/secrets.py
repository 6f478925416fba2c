"""Reads BuildSecret, a JSON object in Secrets Manager: secrets for the build and registry logins."""

import json
import re

from botocore.exceptions import BotoCoreError, ClientError

from aws import clients
from builder import registry, state
from builder.commands import Failed, telling, why
from core import reasons

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
REGISTRY = "registry:"
HOST = re.compile(r"[a-z0-9][a-z0-9.:-]*")
LOGIN = re.compile(r"[^:]+:.+", re.DOTALL)
HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON can hold one; no file and no login can


def read(name: str) -> dict[str, str]:
    """The secret's members; none if the name is empty.

    Raises:
        Failed: the secret can't be read or isn't such an object.
    """
    if not name:
        return {}
    try:
        # assumes: secret-permission
        text = clients.secrets_manager(registry.PATIENT).get_secret_value(SecretId=name).get("SecretString", "")
    except (ClientError, BotoCoreError) as error:
        raise Failed(reasons.secret_unreadable(name, telling(str(error)))) from error
    try:
        members = json.loads(text)
    except ValueError:
        members = None
    if not is_well_formed(members):
        raise Failed(reasons.secret_of_another_form(name))
    return dict(members)


def is_well_formed(members: object) -> bool:
    """Whether every member is a secret or a login."""
    return isinstance(members, dict) and all(
        isinstance(value, str) and is_member(name, value) for name, value in members.items()
    )


def is_member(name: str, value: str) -> bool:
    """Whether this is a secret's name, or `registry:` and a host with `user:password`."""
    if HALF_A_CHARACTER.search(value):
        return False
    if NAME.fullmatch(name):
        return True
    host = name.removeprefix(REGISTRY)
    return host != name and bool(HOST.fullmatch(host) and LOGIN.fullmatch(value))


def log_in(name: str, members: dict[str, str]) -> None:
    """Logs in to each registry for which the secret has a login.

    Raises:
        Failed: a registry refuses the login.
    """
    for member, value in members.items():
        if member.startswith(REGISTRY):
            user, _, password = value.partition(":")
            host = member.removeprefix(REGISTRY)
            # assumes: registry-logins
            ended = registry.login(host, user, password)
            if ended.code:
                raise Failed(reasons.secret_refused(name, host, why(ended)))


def write(members: dict[str, str]) -> tuple[str, ...]:
    """Writes each secret to a file outside every folder that BuildKit gets, and returns their names."""
    names = tuple(sorted(name for name in members if not name.startswith(REGISTRY)))
    state.SECRETS.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        (state.SECRETS / name).write_text(members[name], newline="")
    return names
