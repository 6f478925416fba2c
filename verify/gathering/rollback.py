"""A rollback by hand: what follows it, and what the lifecycle policy would expire then."""

import json
import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.pipeline import Late, Pipeline, wait_for
from verify.gathering.uploads import Story
from verify.verdicts import NotTried

MINUTE = 60.0
"""Seconds in which an event has done its work. The schedule would do it within 15 minutes."""
PREVIEW_SECONDS = 10 * 60.0
SETTLED = "settled-"
"""Begins the tags by which the lifecycle policy counts images."""


@dataclass(frozen=True)
class Rollback:
    """How long `latest` took to follow; ECR's preview of a policy that keeps one image, or why there is none."""

    seconds: float
    latest: str
    expiring: tuple[str, ...]
    refusal: ClientError | Late | None = None


def roll_back(pipeline: Pipeline, first: Story, newest: Story) -> Rollback | None:
    """Writes the first image to the parameter, looks, and writes the newest one again.

    Raises:
        NotTried: `latest` was the first image already.
    """
    name, uri = pipeline.outputs["ParameterName"], first.tags["image-uri"]
    digest, began = uri.partition("@")[2], time.monotonic()
    if digest_of(pipeline, "latest") == digest:
        raise NotTried("`latest` is the first image already.")
    before = pipeline.recorded() or newest.tags["image-uri"]
    pipeline.ssm.put_parameter(Name=name, Value=uri, Overwrite=True, Description="Rolled back")
    try:
        wait_for("The move of latest", lambda: digest_of(pipeline, "latest") == digest, MINUTE)
        seconds = time.monotonic() - began
        try:
            return Rollback(seconds, digest, tuple(preview(pipeline)))
        except (ClientError, Late) as error:
            return Rollback(seconds, digest, (), error)
    except Late:
        return None
    finally:
        pipeline.ssm.put_parameter(Name=name, Value=before, Overwrite=True, Description="Forward again")


def preview(pipeline: Pipeline) -> list[str]:
    """The digests that would expire if the policy kept a single settled image.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartLifecyclePolicyPreview.html
    """
    ecr, repository = pipeline.ecr, pipeline.repository
    policy = json.loads(ecr.get_lifecycle_policy(repositoryName=repository)["lifecyclePolicyText"])
    for rule in policy["rules"]:
        if any(pattern.startswith(SETTLED) for pattern in rule["selection"].get("tagPatternList", [])):
            rule["selection"]["countNumber"] = 1
    ecr.start_lifecycle_policy_preview(repositoryName=repository, lifecyclePolicyText=json.dumps(policy))

    def look() -> Any:
        answer = ecr.get_lifecycle_policy_preview(repositoryName=repository)
        return answer if answer["status"] in {"COMPLETE", "FAILED", "EXPIRED"} else None

    answer = wait_for("The preview of the lifecycle policy", look, PREVIEW_SECONDS)
    if answer["status"] != "COMPLETE":
        raise Late(f"ECR's preview of the lifecycle policy is {answer['status']}.")
    return [each["imageDigest"] for each in answer["previewResults"]]


def digest_of(pipeline: Pipeline, tag: str) -> str:
    """The digest of the image with this tag. Empty if there is none."""
    pages = pipeline.ecr.get_paginator("list_images").paginate(repositoryName=pipeline.repository)
    found = (each for page in pages for each in page["imageIds"] if each.get("imageTag") == tag)
    return next((each["imageDigest"] for each in found), "")
