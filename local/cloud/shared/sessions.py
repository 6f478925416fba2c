"""Role sessions for services that assume roles."""

from ministack.core.lambda_runtime import execution_credentials
from ministack.core.responses import get_account_id, get_region


def credentials(role_arn: str, session: str) -> dict[str, str]:
    """The environment variables with a role session's credentials."""
    # The emulator creates role sessions only for functions, so this one has a function's name.
    function = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{session}"
    found: dict[str, str] = execution_credentials(
        {"Role": role_arn, "FunctionArn": function, "FunctionName": session},
    )
    return found
