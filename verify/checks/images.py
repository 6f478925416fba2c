"""Checks of ECR, with the images of two probes."""

from typing import Any

from local.pipeline import Late, wait_for
from verify.checking import Check
from verify.gathering.evidence import Evidence
from verify.gathering.rollback import MINUTE, SETTLED, preview
from verify.verdicts import DidNotHold, NotTried, Partly

OCI = "application/vnd.oci.image.manifest.v1+json"


def oci_images(evidence: Evidence) -> str:
    """The media type of a pushed image."""
    kind = image(evidence, evidence.first.image_tag).get("imageManifestMediaType")
    if kind != OCI:
        raise DidNotHold(f"ECR describes the image as {kind}.")
    return Partly("ECR describes a gzip image with OCI's media type. zstd wasn't tried.")


def second_tag(evidence: Evidence) -> str:
    """Whether `latest`, which RecordImage puts on the recorded image, left its digest as it was."""
    story, latest = evidence.again, evidence.digest_of("latest")
    if latest not in evidence.pipeline.recorded() or evidence.digest_of(story.image_tag) not in story.tags["image-uri"]:
        raise DidNotHold(f"`latest` is {latest}, and the parameter names {evidence.pipeline.recorded()}.")
    return Partly("`latest` and the build tag have the recorded image's digest. Giving a tag twice wasn't tried.")


def immutable_tag_exclusions(evidence: Evidence) -> str:
    """Whether ECR refuses another image under a build tag, and moves `latest`."""
    older, newer = evidence.first.image_tag, evidence.again.image_tag
    ecr, repository = evidence.pipeline.ecr, evidence.pipeline.repository
    (found,) = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": older}])["images"]
    manifest, kind = found["imageManifest"], found["imageManifestMediaType"]
    try:
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageManifestMediaType=kind, imageTag=newer)
    except ecr.exceptions.ImageTagAlreadyExistsException:
        return Partly(
            "ECR refused another image under a build tag. Moving `latest` and `buildcache` is seen by other checks."
        )
    raise DidNotHold("ECR accepted another image under a build tag.")


def image_status_filter(evidence: Evidence) -> str:
    """Whether the answer without a filter has the active images. Archived ones aren't made."""
    pages = evidence.pipeline.ecr.get_paginator("list_images").paginate(repositoryName=evidence.pipeline.repository)
    tags = {each.get("imageTag") for page in pages for each in page["imageIds"]}
    if evidence.first.image_tag not in tags:
        raise DidNotHold("An active image isn't listed.")
    raise NotTried("Active images are listed. No image was archived, which ECR allows only after some time.")


def lifecycle_protection(evidence: Evidence) -> str:
    """Whether ECR's own preview spares `latest`, while it is on an old image and the policy keeps one."""
    rollback = evidence.rollback
    if rollback is None:
        raise NotTried("`latest` didn't move to an old image.")
    if rollback.refusal:
        raise rollback.refusal
    if rollback.latest in rollback.expiring:
        raise DidNotHold("With `latest` on an old image, ECR's preview would expire that image.")
    if not rollback.expiring:
        raise NotTried("ECR's preview would expire nothing, whatever `latest` protects.")
    return f"Keeping one image, ECR would expire {len(rollback.expiring)}, but not the old one that is `latest`."


def lifecycle_counts_protected(evidence: Evidence) -> str:
    """How many settled images ECR's preview spares, if the newest is `latest` and the policy keeps one."""
    _ = evidence.again
    pipeline = evidence.pipeline

    def look() -> list[Any] | None:
        pages = pipeline.ecr.get_paginator("describe_images").paginate(repositoryName=pipeline.repository)
        found = [each for page in pages for each in page["imageDetails"]]
        settled = [each for each in found if any(tag.startswith(SETTLED) for tag in each.get("imageTags", []))]
        newest = max(settled, key=lambda each: each["imagePushedAt"], default=None)
        return settled if newest and len(settled) > 1 and "latest" in newest["imageTags"] else None

    try:  # a rollback before this may have just ended
        settled = wait_for("Two settled images, of which the newest is `latest`,", look, min(MINUTE, evidence.patience))
    except Late as late:
        raise NotTried(str(late)) from late
    spared = {each["imageDigest"] for each in settled} - {*preview(pipeline)}
    seen = f"Keeping one of {len(settled)} settled images, of which the newest is `latest`, ECR would keep"
    if len(spared) != 1:
        raise DidNotHold(f"{seen} {len(spared)}.")
    return f"{seen} that one only."


def scan_on_push(evidence: Evidence) -> str:
    """Whether ECR has scanned the first image."""
    ecr, repository = evidence.pipeline.ecr, evidence.pipeline.repository
    tag = evidence.first.image_tag

    def status() -> str | None:
        try:
            answer = ecr.describe_image_scan_findings(repositoryName=repository, imageId={"imageTag": tag})
        except ecr.exceptions.ScanNotFoundException:
            return None
        found = answer["imageScanStatus"]["status"]
        return None if found in {"IN_PROGRESS", "PENDING"} else found

    try:
        found = wait_for("The scan of the image", status, evidence.patience)
    except Late as late:
        raise DidNotHold(str(late)) from late
    if found == "FAILED":
        raise DidNotHold("The first image's scan failed.")
    return f"The first image's scan is {found}."


def image(evidence: Evidence, tag: str) -> Any:
    """ECR's description of the image with this tag."""
    answer = evidence.pipeline.ecr.describe_images(
        repositoryName=evidence.pipeline.repository, imageIds=[{"imageTag": tag}]
    )
    return answer["imageDetails"][0]


CHECKS = [
    Check("oci-images", oci_images),
    Check("second-tag", second_tag),
    Check("immutable-tag-exclusions", immutable_tag_exclusions),
    Check("image-status-filter", image_status_filter),
    Check("lifecycle-protection", lifecycle_protection),
    Check("lifecycle-counts-protected", lifecycle_counts_protected),
    Check("scan-on-push", scan_on_push),
]
