"""The arguments of `docker buildx build` as data, and the build itself."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from builder import state
from builder.commands import Failed, follow
from builder.state import State
from builder.variables import Variables
from core import reasons
from core.build_output import build_failures
from core.trial.facts import TAG_LABEL

METADATA = state.FOLDER / "built.json"
# Names are UTF-8. buildx would run git in the upload, and a crafted .git/config can make git run any program.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "BUILDX_GIT_INFO": "false", "GIT_DIR": "/dev/null"}
# With Docker's media types, an image with a zstd layer, from its base or from the cache, can't start.
# assumes: oci-images
OCI = "oci-mediatypes=true"
ZSTD = ",compression=zstd,compression-level=3"
SOURCE_LABEL = "org.opencontainers.image.source"


def build(asked: Variables, at: State) -> None:
    """Builds the test stage, if `TestTarget` names one, and then the image.

    Raises:
        Failed: one of the builds fails, or the result is an index.
    """
    if asked.test_target:
        print(f"Building the tests, stage {asked.test_target}")
        if output := attempt(asked, at, tests(asked)):
            raise Failed(explained(output, at, tests=asked.test_target))
        print("Building the image")
    if output := attempt(asked, at, result(asked, at)):
        raise Failed(explained(output, at))
    if is_index(METADATA):
        raise Failed(reasons.INDEX)


def attempt(asked: Variables, at: State, what: Sequence[str]) -> str:
    """Builds with the layer cache, and again without it if the cache may be the cause of a failure.

    Returns:
        docker's output if the build failed; empty if it succeeded.
    """
    output = built(command(asked, at, what, from_cache=at.keeps_cache))
    if output and at.keeps_cache and not build_failures.ends_so_with_any_cache(output):
        print("Building without the cache")
        output = built(command(asked, at, what, from_cache=False))
    return output


def built(args: Sequence[str]) -> str:
    """Builds once. Returns docker's output if the build failed; empty if it succeeded."""
    ended = follow(args, env=os.environ | ENVIRONMENT)
    return ended.output.decode(errors="replace") or "\n" if ended.code else ""


def command(asked: Variables, at: State, what: Sequence[str], *, from_cache: bool) -> list[str]:
    """The command line of a build.

    Never add `--network host`, `--allow` or `--driver-opt network=host`: a RUN step could then reach the engine's API.
    """
    return [
        *("docker", "buildx", "build", "--progress", "plain", "--platform", "linux/arm64", "--provenance=false"),
        *(word for argument in arguments(asked) for word in ("--build-arg", argument)),
        *(("--cache-from", cache(asked)) if from_cache else ()),
        *what,
        *(word for name in at.secrets for word in ("--secret", f"id={name},src={(state.SECRETS / name).absolute()}")),
        *("--file", at.dockerfile, at.context),
    ]


def tests(asked: Variables) -> list[str]:
    """The options of the test build, whose result is discarded.

    Its layers aren't cached: the cache holds one build's layers, and tests have to run for each upload.
    """
    return ["--target", asked.test_target, "--output", "type=cacheonly"]


def result(asked: Variables, at: State) -> list[str]:
    """The options of the image's build, which also fills the cache if the engine can export one.

    Only such an engine can write zstd. Layers of the base image and of the cache keep their compression.
    """
    compression = ZSTD if asked.compression == "zstd" else ""
    # assumes: registry-cache
    to = f"{cache(asked)},mode=max,image-manifest=true,{OCI},ignore-error=true{compression}"
    return [
        *("--metadata-file", str(METADATA.absolute()), "--tag", asked.image),
        *(("--output", f"type=image,{OCI}{compression}") if at.keeps_cache else ("--load",)),
        *(word for label in labels(asked) for word in ("--label", label)),
        *(("--target", asked.build_target) if asked.build_target else ()),
        *(("--cache-to", to) if at.keeps_cache else ()),
    ]


def labels(asked: Variables) -> list[str]:
    """Labels that name the image's source and give each upload its own digest: no image expires with another."""
    version = asked.version
    address = f"s3://{version.bucket}/{quote(version.key, safe='/')}?versionId={version.version_id}"
    return [f"{TAG_LABEL}={asked.image_tag}", f"{SOURCE_LABEL}={address}"]


def arguments(asked: Variables) -> list[str]:
    """Values for ARG: the stack's own, then the facts about the upload, which take precedence because they come last.

    An argument that the Dockerfile doesn't declare doesn't invalidate the layer cache.
    """
    version = asked.version
    facts = {"UPLOAD_KEY": version.key, "UPLOAD_VERSION_ID": version.version_id, "UPLOAD_IMAGE_TAG": asked.image_tag}
    return [*asked.build_arguments, *(f"{name}={value}" for name, value in facts.items())]


def cache(asked: Variables) -> str:
    """The cache's location: https://docs.docker.com/build/cache/backends/registry/."""
    return f"type=registry,ref={asked.repository_uri}:buildcache"


def explained(output: str, at: State, tests: str = "") -> "reasons.Reason":
    """Why the build failed, from docker's output and the source."""
    context = Path(at.context)

    def holds(path: str) -> bool:
        return os.path.lexists(context / path.lstrip("/"))

    return build_failures.explained(output, at.dockerfile_text, holds, tests)


def is_index(metadata: Path) -> bool:
    """Whether the result is an index, which only a frontend named by `# syntax=` produces."""
    described = json.loads(metadata.read_bytes()).get("containerimage.descriptor", {})
    return str(described.get("mediaType", "")).endswith((".index.v1+json", ".list.v2+json"))
