"""The evidence that checks share: the deployed stack and what became of uploads. Each is gathered at its first use."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from local.pipeline import Pipeline, Upload, wait_for
from local.progress import UserError, step
from ship.aws.access import Access
from verify import stacks
from verify.once import once
from verify.run import Run
from verify.uploads import (
    BASE,
    SERVES,
    Begun,
    Story,
    begin,
    first_build,
    followed,
    of_x86_64,
    probe,
    send,
    tell,
    wait_until_final,
    with_dockerfile,
)
from verify.verdicts import DidNotHold, NotTried

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

PATIENCE = 15 * 60.0
"""Seconds in which metrics, scans and other late things arrive."""
EVENT_SECONDS = 5 * 60.0
"""Within these, an upload gets its first status, even right after the first deployment."""
FAILING = "echo first; echo 'nothing works here' >&2; exit 7"
"""A step that fails, and says so in its last line."""


@dataclass
class Evidence:
    """What a run knows about the account."""

    access: Access
    run: Run
    patience: float = PATIENCE

    @property
    def is_aws(self) -> bool:
        """Whether requests go to AWS, and not to another endpoint such as the local cloud's."""
        host = urlsplit(self.access.sts.meta.endpoint_url).hostname or ""
        return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))

    @property
    def parameters(self) -> dict[str, str]:
        """The stack's parameters at first."""
        return {"ServiceName": self.run.service, "Dashboard": "no"}

    @once
    def pipeline(self) -> Pipeline:
        """The deployed stack."""
        return stacks.deploy(self.access, self.run, self.run.stack, self.parameters)

    def probe(self, text: str) -> bytes:
        """A source that prints facts about its machine."""
        return probe(self.run.id, text)

    @once
    def begun(self) -> Begun:
        """The first upload, a probe, up to its first sign. It is sent again if there is none."""
        return begin(self.pipeline, "first.zip", self.probe("first"), EVENT_SECONDS)

    @once
    def first_build(self) -> "BuildTypeDef":
        """The first build, as soon as CodeBuild describes it.

        Raises:
            NotTried: there is none.
        """
        return first_build(self.pipeline, self.begun, EVENT_SECONDS)

    @once
    def built(self) -> Story:
        """The first upload, however its build ended."""
        _ = self.first_build
        return followed(self.pipeline, self.begun.upload)

    @property
    def first(self) -> Story:
        """The first upload. It must be recorded."""
        return recorded(self.built)

    @once
    def again(self) -> Story:
        """The same source with another last step, which finds the first one's layers in the cache."""
        recorded(self.built)  # it fills the cache
        return recorded(tell(self.pipeline, "again.zip", self.probe("again")))

    @once
    def odd_key(self) -> Story:
        """An upload under a key with characters that URLs encode."""
        return tell(self.pipeline, "a+b \u00fc.zip", self.probe("odd key"))

    @once
    def failing_step(self) -> Story:
        """An upload with a step that fails."""
        return tell(self.pipeline, "failing-step.zip", with_dockerfile(f"{BASE}RUN {FAILING}\n{SERVES}"))

    @once
    def no_program(self) -> Story:
        """An upload whose image names a program that isn't there."""
        return tell(self.pipeline, "no-program.zip", with_dockerfile(f'{BASE}CMD ["/not/there"]\n'))

    @once
    def wrong_machine(self) -> Story:
        """An upload whose image starts a program of x86-64."""
        return tell(self.pipeline, "wrong-machine.zip", of_x86_64())

    @once
    def stopped(self) -> Story:
        """An upload whose build was stopped."""
        pipeline = self.pipeline
        upload = send(pipeline, "stopped.zip", with_dockerfile(f"{BASE}RUN sleep 900\n{SERVES}"))
        (build, *_) = wait_for("The start of the build", lambda: pipeline.builds(upload), EVENT_SECONDS)
        pipeline.codebuild.stop_build(id=build["id"])
        return followed(pipeline, upload)

    @once
    def burst(self) -> list[tuple[Upload, dict[str, str]]]:
        """Three uploads to one key in a row, the oldest first, and their final tags."""
        uploads = [send(self.pipeline, "burst.zip", self.probe(f"burst {number}")) for number in range(3)]
        with step("Following a burst of three uploads to their final status"):
            return [(upload, wait_until_final(self.pipeline, upload)) for upload in uploads]

    @once
    def with_dashboard(self) -> Pipeline:
        """The stack after an update that changed only the dashboard's parameter."""
        return stacks.deploy(self.access, self.run, self.pipeline.stack, {**self.parameters, "Dashboard": "yes"})

    @once
    def second_deployment(self) -> str:
        """What SAM CLI and CloudFormation say when a second stack wants the first one's repository."""
        try:
            stacks.deploy(self.access, self.run, self.run.second_stack, {"ServiceName": self.pipeline.repository})
        except UserError as error:
            return "\n".join([str(error), *stacks.failures(self.access, self.run.second_stack)])
        raise DidNotHold("A second stack with the same repository was deployed.")

    def recorded_at(self, story: Story) -> datetime:
        """When an upload's image was recorded, by the parameter's history."""
        versions = self.pipeline.history()
        return next(
            each["LastModifiedDate"]
            for each in versions
            if each.get("Description", "").startswith(f"{story.image_tag} ")
        )

    def digest_of(self, tag: str) -> str:
        """The digest of the image with this tag. Empty if there is none."""
        return next(
            (
                each["imageDigest"]
                for page in self.pipeline.ecr.get_paginator("list_images").paginate(
                    repositoryName=self.pipeline.repository
                )
                for each in page["imageIds"]
                if each.get("imageTag") == tag
            ),
            "",
        )


def recorded(story: Story) -> Story:
    """The story of an upload that was recorded.

    Raises:
        NotTried: it wasn't, so what builds on it can't be tried.
    """
    if story.status != "recorded":
        raise NotTried(f"{story.upload.key} is {story.status}, not recorded: {story.reason}")
    return story
