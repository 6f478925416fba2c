"""A fake of the AWS CLI: S3's GetObject and ECR, kept in the folder $FAKES. Strict."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

FAKES = Path(os.environ["FAKES"])
ECR = FAKES / "ecr"


def main() -> None:
    """Does what the arguments say."""
    service, operation, *rest = sys.argv[1:]
    with (FAKES / "calls").open("a") as calls:
        calls.write(json.dumps(["aws", *sys.argv[1:]]) + "\n")
    errors = json.loads((FAKES / "errors.json").read_text())
    if text := errors.get(f"{service} {operation}", errors.get(operation)):
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
        if not equals and words and not words[-1].startswith("-"):
            values.append(words.pop())
        if not values:
            refuse(f"aws: error: argument --{name}: expected one argument")
        found[name] = load(values[0])
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


def get_login_password(arguments: list[str]) -> None:
    """A password for `docker login`."""
    options(arguments)
    print("the-password")  # noqa: T201


def get_public_password(arguments: list[str]) -> None:
    """A password for ECR Public, which has an API in one region alone."""
    assert options(arguments, "region")[0]["region"] == "us-east-1"
    print("the-public-password")  # noqa: T201


def get_secret_value(arguments: list[str]) -> None:
    """The secret's text."""
    asked, _ = options(arguments, "secret-id", "query", "output")
    assert (asked["query"], asked["output"]) == ("SecretString", "text")
    print((FAKES / "secrets" / asked["secret-id"]).read_text())  # noqa: T201


COMMANDS = {
    ("s3api", "get-object"): get_object,
    ("ecr", "get-login-password"): get_login_password,
    ("ecr-public", "get-login-password"): get_public_password,
    ("secretsmanager", "get-secret-value"): get_secret_value,
}

if __name__ == "__main__":
    main()
