"""The build's environment variables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.uploads import ObjectVersion


@dataclass(frozen=True)
class Variables:
    """The version to build, the tag of its image, and the stack's parameters."""

    version: ObjectVersion
    image_tag: str
    repository_uri: str
    dockerfile_path: str
    build_target: str
    test_target: str
    build_arguments: tuple[str, ...]
    build_secret: str
    compression: str
    docker_hub_mirror: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Variables":
        """Reads the variables that the template's project and StartBuild set.

        Raises:
            KeyError: one is missing.
            ValueError, TypeError: the key isn't a JSON string.
        """
        key = json.loads(environment["SOURCE_KEY"])
        if not isinstance(key, str):
            raise TypeError("SOURCE_KEY has to be a JSON string.")
        # assumes: start-build-variables
        return cls(
            ObjectVersion(environment["SOURCE_BUCKET"], key, environment["SOURCE_VERSION_ID"]),
            environment["IMAGE_TAG"],
            environment["REPOSITORY_URI"],
            environment["DOCKERFILE_PATH"],
            environment.get("BUILD_TARGET", ""),
            environment.get("TEST_TARGET", ""),
            tuple(filter(None, environment.get("BUILD_ARGUMENTS", "").split(","))),
            environment.get("BUILD_SECRET", ""),
            environment.get("COMPRESSION", "gzip"),
            environment.get("DOCKER_HUB_MIRROR", ""),
        )

    @property
    def image(self) -> str:
        """The image's name in the registry, with its tag."""
        return f"{self.repository_uri}:{self.image_tag}"

    @property
    def registry(self) -> str:
        """The registry's host."""
        return self.repository_uri.partition("/")[0]

    @property
    def repository(self) -> str:
        """The repository's name, which has no slash."""
        return self.repository_uri.rpartition("/")[2]
