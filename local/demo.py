"""`make demo`: deploys the stack on this machine, uploads a source, and runs the recorded image."""

import argparse
import json
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from local.deployment import deployment
from local.docker.container import run_image
from local.emulator import ROOT, Account, run_tool
from local.exits import exit_code
from local.pipeline import Late, Pipeline, Upload, wait_for
from local.progress import UserError, say, step
from local.sources.zipping import zip_of
from local.subscriber import Subscriber

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

EXAMPLE = ROOT / "examples" / "hello"  # it has a health path; other sources may not
BUILD_SECONDS = 1800
RECORD_SECONDS = 300


@dataclass(frozen=True)
class Recorded:
    """The demo's recorded upload."""

    upload: Upload
    build: "BuildTypeDef"
    tag: str
    uri: str
    bytes: int
    seconds: float


def main() -> int:
    """Runs the demo. Returns 0 if the image was recorded and, if it is the example's, answers, or else 1."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("source", type=Path, help="a folder that contains a Dockerfile, or a zip of one")
    source: Path = parser.parse_args().source
    return exit_code(lambda: demonstrate(source.resolve()))


def demonstrate(source: Path) -> None:
    """Runs the whole pipeline once, and stops what it started."""
    body = zip_of(source)
    with deployment() as deployed:
        here, pipeline = deployed.here, deployed.pipeline
        subscriber = Subscriber.at(pipeline)
        try:
            recorded = send(here, pipeline, subscriber, f"{source.stem or 'source'}.zip", body)
        except Late as error:  # the local cloud is broken, not the source
            raise UserError(f"{error} The end of the local cloud's log:\n{here.log()}") from error
        show(recorded)
        show_status(here, pipeline, recorded.upload)
        run_image(deployed.docker, recorded.uri, must_be_healthy=source == EXAMPLE)


def send(here: Account, pipeline: Pipeline, subscriber: Subscriber, key: str, body: bytes) -> Recorded:
    """Uploads with the AWS CLI, as users do, and follows the upload until it is recorded.

    Raises:
        UserError: it was rejected or its build failed. The text has the reason.
    """
    file = here.folder / "source.zip"
    file.write_bytes(body)
    place = f"s3://{pipeline.bucket}/{key}"
    with step(f"Uploading {len(body):,} bytes: aws s3 cp {key} {place}"):
        run_tool(here, ["aws", "s3", "cp", str(file), place], "The upload")
    uploaded = time.monotonic()
    upload = Upload(key, pipeline.s3.head_object(Bucket=pipeline.bucket, Key=key)["VersionId"])
    with step("Waiting for the build to start"):
        build = wait_for("The start of the build", lambda: started(here, pipeline, upload), RECORD_SECONDS)
    with step(f"Building {build['id']}"):
        build = pipeline.ended_build(upload, BUILD_SECONDS)
    if build["buildStatus"] != "SUCCEEDED":
        show_status(here, pipeline, upload)
        show_news(subscriber, upload)
        raise UserError(
            f"The build ended with {build['buildStatus']}.\nreason: {pipeline.tags(upload)['build-reason']}"
        )
    with step("Waiting until the image is recorded"):
        uri = pipeline.wait_until_recorded(upload, RECORD_SECONDS)
    seconds = time.monotonic() - uploaded
    (image,) = pipeline.ecr.describe_images(
        repositoryName=pipeline.repository, imageIds=[{"imageDigest": uri.partition("@")[2]}]
    )["imageDetails"]
    return Recorded(upload, build, pipeline.tags(upload)["image-tag"], uri, image["imageSizeInBytes"], seconds)


def started(here: Account, pipeline: Pipeline, upload: Upload) -> "BuildTypeDef | None":
    """The upload's build, if it has one.

    Raises:
        UserError: the upload was rejected. The text has the reason.
    """
    tags = pipeline.tags(upload)
    if tags.get("build-status") == "rejected":
        show_status(here, pipeline, upload)
        raise UserError(f"The upload was rejected.\nreason: {tags['build-reason']}")
    return next(iter(pipeline.builds(upload)), None)


def show_news(subscriber: Subscriber, upload: Upload) -> None:
    """Prints the event and the email of a failure."""
    event, mail = subscriber.wait_for_event(upload), subscriber.wait_for_mail(upload)
    detail = json.dumps(event["detail"], indent=2, ensure_ascii=False)
    say(f"The event, {event['detail-type']}:\n{indent(detail, '  ')}\n")
    say(f"The email, {mail['Subject']}:\n{indent(mail['Message'], '  ')}")


def show(recorded: Recorded) -> None:
    """Prints the recorded upload as a table."""
    rows = {
        "uploaded key": recorded.upload.key,
        "version": recorded.upload.version,
        "build": recorded.build["id"],
        "tag": recorded.tag,
        "digest": recorded.uri.partition("@")[2],
        "size": f"{recorded.bytes / 1e6:,.1f} MB compressed",
        "recorded URI": recorded.uri,
        "from upload to recorded": f"{recorded.seconds:.1f} s",
    }
    say("")
    for name, value in rows.items():
        say(f"  {name:<24} {value}")
    say("")


def show_status(here: Account, pipeline: Pipeline, upload: Upload) -> None:
    """Waits for the final status, then prints the command that shows it to the uploader, and its output."""
    with step("Waiting for the upload's status"):
        passing = {None, "accepted", "waiting"}
        wait_for("The status", lambda: pipeline.tags(upload).get("build-status") not in passing, RECORD_SECONDS)
    command = ["aws", "s3api", "get-object-tagging", "--bucket", pipeline.bucket, "--key", upload.key]
    say(f"\n$ {shlex.join(command)}\n{run_tool(here, command, 'The command')}")


if __name__ == "__main__":
    sys.exit(main())
