"""Sessions of roles, for the services that act as one."""

from ministack.core.lambda_runtime import execution_credentials
from ministack.core.responses import get_account_id, get_region


def credentials(role_arn: str, session: str) -> dict[str, str]:
    """The environment variables with the credentials of a role's session of that name."""
    # The emulator mints sessions of roles for its functions only: this one is named like one.
    function = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{session}"
    found: dict[str, str] = execution_credentials(
        {"Role": role_arn, "FunctionArn": function, "FunctionName": session},
    )
    return found
