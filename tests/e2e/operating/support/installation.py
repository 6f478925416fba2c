"""All that a user makes by the documents, in an account of its own."""

import os
import subprocess
from dataclasses import dataclass, replace
from typing import Any

from local.emulator import ROOT, Account
from local.pipeline import Pipeline
from tests.e2e.conftest import PARAMETERS

SERVICE = PARAMETERS["ServiceName"]


CALLERS = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
"""The environment without that of a make which runs these tests: another make would print its folder."""


@dataclass(frozen=True)
class Installed:
    """All that a user makes by the documents, in an account of its own."""

    here: Account
    pipeline: Pipeline

    def role(self, stack: str) -> None:
        """Deploys a role for uploads from CI, which imports from the stack."""
        self.pipeline.client("cloudformation").create_stack(
            StackName=stack,
            TemplateBody=(ROOT / "examples" / "github-actions" / "role.yaml").read_text(),
            Parameters=[
                {"ParameterKey": "Repository", "ParameterValue": "jwt-pizza/jwt-pizza-service"},
                {"ParameterKey": "MakeProvider", "ParameterValue": "no"},
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
        self.pipeline.client("cloudformation").get_waiter("stack_create_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1}
        )

    def stacks(self) -> set[str]:
        """The stacks of the account, without SAM's own."""
        found = self.pipeline.client("cloudformation").describe_stacks()["Stacks"]
        return {each["StackName"] for each in found} - {"aws-sam-cli-managed-default"}

    def data(self) -> list[Any]:
        """The data that the program deletes only with DELETE_DATA=yes."""
        repositories = self.pipeline.ecr.describe_repositories()["repositories"]
        images = self.pipeline.images() if repositories else {}
        groups = [each["logGroupName"] for each in self.pipeline.logs.describe_log_groups()["logGroups"]]
        logs = [each for each in groups if f"{SERVICE}-ecs" in each]
        return [self.pipeline.recorded(), images, self.versions(), logs]

    def versions(self) -> list[Any]:
        """All versions in the source bucket, the delete markers included."""
        if self.pipeline.bucket not in {each["Name"] for each in self.pipeline.s3.list_buckets()["Buckets"]}:
            return []
        pages = self.pipeline.s3.get_paginator("list_object_versions").paginate(Bucket=self.pipeline.bucket)
        return [each for found in pages for each in (*found.get("Versions", []), *found.get("DeleteMarkers", []))]

    def user(self, name: str, *policies: str) -> Account:
        """The account as a new user with these policies uses it."""
        iam = self.pipeline.client("iam")
        iam.create_user(UserName=name)
        for number, policy in enumerate(policies):
            iam.put_user_policy(UserName=name, PolicyName=f"policy-{number}", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return replace(self.here, credentials=(key["AccessKeyId"], key["SecretAccessKey"]))

    def declined(self, *command: str) -> str:
        """What a command prints that deletes nothing, because nobody says yes."""
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env={**CALLERS, **self.here.environment},
            input="\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Nothing was deleted." in ended.stderr
        assert ended.returncode != 0
        return ended.stdout
