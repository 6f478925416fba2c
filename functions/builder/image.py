"""What `docker buildx build` is asked for, as data, and the build itself."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from builder import state
from builder.commands import Failed, follow
from builder.state import State
from builder.variables import Variables
from core import build_failures, reasons
from core.trials import TAG_LABEL

METADATA = state.FOLDER / "built.json"
# Names are UTF-8. And buildx runs git in the upload, where a crafted .git/config has git run any program.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "BUILDX_GIT_INFO": "false", "GIT_DIR": "/dev/null"}
# With Docker's own media types, an image that has a layer of zstd, from its base or from the cache, can't be started.
OCI = "oci-mediatypes=true"
ZSTD = ",compression=zstd,compression-level=3"
SOURCE_LABEL = "org.opencontainers.image.source"


def build(asked: Variables, at: State) -> None:
    """Builds the stage of the tests, if there is one, and then the image.

    Raises:
        Failed: either can't be built.
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
    """Builds with the layer cache, and without it where that may be why it failed.

    Returns:
        What docker printed if it failed; nothing if it didn't.
    """
    output = built(command(asked, at, what, from_cache=at.keeps_cache))
    if output and at.keeps_cache and not build_failures.ends_so_with_any_cache(output):
        print("Building without the cache")
        output = built(command(asked, at, what, from_cache=False))
    return output


def built(args: Sequence[str]) -> str:
    """Builds once; what docker printed if it failed, and nothing if it didn't."""
    ended = follow(args, env=os.environ | ENVIRONMENT)
    return ended.output.decode(errors="replace") or "\n" if ended.code else ""


def command(asked: Variables, at: State, what: Sequence[str], *, from_cache: bool) -> list[str]:
    """The command line of a build.

    Never `--network host`, `--allow` or `--driver-opt network=host`: a RUN step would reach the engine's own API.
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
    """The options of the build that runs the tests, of which nothing is kept.

    Its layers don't go to the cache: that has room for one build's, and tests that nothing changed have to run again.
    """
    return ["--target", asked.test_target, "--output", "type=cacheonly"]


def result(asked: Variables, at: State) -> list[str]:
    """The options of the build that gives the image and, where the engine can, fills the cache.

    Such an engine can compress with zstd, too, which leaves the layers of the base and of the cache as they are.
    """
    compression = ZSTD if asked.compression == "zstd" else ""
    to = f"{cache(asked)},mode=max,image-manifest=true,{OCI},ignore-error=true{compression}"
    return [
        *("--metadata-file", str(METADATA.absolute()), "--tag", asked.image),
        *(("--output", f"type=image,{OCI}{compression}") if at.keeps_cache else ("--load",)),
        *(word for label in labels(asked) for word in ("--label", label)),
        *(("--target", asked.build_target) if asked.build_target else ()),
        *(("--cache-to", to) if at.keeps_cache else ()),
    ]


def labels(asked: Variables) -> list[str]:
    """Labels that tell where an image came from, and make each upload's digest its own: none expires with another."""
    version = asked.version
    address = f"s3://{version.bucket}/{quote(version.key, safe='/')}?versionId={version.version_id}"
    return [f"{TAG_LABEL}={asked.image_tag}", f"{SOURCE_LABEL}={address}"]


def arguments(asked: Variables) -> list[str]:
    """Values for ARG: the stack's own, then the facts about the upload, which prevail because they come last.

    An argument that the Dockerfile doesn't declare changes nothing, not even the cache of layers.
    """
    version = asked.version
    facts = {"UPLOAD_KEY": version.key, "UPLOAD_VERSION_ID": version.version_id, "UPLOAD_IMAGE_TAG": asked.image_tag}
    return [*asked.build_arguments, *(f"{name}={value}" for name, value in facts.items())]


def cache(asked: Variables) -> str:
    """Where layers come from and go to: https://docs.docker.com/build/cache/backends/registry/."""
    return f"type=registry,ref={asked.repository_uri}:buildcache"


def explained(output: str, at: State, tests: str = "") -> "reasons.Reason":
    """Why the build failed, by what docker printed and by what is in the source."""
    context = Path(at.context)

    def holds(path: str) -> bool:
        return os.path.lexists(context / path.lstrip("/"))

    return build_failures.explained(output, at.dockerfile_text, holds, tests)


def is_index(metadata: Path) -> bool:
    """Whether the build gave an index, which only a frontend does that the Dockerfile asks for by `# syntax=`."""
    described = json.loads(metadata.read_bytes()).get("containerimage.descriptor", {})
    return str(described.get("mediaType", "")).endswith((".index.v1+json", ".list.v2+json"))
