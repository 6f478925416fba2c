"""Measures the functions: init, duration, memory, requests to AWS, size of their package."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.emulator import ROOT, Account
from local.pipeline import Pipeline, wait_for
from local.progress import step
from local.sources.zipping import zip_with
from tools.bench.by_hand import trivial
from tools.bench.figures import Figure

RUNS = 7
SECONDS = 60
PROBE = Path(__file__).with_name("probe.py")
FUNCTIONS = {"StartBuild": "start_build", "RecordImage": "record_image"}
QUEUES = {"StartBuild": "UploadQueue", "RecordImage": "TriggerQueue"}
EVENTS = {"StartBuild": "upload-queue", "RecordImage": "trigger-queue"}
BARE = """\
import logging
import os
import sys

import boto3

logging.basicConfig(stream=sys.stdout)
logger = logging.getLogger()
s3 = boto3.client("s3")


def handler(event, context):
    logger.warning("A line of log")
    s3.head_bucket(Bucket=os.environ["BUCKET"])
"""


@dataclass
class Process:
    """A handler's process, which has been started."""

    popen: "subprocess.Popen[str]"
    init: float
    modules: int

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The invocation's duration, and its requests to AWS."""
        assert self.popen.stdin  # noqa: S101  # a pipe was asked for
        self.popen.stdin.write(json.dumps(event) + "\n")
        self.popen.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next line that it says."""
        assert self.popen.stdout  # noqa: S101
        found: dict[str, Any] = json.loads(self.popen.stdout.readline())
        return found


@dataclass(frozen=True)
class Deployed:
    """The stack's functions, each in a process of its own instead of the local cloud's."""

    here: Account
    pipeline: Pipeline

    def package(self, function: str) -> Path:
        """The folder of what is deployed."""
        return self.here.folder / "build" / function

    @contextmanager
    def process(self, function: str, **variables: str) -> Iterator[Process]:
        """The function in a process of its own, with other variables in place of its own."""
        environment = self.pipeline.environment(function) | variables
        with started(self.here, self.package(function), FUNCTIONS[function], environment) as process:
            yield process

    @contextmanager
    def unpolled(self, *functions: str) -> Iterator[None]:
        """While the block runs, nobody polls the functions' queues."""
        client = self.pipeline.client("lambda")
        mappings = [
            mapping["UUID"]
            for function in functions
            for mapping in client.list_event_source_mappings(FunctionName=self.pipeline.physical(function))[
                "EventSourceMappings"
            ]
        ]
        for mapping in mappings:
            client.update_event_source_mapping(UUID=mapping, Enabled=False)
        try:
            yield
        finally:
            for mapping in mappings:
                client.update_event_source_mapping(UUID=mapping, Enabled=True)

    def event(self, function: str, naming: str) -> dict[str, Any]:
        """The function's event for the message with this text, which is taken from its queue with all before it."""
        sqs, url = self.pipeline.client("sqs"), self.pipeline.physical(QUEUES[function])

        def look() -> str | None:
            for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                body: str = message["Body"]
                if naming in body:
                    return body
            return None

        return around(function, wait_for(f"The message of {QUEUES[function]} with {naming}", look, SECONDS))


def around(function: str, body: str) -> dict[str, Any]:
    """The event with which Lambda hands over a message."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{EVENTS[function]}.json").read_text())
    return event | {"Records": [event["Records"][0] | {"body": body}]}


@contextmanager
def started(here: Account, package: Path, module: str, variables: Mapping[str, str]) -> Iterator[Process]:
    """A handler's process."""
    popen = subprocess.Popen(
        [sys.executable, PROBE, package, module],
        env={**here.environment, **variables, "PYTHONDONTWRITEBYTECODE": "1"},  # Lambda keeps none of a package
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        process = Process(popen, 0, 0)
        first = process.answer()
        process.init, process.modules = first["init"], first["modules"]
        yield process
    finally:
        popen.kill()
        popen.wait()


def measure(here: Account, pipeline: Pipeline) -> tuple[list[Figure], dict[str, list[str]]]:
    """The figures of both functions beside a bare one, and which requests each sends for one event."""
    deployed = Deployed(here, pipeline)
    bare = here.folder / "bare"
    bare.mkdir()
    (bare / "bare.py").write_text(BARE)
    noted: dict[str, list[tuple[float, ...]]] = {name: [] for name in ("bare", *FUNCTIONS)}
    requests: dict[str, list[str]] = {}
    with step("The functions"), deployed.unpolled(*FUNCTIONS):
        for _ in range(RUNS):
            with started(here, bare, "bare", deployed.pipeline.environment("StartBuild")) as process:
                noted["bare"].append(noted_of(process, [process.invoke({}) for _ in range(2)]))
            with deployed.process("StartBuild") as start, deployed.process("RecordImage") as record:
                taken = [one_upload(deployed, start, record) for _ in range(2)]
            for function, process in {"StartBuild": start, "RecordImage": record}.items():
                invocations = [each[function] for each in taken]
                noted[function].append(noted_of(process, invocations))
                requests[function] = invocations[-1]["asked"]
    return [*figures(noted), *sizes(deployed)], requests


def one_upload(deployed: Deployed, start: Process, record: Process) -> dict[str, dict[str, Any]]:
    """Takes an upload from its event to its recording. Returns what each function took."""
    upload = deployed.pipeline.upload("measured.zip", zip_with(trivial(deployed.pipeline)))
    started = start.invoke(deployed.event("StartBuild", upload.version))
    build = deployed.pipeline.ended_build(upload, SECONDS)
    recorded = record.invoke(deployed.event("RecordImage", build["id"]))
    if "Recorded" not in recorded["log"]:
        raise RuntimeError(f"RecordImage recorded nothing: {recorded['log']}")
    return {"StartBuild": started, "RecordImage": recorded}


def noted_of(process: Process, invocations: list[dict[str, Any]]) -> tuple[float, ...]:
    """Init, the first invocation, the next, and memory."""
    first, following = invocations
    return process.init, first["seconds"], following["seconds"], following["mebibytes"]


def figures(noted: Mapping[str, list[tuple[float, ...]]]) -> list[Figure]:
    """The notes, as rows."""
    names = {"bare": "bare boto3 with a logger"}
    whats = (("init", "s"), ("first invocation", "s"), ("next invocation", "s"), ("memory", "MiB"))
    return [
        Figure(names.get(name, name), what, unit, tuple(run[column] for run in runs))
        for name, runs in noted.items()
        for column, (what, unit) in enumerate(whats)
    ]


def sizes(deployed: Deployed) -> list[Figure]:
    """The size of what is deployed, unpacked."""
    files = [path for path in deployed.package("StartBuild").rglob("*") if path.is_file()]
    return [Figure("the package", "unpacked", "KiB", (sum(path.stat().st_size for path in files) / 1024,))]
