"""The failures that people meet: each gives its reason to the uploader's one command, and changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.cloud.shared.live_settings import Settings
from local.emulator import ROOT, Account
from local.pipeline import Pipeline, Upload, wait_for
from local.source_zips import zip_with
from local.subscriber import Subscriber
from tests.e2e.support import uploads
from tests.e2e.support.operators import wait_until_at_rest
from tests.e2e.support.triggers import trigger
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.uploads import BASE, SECONDS, SERVES, slow, starting, with_dockerfile

SCRATCH = "FROM scratch\nCOPY --chmod=755 app /app\n"


@dataclass(frozen=True)
class Failure:
    """What is uploaded, given the repository's URI, and the reason that the uploader reads."""

    body: Callable[[str], bytes]
    reason: str


def starts(program: str) -> Failure:
    """An image that starts this, and has a file `/text` and a link `/loop` to itself."""
    dockerfile = f'{BASE}RUN echo x > /text && ln -s /loop /loop\nCMD ["{program}"]\n'
    return Failure(lambda _: with_dockerfile(dockerfile), f"no-program: The image starts {program} which is not")


REJECTED = {
    "no Dockerfile": Failure(lambda _: zip_with({"README.md": "x"}), "no-dockerfile: There is no file Dockerfile"),
    "a Dockerfile too deep": Failure(lambda _: uploads.good("x", "a/b/"), "no-dockerfile: There is no file Dockerfile"),
    "not a zip": Failure(lambda _: b"This is not a zip.", "not-a-zip: This is not a zip file"),
    "an empty object": Failure(lambda _: b"", "not-a-zip: This is not a zip file"),
    "an encrypted zip": Failure(lambda _: uploads.encrypted(), "encrypted: The zip is encrypted."),
}
FAILED = {
    "a RUN that fails": Failure(
        lambda _: with_dockerfile(f"{BASE}RUN echo so far so good && false\n{SERVES}"),
        "build-failed: Dockerfile:2 RUN echo so far so good && false ended with exit code 1. so far so good",
    ),
    "a COPY of a missing file": Failure(
        lambda _: with_dockerfile(f"{BASE}COPY missing /\n{SERVES}"), "build-failed: Dockerfile:2 COPY missing /: "
    ),
    "a base image that is not there": Failure(
        lambda repository: with_dockerfile(f"FROM {repository}:not-there\n"), "build-failed: Dockerfile:1 FROM "
    ),
    "a step that is killed": Failure(
        lambda _: with_dockerfile(f"{BASE}RUN sh -c 'kill -9 $$' || exit $?\n{SERVES}"),
        "out-of-memory: The step was killed",
    ),
    "a step for another machine": Failure(
        lambda _: zip_with(
            {"Dockerfile": f'{BASE}COPY --chmod=755 app /app\nRUN ["/app"]\n{SERVES}', "app": "garbage"}
        ),
        "wrong-architecture: A step runs a program that is not for arm64.",
    ),
    "a program for another machine": Failure(
        lambda _: uploads.pinned_to_amd64(), "wrong-architecture: /app is for x86-64 and not for arm64."
    ),
    "a program whose loader is missing": Failure(
        lambda _: starting(uploads.program(loader="/lib/ld-linux-aarch64.so.1"), SCRATCH),
        "no-program: /app needs the loader /lib/ld-linux-aarch64.so.1 that the image does not have.",
    ),
    "garbage": Failure(lambda _: starting("garbage"), "no-program: /app is neither a Linux program nor a script"),
    "a user who is missing": Failure(
        lambda _: with_dockerfile(f"{BASE}USER node\n{SERVES}"), "no-program: USER node is not in the image."
    ),
    "a script that its user may not read": Failure(
        lambda _: starting("#!/bin/sh\n", f"{BASE}COPY --chmod=700 app /app\nUSER 1000\n"),
        "no-program: The USER of the image may not read or execute /app",
    ),
    "a script without its interpreter": Failure(
        lambda _: starting("#!/bin/bash\n"), "no-program: The script /app asks for /bin/bash which is not in the image."
    ),
    "a script with line ends of Windows": Failure(
        lambda _: starting("#!/bin/sh\r\necho hi\r\n"), "no-program: The script /app has line ends of Windows"
    ),
    "a script with an argument and line ends of Windows": Failure(
        lambda _: starting("#!/bin/sh -e\r\necho hi\r\n"), "no-program: The script /app has line ends of Windows"
    ),
    "an image without a command": Failure(
        lambda _: with_dockerfile("FROM scratch\nCOPY Dockerfile /\n"), "no-program: The image has no command."
    ),
    "a zip by Windows' Explorer, whose image has no command": Failure(
        lambda _: (ROOT / "tests/corpus/windows-macos/windows-explorer.zip").read_bytes(),
        "no-program: The image has no command.",
    ),
    "a program that is not there": starts("/missing"),
    "a program below a file": starts("/text/app"),
    "a program that is a link to itself": starts("/loop"),
}


@pytest.fixture(scope="module")
def uploaded(pipeline: Pipeline, uploader: Uploader, first: Upload) -> dict[str, Upload]:
    """All that fails in its build, uploaded at once, when nothing else is to be recorded."""
    wait_until_at_rest(pipeline)
    repository = pipeline.outputs["RepositoryUri"]
    return {name: uploader.upload(f"{name}.zip", failure.body(repository)) for name, failure in FAILED.items()}


@pytest.mark.parametrize("name", REJECTED)
def test_an_upload_that_cannot_be_built_is_rejected_without_a_build(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber, recorded_before: str, name: str
) -> None:
    upload = uploader.upload(f"{name}.zip", REJECTED[name].body(""))
    event = subscriber.wait_for_event(upload)
    assert event["detail-type"] == "Upload Rejected"
    check(uploader, subscriber, upload, "rejected", REJECTED[name].reason)
    assert not pipeline.builds(upload)
    assert pipeline.recorded() == recorded_before


@pytest.mark.parametrize("name", FAILED)
def test_a_build_that_fails_gives_the_reason(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber, uploaded: dict[str, Upload], name: str
) -> None:
    upload, before = uploaded[name], pipeline.recorded()
    event = subscriber.wait_for_event(upload)
    assert event["detail-type"] == "Build Failed"
    assert event["detail"]["buildId"] == pipeline.builds(upload)[0]["id"]
    check(uploader, subscriber, upload, "failed", FAILED[name].reason)
    assert pipeline.tags(upload)["image-tag"] not in pipeline.images()
    trigger(pipeline)
    assert pipeline.recorded() == before
    assert len(subscriber.events(upload)) == len(subscriber.mails(upload)) == 1


def test_a_build_that_runs_out_of_time_gives_that_as_the_reason(
    here: Account, uploader: Uploader, subscriber: Subscriber
) -> None:
    here.set(Settings(minute_seconds=0.1))
    try:
        upload = uploader.upload("endless.zip", slow("endless", 600))
        subscriber.wait_for_event(upload)
    finally:
        here.set(Settings())
    check(uploader, subscriber, upload, "failed", "timed-out: The build ran longer than it may.")


def test_a_build_that_an_operator_stops_gives_that_as_the_reason(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber
) -> None:
    upload = uploader.upload("stopped.zip", slow("stopped", 600))
    build = wait_for("The start of the build", lambda: next(iter(pipeline.builds(upload)), None), SECONDS)
    pipeline.codebuild.stop_build(id=build["id"])
    subscriber.wait_for_event(upload)
    check(uploader, subscriber, upload, "failed", "stopped: Somebody stopped the build.")


def check(uploader: Uploader, subscriber: Subscriber, upload: Upload, status: str, reason: str) -> None:
    """The event, the mail, and one command of the uploader's own say the same."""
    detail = subscriber.wait_for_event(upload)["detail"]
    assert (detail["key"], detail["status"], detail["imageUri"]) == (upload.key, status, None)
    assert detail["reason"].startswith(reason)
    mail = subscriber.wait_for_mail(upload)
    assert mail["Subject"] == f"jwt-pizza-service: {status} {upload.key}"
    assert f"reason: {detail['reason']}\n" in mail["Message"]
    tags = wait_for("The status", lambda: uploader.reads(upload, status), SECONDS)
    assert set(tags) == {"build-status", "image-tag", "build-reason"}
    assert tags["build-reason"].split()[0] == reason.split(maxsplit=1)[0]
