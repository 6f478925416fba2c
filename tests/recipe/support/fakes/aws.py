"""A fake of the AWS CLI: S3's GetObject and ECR, kept in the folder $FAKES. Strict."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

FAKES = Path(os.environ["FAKES"])
ECR = FAKES / "ecr"
LISTS = ("accepted-media-types",)


def main() -> None:
    """Does what the arguments say."""
    service, operation, *rest = sys.argv[1:]
    with (FAKES / "calls").open("a") as calls:
        calls.write(json.dumps(["aws", *sys.argv[1:]]) + "\n")
    errors = json.loads((FAKES / "errors.json").read_text())
    if text := errors.get(operation):
        refuse(text)
    COMMANDS[service, operation](rest)


def refuse(text: str) -> NoReturn:
    """Ends as the CLI does when AWS refuses."""
    print(f"\n{text}", file=sys.stderr)  # noqa: T201
    sys.exit(254)


def answer(fields: dict[str, Any]) -> None:
    """Prints AWS's answer."""
    print(json.dumps(fields, indent=4))  # noqa: T201


def options(arguments: list[str], *names: str) -> tuple[dict[str, Any], list[str]]:
    """The options and the rest, read as the CLI reads them: - begins an option, some values are loaded."""
    found: dict[str, Any] = dict.fromkeys(names)
    rest: list[str] = []
    words = arguments[::-1]
    while words:
        word = words.pop()
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("-"):
            rest.append(word)
            continue
        if name not in names:
            refuse(f"Unknown options: {word}")
        values = [value] if equals else []
        while not equals and words and not words[-1].startswith("-") and (not values or name in LISTS):
            values.append(words.pop())
        if not values:
            refuse(f"aws: error: argument --{name}: expected one argument")
        found[name] = values if name in LISTS else load(values[0])
    return found, rest


def load(value: str) -> str:
    """What the CLI makes of a value: another file's content, or another server's answer."""
    if value.startswith("file://"):
        return Path(value.removeprefix("file://")).read_text()
    if value.startswith(("fileb://", "http://", "https://")):
        refuse(f"Would have loaded {value}")
    return value


def get_object(arguments: list[str]) -> None:
    """Writes that version of that object into the file."""
    asked, (outfile,) = options(arguments, "bucket", "key", "version-id")
    for found in json.loads((FAKES / "objects.json").read_text()):
        if (found["bucket"], found["key"], found["version"]) == (asked["bucket"], asked["key"], asked["version-id"]):
            Path(outfile).write_bytes(Path(found["file"]).read_bytes())
            answer({"VersionId": found["version"]})
            return
    refuse("An error occurred (NoSuchVersion) when calling the GetObject operation: The version does not exist.")


def batch_get_image(arguments: list[str]) -> None:
    """The images by tag or digest, or, for the one query that the recipe makes, how many there are."""
    asked, _ = options(arguments, "repository-name", "image-ids", "accepted-media-types", "query")
    kind, _, value = asked["image-ids"].partition("=")
    digest = {"imageTag": tags().get(value), "imageDigest": value}[kind]
    images: list[dict[str, Any]] = []
    path = ECR / asked["repository-name"] / str(digest)
    if digest and path.exists():
        image = json.loads(path.read_text())
        if not asked["accepted-media-types"] or image["imageManifestMediaType"] in asked["accepted-media-types"]:
            images.append(image | {"imageId": {"imageDigest": digest}})
    if asked["query"] == "length(images)":
        print(len(images))  # noqa: T201
        return
    assert asked["query"] is None
    answer({"images": images, "failures": [] if images else [{"failureCode": "ImageNotFound"}]})


def put_image(arguments: list[str]) -> None:
    """Gives an image another tag, as a repository with immutable tags does."""
    import hashlib  # noqa: PLC0415  # most calls do without, and there are a thousand

    asked = json.loads(options(arguments, "cli-input-json")[0]["cli-input-json"])
    race = FAKES / "race"
    if race.exists():
        (ECR / "tags.json").write_text(json.dumps(tags() | {asked["imageTag"]: race.read_text()}))
    if asked["imageTag"] in tags():
        refuse(
            "An error occurred (ImageTagAlreadyExistsException) when calling the PutImage operation: It is immutable."
        )
    image = json.loads((ECR / asked["repositoryName"] / asked["imageDigest"]).read_text())
    assert asked["imageManifestMediaType"] == image["imageManifestMediaType"]
    digest = "sha256:" + hashlib.sha256(asked["imageManifest"].encode()).hexdigest()
    if digest != asked["imageDigest"]:
        refuse(
            "An error occurred (ImageDigestDoesNotMatchException) when calling the PutImage operation: Not the digest."
        )
    (ECR / "tags.json").write_text(json.dumps(tags() | {asked["imageTag"]: digest}))
    answer({"image": asked})


def tags() -> dict[str, str]:
    """The digest that each tag names."""
    found: dict[str, str] = json.loads((ECR / "tags.json").read_text())
    return found


def get_login_password(arguments: list[str]) -> None:
    """A password for `docker login`."""
    options(arguments)
    print("the-password")  # noqa: T201


COMMANDS = {
    ("s3api", "get-object"): get_object,
    ("ecr", "batch-get-image"): batch_get_image,
    ("ecr", "put-image"): put_image,
    ("ecr", "get-login-password"): get_login_password,
}

if __name__ == "__main__":
    main()
