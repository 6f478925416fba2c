"""The requests that start a build: three variables, and an idempotency token.

Equal arguments give equal requests, so repeating one within five minutes starts no second build:
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html
"""

import hashlib
from typing import Any

from core.builds import Build
from core.uploads import ObjectVersion

TOKEN_DIGITS = 32  # as in a UUID: CodeBuild documents no limit


def for_upload(project: str, version: ObjectVersion, image_tag: str) -> dict[str, Any]:
    """The request for an upload's first build."""
    return request(project, version, image_tag, version.hash(image_tag))


def again(project: str, build: Build) -> dict[str, Any]:
    """The request that starts a build again, with its own three variables."""
    return request(project, build.version, build.image_tag, hashlib.sha256(build.id.encode()).hexdigest())


def request(project: str, version: ObjectVersion, image_tag: str, token: str) -> dict[str, Any]:
    """The request for a build of this version under this tag."""
    variables = {
        "SOURCE_KEY": version.written_key,
        "SOURCE_VERSION_ID": version.version_id,
        "IMAGE_TAG": image_tag,
    }
    return {
        "projectName": project,
        # assumes: start-build-variables
        "environmentVariablesOverride": [
            {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()
        ],
        "idempotencyToken": token[:TOKEN_DIGITS],
    }
