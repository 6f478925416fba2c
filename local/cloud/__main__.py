"""Starts the emulator with our additions, or lists the names that they replace (`--names`).

The environment sets GATEWAY_PORT and LOCAL_CLOUD_FOLDER: see local/account.py, which starts it.
"""

import json
import sys

from ministack.app import main

from local.cloud import cloudformation, codebuild, ecr, ecs, filters, functions, iam, s3, sqs, ssm
from local.cloud.replacing import replaced

SUPPLIED = (cloudformation, codebuild, ecr, ecs, filters, functions, iam, s3, sqs, ssm)

if sys.argv[1:] == ["--names"]:
    print(json.dumps(replaced))
else:
    codebuild.begin_work()
    main()
