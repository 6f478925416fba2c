"""A fake of the docker CLI: it "builds" the image that the test laid out in $FAKES, or fails as it says. Strict."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

FAKES = Path(os.environ["FAKES"])
ECR = FAKES / "ecr"
ENGINE = FAKES / "engine"
LINKS = 40
LISTS = ("label", "secret")


def main() -> None:
    """Does what the arguments say."""
    with (FAKES / "calls").open("a") as calls:
        calls.write(json.dumps(["docker", *sys.argv[1:]]) + "\n")
    errors = json.loads((FAKES / "errors.json").read_text())
    for name, command in COMMANDS.items():
        if sys.argv[1:][: len(name)] == list(name):
            if text := errors.get(" ".join(name)):
                refuse(text)
            command(sys.argv[1 + len(name) :])
            return
    refuse(f"unknown command: {sys.argv}")


def refuse(text: str) -> NoReturn:
    """Ends with an error message."""
    print(text, file=sys.stderr)  # noqa: T201
    sys.exit(1)


def options(
    arguments: list[str], values: tuple[str, ...], flags: tuple[str, ...] = ()
) -> tuple[dict[str, Any], list[str]]:
    """The options with a value or none, up to the first argument that is no option, and the arguments."""
    found: dict[str, Any] = dict.fromkeys(values + flags)
    words = arguments[::-1]
    while words and words[-1].startswith("-"):
        name, equals, value = words.pop().removeprefix("--").partition("=")
        if name in flags:
            found[name] = True
        elif name in LISTS:
            found[name] = [*(found[name] or []), value if equals else words.pop()]
        elif name in values:
            found[name] = value if equals else words.pop()
        else:
            refuse(f"unknown flag: --{name}")
    return found, words[::-1]


def info(arguments: list[str]) -> None:
    """The kind of image store."""
    asked, _ = options(arguments, ("format",))
    assert asked["format"] == "json"
    print(json.dumps({"DriverStatus": json.loads((FAKES / "plan.json").read_text())["store"]}))  # noqa: T201


def login(arguments: list[str]) -> None:
    """Remembers who logged in to the registry, and with which password."""
    asked, (registry,) = options(arguments, ("username",), ("password-stdin",))
    assert asked["password-stdin"]
    errors = json.loads((FAKES / "errors.json").read_text())
    if text := errors.get(f"login {registry}"):
        refuse(text)
    logins = ENGINE / "logins"
    known = json.loads(logins.read_text()) if logins.exists() else {}
    logins.write_text(json.dumps(known | {registry: [asked["username"], sys.stdin.read()]}))
    print("Login Succeeded")  # noqa: T201


def build(arguments: list[str]) -> None:
    """Notes what it was given, prints what the test said, and keeps the test's image if that didn't fail."""
    import hashlib  # noqa: PLC0415  # most calls do without, and there are a thousand

    values = ("progress", "platform", "provenance", "metadata-file", "tag", "file", "target", "cache-from", "cache-to")
    asked, (folder,) = options(arguments, values + LISTS, ("load",))
    dockerfile, context = Path(asked["file"]), Path(folder)
    secrets = {name: Path(path) for name, _, path in (each.partition(",src=") for each in asked["secret"] or [])}
    require_apart(dockerfile, context, [*secrets.values(), Path(asked["metadata-file"]), Path.cwd() / "any"])
    note = {
        **asked,
        "context": folder,
        "dockerfile": dockerfile.read_text(),
        "beside": sorted(path.name for path in dockerfile.parent.iterdir()),
        "files": sorted(str(path.relative_to(context)) for path in context.rglob("*") if not path.is_dir()),
        "links": {path.name: str(path.readlink()) for path in context.iterdir() if path.is_symlink()},
        "modes": {path.name: oct(path.stat().st_mode & 0o7777) for path in context.iterdir() if not path.is_symlink()},
        "environment": {name: os.environ.get(name) for name in ("BUILDX_GIT_INFO", "GIT_DIR", "LC_ALL")},
        "secrets": {name: path.read_text() for name, path in secrets.items()},
    }
    plan = json.loads((FAKES / "plan.json").read_text())
    if (FAKES / "build.json").exists():
        plan |= plan["second"]
    (FAKES / "build.json").write_text(json.dumps(note))
    sys.stderr.buffer.write(bytes.fromhex(plan["output"]))
    sys.stderr.buffer.flush()
    if plan["signal"]:
        os.kill(os.getppid(), plan["signal"])
    if plan["status"]:
        sys.exit(plan["status"])
    config = plan["config"] | {"Labels": dict(label.split("=", 1) for label in asked["label"]) | plan["labels"]}
    manifest = json.dumps(
        {"mediaType": plan["media_type"], "config": config, "é": "\n\t\\ "}, indent=3, ensure_ascii=False
    )
    digest = "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()
    (ENGINE / digest).write_text(json.dumps(config))
    image = {"imageManifest": manifest, "imageManifestMediaType": plan["media_type"]}
    (ENGINE / "tagged").write_text(json.dumps({"name": asked["tag"], "digest": digest, "image": image}))
    described = {"containerimage.descriptor": {"mediaType": plan["media_type"]}} if plan["media_type"] else {}
    Path(asked["metadata-file"]).write_text(json.dumps({"containerimage.digest": digest, **described}))


def require_apart(dockerfile: Path, context: Path, private: list[Path]) -> None:
    """Refuses to build if BuildKit could see more than the upload: it serves both folders, whole, to any frontend.

    The folder that holds both holds nothing else, and what is private is neither in it nor in a folder above it.
    Between it and the context are only uploaded files: a zip may have one folder at its top, and files beside that.
    """
    served = (dockerfile.parent, context)
    given = Path(os.path.commonpath(served))
    if given in served or any(path != path.resolve() for path in (dockerfile, context)):
        refuse(f"one of {served} is in the other, or a link")
    tops = {given / path.relative_to(given).parts[0] for path in served}
    between = {path for path in context.parents if path.is_relative_to(given) and path != given}
    found = {*given.iterdir(), *(each for folder in between for each in folder.iterdir()), *dockerfile.parent.iterdir()}
    expected = tops | between | {context, dockerfile, dockerfile.with_name("Dockerfile.dockerignore")}
    uploaded = {each for each in found if each.parent in between and each.name.startswith((".", "__MACOSX"))}
    if strange := found - expected - uploaded:
        refuse(f"BuildKit could see {strange}")
    for path in private:
        folder = path.absolute().parent
        if folder.is_relative_to(given) or given.is_relative_to(folder):
            refuse(f"{path} is near what BuildKit is given: {given}")


def inspect_pushed(arguments: list[str]) -> None:
    """Whether the registry has the image of that name."""
    registry, _, path = arguments[0].partition("/")
    if registry not in json.loads((ENGINE / "logins").read_text()):
        refuse("ERROR: no basic auth credentials")
    if path.partition(":")[2] not in json.loads((ECR / "tags.json").read_text()):
        refuse(f"ERROR: {arguments[0]}: not found")


def push(arguments: list[str]) -> None:
    """Puts the image of that name into the repository, as one with immutable tags does, and says under which digest."""
    _, (name,) = options(arguments, ())
    tagged = json.loads((ENGINE / "tagged").read_text())
    registry, _, path = name.partition("/")
    repository, _, tag = path.partition(":")
    if tagged["name"] != name or registry not in json.loads((ENGINE / "logins").read_text()):
        refuse("no basic auth credentials")
    race = FAKES / "race"
    tags = json.loads((ECR / "tags.json").read_text()) | ({tag: race.read_text()} if race.exists() else {})
    (ECR / "tags.json").write_text(json.dumps(tags))
    if tag in tags:
        refuse(f"tag invalid: The image tag '{tag}' already exists in the '{repository}' repository")
    (ECR / repository).mkdir(exist_ok=True)
    (ECR / repository / tagged["digest"]).write_text(json.dumps(tagged["image"]))
    (ECR / "tags.json").write_text(json.dumps(tags | {tag: tagged["digest"]}))
    print(f"The push refers to repository [{registry}/{repository}]\n5f70bf18a086: Preparing\n5f70bf18a086: Pushed")  # noqa: T201
    print(f"{tag}: digest: {tagged['digest']} size: 527")  # noqa: T201


def create(arguments: list[str]) -> None:
    """Makes a container of an image that the engine has and that has a command, without a network.

    Its processes and its log are bounded. There is no --memory: an engine in a container may be unable to set it.
    """
    asked, (image,) = options(arguments, ("platform", "pull", "network", "pids-limit", "log-opt"))
    assert (asked["pull"], asked["network"]) == ("never", "none")
    assert all(asked[name] for name in ("pids-limit", "log-opt"))
    config = config_of(image)
    print("WARNING: The requested image's platform does not match", file=sys.stderr)  # noqa: T201
    if not any((config.get("Entrypoint") or [], config.get("Cmd") or [])):
        refuse("Error response from daemon: no command specified")
    (ENGINE / "containers" / "c0ffee").write_text(image)
    print("c0ffee")  # noqa: T201


def start(arguments: list[str]) -> None:
    """Starts a container, or refuses to, as the test wants."""
    plan = json.loads((FAKES / "plan.json").read_text())
    assert (ENGINE / "containers" / arguments[0]).exists()
    if plan["refusal"]:
        print(plan["refusal"], file=sys.stderr)  # noqa: T201
        refuse(f"Error: failed to start containers: {arguments[0]}")
    print(arguments[0])  # noqa: T201


def inspect_container(arguments: list[str]) -> None:
    """The container's state: running, unless the test has it end or not start."""
    plan = json.loads((FAKES / "plan.json").read_text())
    status = "created" if plan["refusal"] else "running" if plan["ended"] is None else "exited"
    print(json.dumps([{"Id": arguments[0], "State": {"Status": status, "ExitCode": plan["ended"] or 0}}]))  # noqa: T201


def logs(arguments: list[str]) -> None:
    """What the container has printed."""
    asked, _ = options(arguments, ("tail",))
    assert asked["tail"]
    sys.stderr.buffer.write(bytes.fromhex(json.loads((FAKES / "plan.json").read_text())["printed"]))


def inspect(arguments: list[str]) -> None:
    """The image's configuration."""
    print(json.dumps([{"Config": config_of(arguments[0])}]))  # noqa: T201


def config_of(image: str) -> Any:
    """The configuration of the image of that name."""
    tagged = json.loads((ENGINE / "tagged").read_text())
    assert tagged["name"] == image
    return json.loads((ENGINE / tagged["digest"]).read_text())


def copy(arguments: list[str]) -> None:
    """Copies one file or folder out of a container, with its mode; a link is followed inside the image, if asked to."""
    asked, (source, target) = options(arguments, (), ("follow-link",))
    container, _, path = source.partition(":")
    assert (ENGINE / "containers" / container).exists()
    found = locate(FAKES / "root", path, asked["follow-link"])
    if found.is_symlink():
        Path(target).symlink_to(found.readlink())
    elif found.is_dir():
        Path(target).mkdir()
    elif found.is_file():
        Path(target).write_bytes(found.read_bytes())
        Path(target).chmod(found.stat().st_mode)
    else:
        refuse(f"Error response from daemon: Could not find the file {path} in container {container}")
    print("Successfully copied", file=sys.stderr)  # noqa: T201


def locate(root: Path, path: str, last: bool) -> Path:
    """The file of the image that the path names, links resolved as if the image were the whole system."""
    parts = path.split("/")[::-1]
    found = root
    for _ in range(LINKS * 10):
        if not parts:
            return found
        part = parts.pop()
        if part == "..":
            found = found if found == root else found.parent
        elif (found / part).is_symlink() and (parts or last):
            target = str((found / part).readlink())
            found = root if target.startswith("/") else found
            parts += target.split("/")[::-1]
        else:
            found /= part
    refuse("Error response from daemon: too many links")


def remove(arguments: list[str]) -> None:
    """Removes a container."""
    asked, (container,) = options(arguments, (), ("volumes", "force"))
    assert asked["volumes"]
    assert asked["force"]
    (ENGINE / "containers" / container).unlink()
    print(container)  # noqa: T201


COMMANDS = {
    ("info",): info,
    ("login",): login,
    ("buildx", "build"): build,
    ("buildx", "imagetools", "inspect"): inspect_pushed,
    ("push",): push,
    ("create",): create,
    ("start",): start,
    ("inspect",): inspect_container,
    ("logs",): logs,
    ("image", "inspect"): inspect,
    ("cp",): copy,
    ("rm",): remove,
}

if __name__ == "__main__":
    main()
