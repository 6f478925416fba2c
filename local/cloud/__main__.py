"""Starts the emulator with our additions, or lists the names that they replace (`--names`).

The environment sets GATEWAY_PORT and LOCAL_CLOUD_FOLDER: see local/emulator.py, which starts it.
"""

import json
import os
import signal
import sys
import threading

from ministack.app import main

from local.cloud import cloudformation, cloudwatch_logs, codebuild, ecr, iam, lambda_functions, s3, sqs, ssm
from local.cloud.ecs import deployments, tasks
from local.cloud.shared.replacing import replaced


def end_with_owner() -> None:
    """Ends this process when stdin does, even if the program that started it was killed."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


SUPPLIED = (cloudformation, codebuild, ecr, tasks, deployments, cloudwatch_logs, lambda_functions, iam, s3, sqs, ssm)

if sys.argv[1:] == ["--names"]:
    print(json.dumps(replaced))
else:
    threading.Thread(target=end_with_owner, daemon=True).start()
    codebuild.begin_work()
    main()
