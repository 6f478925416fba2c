"""The registries: passwords, logins, and whether the repository has the tag."""

import base64

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from aws import clients, ecr
from builder.commands import Ended, Failed, run, telling, why
from builder.variables import Variables
from core import reasons

ECR_PUBLIC = "public.ecr.aws"
PATIENT = clients.BOUNDED.merge(Config(read_timeout=30))
# ECR Public has its API in this region only: https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html
PUBLIC = clients.ONCE.merge(Config(region_name="us-east-1"))


def password() -> str:
    """ECR's password, which is valid for twelve hours.

    Raises:
        Failed: ECR doesn't return one.
    """
    try:
        (data,) = clients.ecr(PATIENT).get_authorization_token()["authorizationData"]
    except (ClientError, BotoCoreError) as error:
        raise Failed(reasons.no_password(telling(str(error)))) from error
    return secret_part(data["authorizationToken"])


def public_password() -> str | None:
    """ECR Public's password, without which it allows one pull per second; None if it doesn't return one in time."""
    try:
        # assumes: ecr-public-login
        data = clients.ecr_public(PUBLIC).get_authorization_token()["authorizationData"]
    except (ClientError, BotoCoreError):
        return None
    return secret_part(data["authorizationToken"])


def secret_part(token: str) -> str:
    """The password in a token, which is `user:password` in base64."""
    return base64.b64decode(token).decode().partition(":")[2]


def login(registry: str, user: str, secret: str) -> Ended:
    """Logs docker in. No command line has the password."""
    return run(["docker", "login", "--username", user, "--password-stdin", registry], stdin=secret.encode())


def login_to_ecr(asked: Variables, secret: str) -> None:
    """Logs in to the stack's own registry.

    Raises:
        Failed: the registry refuses the login.
    """
    ended = login(asked.registry, "AWS", secret)
    if ended.code:
        raise Failed(reasons.login_refused(why(ended)))


def has(asked: Variables) -> bool:
    """Whether the repository has the upload's image; False if ECR doesn't answer.

    Then we build anyway: ECR rejects a second image under the tag.
    """
    try:
        return ecr.has(clients.ecr(PATIENT), asked.repository, asked.image_tag)
    except (ClientError, BotoCoreError):
        return False
