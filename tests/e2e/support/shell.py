"""The documents' commands, run in bash as a reader would."""

import os
import subprocess
import sys
from pathlib import Path

from local.emulator import Account
from tests.e2e.support.waiting import SECONDS


def run(here: Account, commands: str, folder: Path, **variables: str) -> str:
    """What commands print, their errors included, in a shell that ends at the first error."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{variables.pop('PATH', os.environ['PATH'])}"
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{AWS}\n{commands}"],
        cwd=folder,
        env={**os.environ, **here.environment, "PATH": path, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


# The AWS CLI that pip installs takes no notice of AWS_ENDPOINT_URL for SQS.
AWS = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'
