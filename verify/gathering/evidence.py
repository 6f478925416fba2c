"""The evidence that checks share: the deployed stack and what became of uploads. Each is gathered at its first use."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from local.pipeline import Pipeline, Upload, wait_for
from local.progress import UserError, step
from local.sources.failures import FAILED, REJECTED
from local.sources.samples import slow
from ship.aws.access import Access
from verify import stacks
from verify.fargate.service import Service
from verify.gathering.builder_update import BuilderUpdate, update_builder
from verify.gathering.deleted_stack import DeletedStack, delete_and_look
from verify.gathering.once import once
from verify.gathering.quotas import quotas
from verify.gathering.rollback import Rollback, digest_of, roll_back
from verify.gathering.uploads import (
    Begun,
    Story,
    begin,
    first_build,
    followed,
    probe,
    running,
    send,
    tell,
    wait_until_final,
)
from verify.run import Run
from verify.verdicts import DidNotHold, NotTried

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

PATIENCE = 15 * 60.0
"""Seconds in which metrics, scans and other late things arrive."""
FRESH = timedelta(minutes=10)
EVENT_SECONDS = 5 * 60.0
"""Within these, an upload gets its first status, even right after the first deployment."""
BUILD_SECONDS = 45 * 60.0
"""Within these, a build ends that waits for a machine at first."""
BUILD_MINUTES = "5"
"""A build's timeout, the least that the template allows. A hanging build costs no more."""
FAILURES = REJECTED | FAILED


@dataclass
class Evidence:
    """A run's knowledge of the account."""

    access: Access
    run: Run
    patience: float = PATIENCE
    event_patience: float = EVENT_SECONDS
    nonce: str = field(default_factory=lambda: secrets.token_hex(4))
    """Makes the probes' first step differ from those of earlier calls."""
    told: dict[str, Story] = field(default_factory=dict)
    """The results of known failures so far."""

    @property
    def is_aws(self) -> bool:
        """Whether requests go to AWS, and not to another endpoint such as the local cloud's."""
        host = urlsplit(self.access.sts.meta.endpoint_url).hostname or ""
        return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))

    @property
    def parameters(self) -> dict[str, str]:
        """The stack's parameters at first."""
        return {"ServiceName": self.run.service, "Dashboard": "no", "BuildTimeoutMinutes": BUILD_MINUTES}

    @once
    def pipeline(self) -> Pipeline:
        """The deployed stack."""
        return stacks.deploy(self.access, self.run, self.run.stack, self.parameters)

    def probe(self, text: str) -> bytes:
        """A source that prints facts about its machine."""
        return probe(self.nonce, text)

    @once
    def begun(self) -> Begun:
        """The first upload, a probe, up to its first sign. It is sent again if there is none.

        Raises:
            NotTried: the account may run no build.
        """
        pipeline = self.pipeline
        if not max(quotas(self.access).values(), default=1.0):
            raise NotTried(
                "The account may run no arm1.small build. Ask AWS for the quota (docs/operating/first-steps.md)."
            )
        (stack,) = self.access.cloudformation.describe_stacks(StackName=pipeline.stack)["Stacks"]
        is_fresh = datetime.now(UTC) - stack["CreationTime"] < FRESH
        return replace(begin(pipeline, "first.zip", self.probe("first"), self.event_patience), is_fresh=is_fresh)

    @once
    def first_build(self) -> "BuildTypeDef":
        """The first build, as soon as CodeBuild describes it.

        Raises:
            NotTried: there is none.
        """
        return first_build(self.pipeline, self.begun, self.event_patience)

    @once
    def first_log(self) -> list[str]:
        """The log of the first build once it has ended, even if the upload is built again."""
        build_id = self.first_build["id"]

        def ended() -> "BuildTypeDef | None":
            (build,) = self.pipeline.described([build_id])
            return build if build["buildStatus"] != "IN_PROGRESS" else None

        return self.pipeline.log(wait_for("The end of the first build", ended, BUILD_SECONDS))

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

    def failed(self, name: str) -> Story:
        """The result of one of the known failures."""
        if name not in self.told:
            body = FAILURES[name].body(self.pipeline.outputs["RepositoryUri"])
            self.told[name] = tell(self.pipeline, f"{name}.zip", body)
        return self.told[name]

    @once
    def failures(self) -> dict[str, Story]:
        """The results of all known failures, which are uploaded at once."""
        pipeline = self.pipeline
        uri = pipeline.outputs["RepositoryUri"]
        more = [name for name in FAILURES if name not in self.told]
        uploads = {name: send(pipeline, f"{name}.zip", FAILURES[name].body(uri)) for name in more}
        self.told |= {name: followed(pipeline, upload) for name, upload in uploads.items()}
        return self.told

    @once
    def stopped(self) -> Story:
        """An upload whose build was stopped."""
        pipeline = self.pipeline
        upload = send(pipeline, "stopped.zip", slow("stopped", 900))
        (build,) = wait_for("The start of the build", lambda: running(pipeline, upload), EVENT_SECONDS)
        pipeline.codebuild.stop_build(id=build["id"])
        return followed(pipeline, upload)

    @once
    def burst(self) -> list[tuple[Upload, dict[str, str]]]:
        """Three uploads to one key in a row, the oldest first, and their final tags."""
        uploads = [send(self.pipeline, "burst.zip", self.probe(f"burst {number}")) for number in range(3)]
        with step("Following a burst of three uploads to their final status"):
            return [(upload, wait_until_final(self.pipeline, upload)) for upload in uploads]

    @once
    def rollback(self) -> Rollback | None:
        """The observations while the parameter named the first image again. None if `latest` didn't follow.

        Raises:
            NotTried: `latest` was that image already.
        """
        return roll_back(self.pipeline, recorded(self.first), recorded(self.again))

    @once
    def with_dashboard(self) -> Pipeline:
        """The stack after an update that changed only the dashboard's parameter."""
        return stacks.deploy(self.access, self.run, self.pipeline.stack, {**self.parameters, "Dashboard": "yes"})

    @once
    def builder_update(self) -> BuilderUpdate:
        """An update of the stack with another builder, and the uploads around it."""
        return update_builder(self.access, self.run, self.pipeline, {**self.parameters, "Dashboard": "yes"}, self.nonce)

    @once
    def second_deployment(self) -> str:
        """The words of SAM CLI and CloudFormation when a second stack wants the first one's repository."""
        try:
            stacks.deploy(self.access, self.run, self.run.second_stack, {"ServiceName": self.pipeline.repository})
        except UserError as error:
            return "\n".join([str(error), *stacks.failures(self.access, self.run.second_stack)])
        raise DidNotHold("A second stack with the same repository was deployed.")

    @once
    def deleted_stack(self) -> DeletedStack:
        """The second stack, once it is deleted."""
        _ = self.second_deployment
        return delete_and_look(self.access, self.run.second_stack)

    @once
    def service(self) -> Service:
        """The example's service on Fargate, which isn't deployed yet.

        Raises:
            NotTried: the caller doesn't want one.
        """
        if not self.run.fargate:
            raise NotTried("It takes a service on Fargate: give --fargate.")
        return Service(self.access, self.run, lambda *source: recorded(tell(self.pipeline, *source)).tags["image-uri"])

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
        return digest_of(self.pipeline, tag)


def recorded(story: Story) -> Story:
    """The story of an upload that was recorded.

    Raises:
        NotTried: it wasn't, so what builds on it can't be tried.
    """
    if story.status != "recorded":
        raise NotTried(f"{story.upload.key} is {story.status}, not recorded: {story.reason}")
    return story
