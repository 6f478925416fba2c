"""What `docker buildx build` is asked for, as data, and the build itself."""

import json
import os
from pathlib import Path
from urllib.parse import quote

from builder import secrets, state
from builder.commands import Failed, follow
from builder.state import State
from builder.variables import Variables
from core import build_failures, reasons

METADATA = state.FOLDER / "built.json"
# Names are UTF-8. And buildx runs git in the upload, where a crafted .git/config has git run any program.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "BUILDX_GIT_INFO": "false", "GIT_DIR": "/dev/null"}
VERSION_LABEL = "org.opencontainers.image.version"
SOURCE_LABEL = "org.opencontainers.image.source"


def build(asked: Variables, at: State) -> None:
    """Builds the image: with the layer cache, and without it where that may be why it failed.

    Raises:
        Failed: it can't be built.
    """
    output = attempt(command(asked, at, from_cache=at.keeps_cache))
    if output and at.keeps_cache and not build_failures.ends_so_with_any_cache(output):
        print("Building without the cache")
        output = attempt(command(asked, at, from_cache=False))
    if output:
        raise Failed(explained(output, at))
    if is_index(METADATA):
        raise Failed(reasons.INDEX)


def attempt(args: list[str]) -> str:
    """Builds once; what docker printed if it failed, and nothing if it didn't."""
    ended = follow(args, env=os.environ | ENVIRONMENT)
    return ended.output.decode(errors="replace") or "\n" if ended.code else ""


def command(asked: Variables, at: State, *, from_cache: bool) -> list[str]:
    """The build's command line.

    Never `--network host`, `--allow` or `--driver-opt network=host`: a RUN step would reach the engine's own API.
    """
    return [
        *("docker", "buildx", "build", "--progress", "plain", "--platform", "linux/arm64", "--provenance=false"),
        *("--metadata-file", str(METADATA.absolute())),
        *(word for label in labels(asked) for word in ("--label", label)),
        *("--tag", asked.image, "--load", "--file", at.dockerfile),
        *(("--target", asked.build_target) if asked.build_target else ()),
        *(cache(asked, from_cache=from_cache) if at.keeps_cache else ()),
        *(word for name in at.secrets for word in ("--secret", f"id={name},src={secrets.file(name)}")),
        at.context,
    ]


def labels(asked: Variables) -> list[str]:
    """Labels that tell where an image came from, and make each upload's digest its own: none expires with another."""
    version = asked.version
    address = f"s3://{version.bucket}/{quote(version.key, safe='/')}?versionId={version.version_id}"
    return [f"{VERSION_LABEL}={asked.image_tag}", f"{SOURCE_LABEL}={address}"]


def cache(asked: Variables, *, from_cache: bool) -> list[str]:
    """Where layers come from and go to: https://docs.docker.com/build/cache/backends/registry/."""
    place = f"type=registry,ref={asked.repository_uri}:buildcache"
    to = f"{place},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true"
    return [*(("--cache-from", place) if from_cache else ()), "--cache-to", to]


def explained(output: str, at: State) -> "reasons.Reason":
    """Why the build failed, by what docker printed and by what is in the source."""
    context = Path(at.context)
    dockerfile = Path(at.dockerfile).read_bytes().decode(errors="replace")

    def holds(path: str) -> bool:
        return os.path.lexists(context / path.lstrip("/"))

    return build_failures.explained(output, dockerfile, holds)


def is_index(metadata: Path) -> bool:
    """Whether the build gave an index, which only a frontend does that the Dockerfile asks for by `# syntax=`."""
    described = json.loads(metadata.read_bytes()).get("containerimage.descriptor", {})
    return str(described.get("mediaType", "")).endswith((".index.v1+json", ".list.v2+json"))
