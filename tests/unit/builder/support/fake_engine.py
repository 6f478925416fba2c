"""A docker engine in this process, behind the `subprocess` of builder.commands. It fails on unknown commands."""

import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, CompletedProcess, TimeoutExpired
from typing import Any, NoReturn

from tests.support.digests import digest_of
from tests.unit.builder.support.clients import ours
from tests.unit.builder.support.docker_commands import Outcome, Process, Refused, UnknownError, Words
from tests.unit.builder.support.served_files import Built, seen_too_much
from tests.unit.support.elf import program

OCI = "application/vnd.oci.image.manifest.v1+json"
CACHING = [["driver-type", "io.containerd.snapshotter.v1"]]
CONTAINER = "c0ffee"
OF_A_BUILD = ("progress", "platform", "provenance", "file", "target", "cache-from")
OF_A_RESULT = ("metadata-file", "tag", "cache-to", "output")
INTO_ITS_STORE = [f"type=image,oci-mediatypes=true{more}" for more in ("", ",compression=zstd,compression-level=3")]


@dataclass
class Engine:
    """The tests' docker: its settings, its state and the commands that it got."""

    store: list[list[str]] = field(default_factory=lambda: CACHING)
    media_type: str = OCI
    labels: dict[str, str] = field(default_factory=dict)
    """Labels that a frontend sets in place of the builder's."""
    config: dict[str, Any] = field(default_factory=lambda: {"Cmd": ["/app"]})
    files: dict[str, bytes] = field(default_factory=lambda: {"/app": program()})
    ended: Outcome | None = None
    """The output and exit code of the image's program, if it ends at once."""
    outcomes: list[Outcome] = field(default_factory=lambda: [Outcome()])
    """The outcomes of the next builds; the last one repeats."""
    errors: dict[str, str] = field(default_factory=dict)
    """The message with which a command fails, by the command's name."""
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)
    """Called when a command begins, by the command's name."""
    calls: list[list[str]] = field(default_factory=list)
    typed: list[bytes] = field(default_factory=list)
    logins: dict[str, tuple[str, str]] = field(default_factory=dict)
    built: list[Built] = field(default_factory=list)
    images: dict[str, dict[str, Any]] = field(default_factory=dict)
    containers: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    """Every unknown command, even if the builder hid the failure."""

    PIPE, STDOUT, DEVNULL, TimeoutExpired = PIPE, STDOUT, DEVNULL, TimeoutExpired

    def run(
        self,
        args: Sequence[str],
        *,
        env: Mapping[str, str] | None,
        input: bytes,  # noqa: A002  # subprocess's own name
        capture_output: bool,
        check: bool,
        timeout: float | None = None,
    ) -> CompletedProcess[bytes]:
        """Runs a command whose output is read at its end. A program that doesn't end takes until the timeout."""
        assert (capture_output, check) == (True, False)
        code, output, error = self.execute(args, env or os.environ, input)
        if timeout and self.ended is None:
            raise TimeoutExpired(args, timeout)
        return CompletedProcess(args, code, output, error)

    def Popen(self, args: Sequence[str], *, env: Mapping[str, str] | None, **streams: int) -> Process:  # noqa: N802
        """Runs a command whose output is read as it comes, or is discarded because nobody waits for it."""
        discarded = {"stdin": DEVNULL, "stdout": DEVNULL, "stderr": DEVNULL, "start_new_session": True}
        assert streams in ({"stdin": DEVNULL, "stdout": PIPE, "stderr": STDOUT}, discarded)
        code, output, error = self.execute(args, env or os.environ, b"")
        return Process(code, io.BytesIO(output + error))

    def asked(self, *words: str) -> list[list[str]]:
        """The command lines that begin with docker and these words."""
        return [call for call in self.calls if call[1 : 1 + len(words)] == list(words)]

    def execute(self, args: Sequence[str], env: Mapping[str, str], typed: bytes) -> tuple[int, bytes, bytes]:
        """Runs a command and returns its exit code, stdout and stderr."""
        self.calls.append(list(args))
        self.typed.append(typed)
        known = [name for name in self.commands() if tuple(args[: 1 + len(name)]) == ("docker", *name)]
        if not known:
            self.fail(f"unknown command: {args}")
        outcome = self.done(known[0], Words(args[1 + len(known[0]) :], env, typed, self.fail))
        output = outcome.output.encode() if isinstance(outcome.output, str) else outcome.output
        return (outcome.code, b"", output) if outcome.is_error else (outcome.code, output, b"")

    def commands(self) -> dict[tuple[str, ...], Callable[[Words], str | Outcome]]:
        """The known commands, by the words that name them."""
        return {
            ("info",): self.info,
            ("login",): self.login,
            ("buildx", "build"): self.build,
            ("push",): self.push,
            ("create",): self.create,
            ("start",): self.start,
            ("wait",): self.wait,
            ("image", "inspect"): self.inspect_image,
            ("inspect",): self.inspect_container,
            ("logs",): self.logs,
            ("cp",): self.copy,
            ("rm",): self.remove,
        }

    def done(self, name: tuple[str, ...], words: Words) -> Outcome:
        """Executes a command, after the test's own action for it."""
        called = " ".join(name)
        if called in self.meanwhile:
            self.meanwhile[called]()
        try:
            if said := self.errors.get(called):
                raise Refused(said)
            done = self.commands()[name](words)
        except Refused as refused:
            return Outcome(f"{refused}\n", 1, is_error=True)
        return Outcome(done) if isinstance(done, str) else done

    def fail(self, said: str) -> NoReturn:
        """Ends the test. If the builder hides that, `Sandbox.run` finds it in `unknown`."""
        self.unknown.append(said)
        raise UnknownError(said)

    # The commands

    def info(self, words: Words) -> str:
        """The kind of image store."""
        options, _ = words.read(("format",), operands=0)
        words.require(options["format"] == "json")
        return json.dumps({"DriverStatus": self.store})

    def login(self, words: Words) -> str:
        """Remembers a registry's user and password."""
        options, (registry,) = words.read(("username",), ("password-stdin",), operands=1)
        words.require(options["password-stdin"] is True)
        if said := self.errors.get(f"login {registry}"):
            raise Refused(said)
        self.logins[registry] = (options["username"], words.typed.decode())
        return "Login Succeeded\n"

    def build(self, words: Words) -> Outcome:
        """Records the build's inputs, and makes an image if this build should succeed."""
        options, (folder,) = words.read(OF_A_BUILD + OF_A_RESULT, ("load",), operands=1)
        is_for_tests = options["output"] == "type=cacheonly"
        is_kept = options["output"] in INTO_ITS_STORE if self.store == CACHING else options["load"] is True
        words.require(is_for_tests or bool(is_kept and options["tag"] and options["metadata-file"]))
        words.require(options["progress"] == "plain" and options["platform"] == "linux/arm64")
        dockerfile, context = Path(options["file"]), Path(folder)
        secrets = dict(each.removeprefix("id=").split(",src=") for each in options["secret"])
        private = [Path(path) for path in (*secrets.values(), options["metadata-file"] or "any", "any")]
        if strange := seen_too_much(dockerfile, context, private):
            self.fail(strange)
        self.built.append(Built.of(options, words.env, context, dockerfile, secrets))
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if outcome.code == 0 and not is_for_tests:
            asked = dict(label.split("=", 1) for label in options["label"])
            self.images[options["tag"]] = self.config | {"Labels": asked | self.labels}
            described = {"containerimage.descriptor": {"mediaType": self.media_type}} if self.media_type else {}
            Path(options["metadata-file"]).write_text(json.dumps(described))
        return outcome

    def push(self, words: Words) -> str:
        """Puts the named image into ECR, whose tags are immutable."""
        _, (name,) = words.read(operands=1)
        registry, _, path = name.partition("/")
        repository, _, tag = path.partition(":")
        if name not in self.images or registry not in self.logins:
            raise Refused("no basic auth credentials")
        manifest = json.dumps({"mediaType": self.media_type, "config": self.images[name]})
        ecr = ours("ecr")
        if ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}])["images"]:
            raise Refused(f"tag invalid: The image tag '{tag}' already exists in the '{repository}' repository")
        ecr.put_image(
            repositoryName=repository, imageTag=tag, imageManifest=manifest, imageManifestMediaType=self.media_type
        )
        return (
            f"The push refers to repository [{registry}/{repository}]\n{tag}: digest: {digest_of(manifest)} size: 9\n"
        )

    def create(self, words: Words) -> str:
        """Creates a container without a network, with limits on its processes and its log."""
        options, (image,) = words.read(("platform", "pull", "network", "pids-limit", "log-opt"), operands=1)
        words.require((options["pull"], options["network"]) == ("never", "none"))
        words.require(bool(options["pids-limit"] and options["log-opt"] and image in self.images))
        self.containers.add(CONTAINER)
        return f"{CONTAINER}\n"

    def start(self, words: Words) -> str:
        """Starts a container."""
        return f"{self.container(words.read(operands=1)[1])}\n"

    def wait(self, words: Words) -> str:
        """The exit code of a container whose program has ended."""
        self.container(words.read(operands=1)[1])
        return f"{self.ended.code}\n" if self.ended else ""

    def inspect_image(self, words: Words) -> str:
        """The image's configuration."""
        _, (image,) = words.read(operands=1)
        words.require(image in self.images)
        return json.dumps([{"Config": self.images[image]}])

    def inspect_container(self, words: Words) -> str:
        """The container's state: running, unless its program has ended or was refused."""
        self.container(words.read(operands=1)[1])
        if "start" in self.errors:
            return json.dumps([{"State": {"Status": "created", "ExitCode": 127}}])
        if self.ended is None:
            return json.dumps([{"State": {"Status": "running", "ExitCode": 0}}])
        times = {"StartedAt": "2026-11-30T10:00:00.1Z", "FinishedAt": "2026-11-30T10:00:00.423456789Z"}
        return json.dumps([{"State": {"Status": "exited", "ExitCode": self.ended.code, **times}}])

    def logs(self, words: Words) -> Outcome:
        """The output of a container that has ended."""
        options, operands = words.read(("tail",), operands=1)
        words.require(bool(options["tail"]))
        self.container(operands)
        return Outcome(self.ended.output if self.ended else "")

    def copy(self, words: Words) -> str:
        """Copies one file out of a container."""
        options, (place, target) = words.read((), ("follow-link",), operands=2)
        words.require(options["follow-link"] is True)
        container, _, path = place.partition(":")
        self.container([container])
        if path not in self.files:
            raise Refused(f"Error response from daemon: Could not find the file {path} in container {container}")
        Path(target).write_bytes(self.files[path])
        Path(target).chmod(0o755)
        return ""

    def container(self, named: list[str]) -> str:
        """The named container, which must exist."""
        if named != [CONTAINER] or CONTAINER not in self.containers:
            self.fail(f"There is no such container: {named}")
        return CONTAINER

    def remove(self, words: Words) -> str:
        """Removes a container, even a running one."""
        options, operands = words.read((), ("volumes", "force"), operands=1)
        words.require(options["volumes"] is options["force"] is True)
        self.containers.remove(self.container(operands))
        return f"{CONTAINER}\n"
