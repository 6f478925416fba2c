"""Finds the base images that a Dockerfile takes from Docker Hub, which limits anonymous pulls."""

from collections.abc import Iterator

from e2b_dockerfile_utils import ShellLex, parse_dockerfile_ast

MIRROR = "public.ecr.aws/docker/library"
"""AWS's copies of Docker Hub's official images: https://docs.aws.amazon.com/AmazonECR/latest/public/docker-images.html"""
# FROM may use these without an ARG. Builds run on the platform that they build for.
PLATFORM = {"OS": "linux", "ARCH": "arm64", "PLATFORM": "linux/arm64"}
GIVEN = {f"{of}{name}": value for of in ("BUILD", "TARGET") for name, value in PLATFORM.items()}


def from_docker_hub(dockerfile: str) -> list[str]:
    """The base images from Docker Hub, with variables replaced. Empty if the Dockerfile can't be parsed."""
    try:
        return list(dict.fromkeys(image for image in bases(dockerfile) if is_of_docker_hub(image)))
    except ValueError:
        return []  # the build's own message is better


def bases(dockerfile: str) -> Iterator[str]:
    """The images that stages start from, without those that start from another stage.

    Raises:
        ValueError: the Dockerfile can't be parsed.
    """
    parsed = parse_dockerfile_ast(dockerfile)
    variables = dict(GIVEN)
    lexer = ShellLex(parsed.escape_token, env=variables, skip_unset_env=False)
    stages: list[str] = []
    for each in parsed.instructions:
        if each.name == "ARG" and not stages:  # only ARGs before the first FROM apply to FROM
            for argument in each.args:
                name, has_default, value = argument.partition("=")
                if has_default:
                    variables[name] = lexer.process_word(value)
        if each.name == "FROM" and each.args:
            image = lexer.process_word(each.args[0])
            if image and image.lower() not in {"scratch", *stages}:
                yield image
            stages.append(each.args[2].lower() if len(each.args) == 3 else "")


def is_of_docker_hub(image: str) -> bool:
    """Whether an image comes from Docker Hub: its name has no registry, or Docker Hub's."""
    registry, slash, _ = image.partition("/")
    named = bool(slash) and ("." in registry or ":" in registry or registry == "localhost")
    return not named or registry in {"docker.io", "index.docker.io"}


def elsewhere(image: str) -> str | None:
    """The same image in AWS's public registry. None if it isn't an official image."""
    name = image.removeprefix("index.").removeprefix("docker.io/").removeprefix("library/")
    return None if "/" in name else f"{MIRROR}/{name}"


def limited(image: str) -> str:
    """The warning about an image from Docker Hub in a stack without a mirror."""
    same = elsewhere(image)
    to_do = f" Use the same image from {same}." if same else ""
    return f"{image} comes from Docker Hub, which limits pulls, and this stack uses no mirror.{to_do}"
