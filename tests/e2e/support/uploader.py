"""Somebody who has the uploaders' policy, and nothing else."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3

from local.emulator import REGION, Account
from local.pipeline import Pipeline, Upload
from tests.e2e.support.waiting import SECONDS

NAME = "uploader"


@dataclass(frozen=True)
class Uploader:
    """A user of the account, at its keyboard."""

    here: Account
    pipeline: Pipeline

    @classmethod
    def of(cls, here: Account, pipeline: Pipeline) -> "Uploader":
        """Makes the user."""
        iam = pipeline.client("iam")
        iam.create_user(UserName=NAME)
        iam.attach_user_policy(UserName=NAME, PolicyArn=pipeline.outputs["UploaderPolicyArn"])
        key = iam.create_access_key(UserName=NAME)["AccessKey"]
        session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
        return cls(here, Pipeline(session, pipeline.outputs, pipeline.endpoint))

    def upload(self, key: str, body: bytes) -> Upload:
        """Uploads a source."""
        return self.pipeline.upload(key, body)

    def reads(self, upload: Upload, status: str) -> dict[str, str] | None:
        """What `aws s3api get-object-tagging` shows of an upload; nothing while its status is another."""
        credentials = self.pipeline.session.get_credentials()
        assert credentials
        command = ["aws", "s3api", "get-object-tagging", "--bucket", self.pipeline.bucket, "--key", upload.key]
        ended = subprocess.run(
            [Path(sys.executable).parent / command[0], *command[1:], "--version-id", upload.version],
            env={
                **os.environ,
                **self.here.environment,
                "AWS_ACCESS_KEY_ID": str(credentials.access_key),
                "AWS_SECRET_ACCESS_KEY": str(credentials.secret_key),
            },
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=SECONDS,
        )
        tags = {tag["Key"]: tag["Value"] for tag in json.loads(ended.stdout)["TagSet"]}
        return tags if tags.get("build-status") == status else None
