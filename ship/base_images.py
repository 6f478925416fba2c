"""Which base images a Dockerfile takes from Docker Hub, which limits anonymous pulls."""

import re

from e2b_dockerfile_utils import DockerfileSyntaxError, parse_dockerfile_ast

VARIABLE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)")
MIRROR = "public.ecr.aws/docker/library"
"""Where AWS has Docker Hub's official images: https://docs.aws.amazon.com/AmazonECR/latest/public/docker-images.html"""


def from_docker_hub(dockerfile: str) -> list[str]:
    """The base images that come from Docker Hub, as they are written; none where the Dockerfile can't be parsed."""
    try:
        instructions = parse_dockerfile_ast(dockerfile).instructions
    except DockerfileSyntaxError:
        return []  # the build says it better
    defaults: dict[str, str] = {}
    stages = {"scratch"}
    found: dict[str, None] = {}
    for each in instructions:
        if each.name == "ARG" and not found and len(stages) == 1:  # those before the first FROM count for FROM
            for argument in each.args:
                name, _, value = argument.partition("=")
                defaults[name] = value.strip("\"'")
        if each.name == "FROM" and each.args:
            image = VARIABLE.sub(lambda one: defaults.get(one[1] or one[3], one[2] or ""), each.args[0])
            if image and image.lower() not in stages and is_of_docker_hub(image):
                found[image] = None
            stages.add(each.args[2].lower() if len(each.args) == 3 else "")
    return list(found)


def is_of_docker_hub(image: str) -> bool:
    """Whether an image's name has no registry before it, or Docker Hub's own."""
    registry, slash, _ = image.partition("/")
    named = bool(slash) and ("." in registry or ":" in registry or registry == "localhost")
    return not named or registry in {"docker.io", "index.docker.io"}


def elsewhere(image: str) -> str | None:
    """The same image in AWS's public registry; None for one that isn't official."""
    name = image.removeprefix("index.").removeprefix("docker.io/").removeprefix("library/")
    return None if "/" in name else f"{MIRROR}/{name}"
