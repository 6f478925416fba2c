"""ECR: a registry to push to, immutable tags, and AWS's responses."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

from ministack.core.responses import get_account_id, json_response, set_request_account_id
from ministack.services import ecr
from ministack.services.cloudformation import provisioners

from local.cloud.shared.answers import Answer, changed, refused
from local.cloud.shared.live_settings import gateway
from local.cloud.shared.replacing import Function, replaces

FIRST_ACCOUNT = "000000000000"
ELSEWHERE = re.compile(r"/v2/(\d{12})/")
mutable_tags: dict[str, list[str]] = {}
"""The patterns of mutable tags, by repository."""


@replaces(ecr, "_repo_uri")
def _(_: Function) -> Function:
    def uri(name: str) -> str:
        """The repository's URI in this emulator. Further accounts have their number in the path."""
        account = get_account_id()
        return f"{gateway()}/{name}" if account == FIRST_ACCOUNT else f"{gateway()}/{account}/{name}"

    return uri


@replaces(ecr, "handle_registry_request")
def _(original: Function) -> Function:
    async def handle(method: str, path: str, *rest: Any) -> Answer:
        """Serves the registries of further accounts, each under its number."""
        found = ELSEWHERE.match(path)
        if not found:
            served: Answer = await original(method, path, *rest)
            return served
        set_request_account_id(found[1])
        status, headers, body = await original(method, f"/v2/{path[found.end() :]}", *rest)
        if "Location" in headers:
            headers |= {"Location": headers["Location"].replace("/v2/", found[0], 1)}
        return status, headers, body

    return handle


@replaces(provisioners, "_ecr_cfn_to_api")
def _(original: Function) -> Function:
    def to_api(properties: dict[str, Any]) -> dict[str, Any]:
        """Stores which tags are mutable; the emulator ignores that."""
        filters = properties.get("ImageTagMutabilityExclusionFilters", [])
        patterns = [each["ImageTagMutabilityExclusionFilterValue"] for each in filters]
        mutable_tags[properties["RepositoryName"]] = patterns
        api: dict[str, Any] = original(properties)
        return api

    return to_api


def keeps_still(repository: str, tag: str) -> bool:
    """Whether the tag is immutable."""
    mutability = ecr._repositories[repository]["imageTagMutability"]
    # assumes: immutable-tag-exclusions
    may_move = any(fnmatchcase(tag, pattern) for pattern in mutable_tags.get(repository, []))
    return mutability == "IMMUTABLE" or (mutability == "IMMUTABLE_WITH_EXCLUSION" and not may_move)


@replaces(ecr, "_put_image")
def _(original: Function) -> Function:
    def put(data: dict[str, Any]) -> Answer:
        """Puts an image, unless it already has the tag, the tag is immutable, or the digest is wrong."""
        name, tag = data["repositoryName"], data.get("imageTag")
        digest = ecr._image_digest(data["imageManifest"])
        if data.get("imageDigest", digest) != digest:
            return refused("ImageDigestDoesNotMatchException", "The image digest does not match the manifest's.")
        there = ecr._find_image(name, {"imageTag": tag}) if tag else None
        # assumes: second-tag
        if there and there["imageDigest"] == digest:
            return refused("ImageAlreadyExistsException", f"'{digest}' with tag '{tag}' already exists in '{name}'.")
        if there and keeps_still(name, str(tag)):
            return refused("ImageTagAlreadyExistsException", f"The image tag '{tag}' already exists in '{name}'.")
        answer: Answer = original(data)
        return answer

    return put


@replaces(ecr, "_v2_put_manifest")
def _(original: Function) -> Function:
    def put(name: str, reference: str, headers: dict[str, str], body: bytes) -> Answer:
        """Accepts a pushed manifest, unless its tag exists and is immutable."""
        there = ecr._find_image(name, {"imageTag": reference})
        if there and keeps_still(name, reference):
            refusal: Answer = ecr._registry_error(
                400, "TAG_INVALID", f"The image tag '{reference}' already exists.", {}
            )
            return refusal
        answer: Answer = original(name, reference, headers, body)
        return answer

    return put


@replaces(ecr, "_batch_get_image")
def _(original: Function) -> Function:
    def get(data: dict[str, Any]) -> Answer:
        """Names each image as requested; the emulator returns its newest tag."""
        images, failures = [], []
        for wanted in data["imageIds"]:
            answer: Answer = original(data | {"imageIds": [wanted]})
            if answer[0] != 200:
                return answer
            one = json.loads(answer[2])
            failures += one["failures"]
            for image in one["images"]:
                digest = {"imageDigest": image["imageId"]["imageDigest"]}
                images.append(image | {"imageId": digest | wanted})
        return changed(answer, images=images, failures=failures)

    return get


@replaces(ecr, "_describe_images")
def _(original: Function) -> Function:
    def describe(data: dict[str, Any]) -> Answer:
        """Supports `filter` and pages, reports missing images, and returns the image's size, not its manifest's."""
        name, wanted = data["repositoryName"], data.get("imageIds", [])
        if missing := [each for each in wanted if name in ecr._repositories and not ecr._find_image(name, each)]:
            return refused("ImageNotFoundException", f"The image with imageId {missing[0]} does not exist in '{name}'.")
        answer: Answer = original(data)
        if answer[0] != 200:
            return answer
        images = [image for image in json.loads(answer[2])["imageDetails"] if is_wanted(image, data)]
        shown = {"imageDetails": images} if wanted else page("imageDetails", images, data)
        stored = {image["imageDigest"]: image for image in ecr._images.get(name, [])}
        for image in shown["imageDetails"]:
            image["imageSizeInBytes"] = size_of(stored[image["imageDigest"]])
        return changed(answer, **shown)

    return describe


@replaces(ecr, "_list_images")
def _(original: Function) -> Function:
    def list_images(data: dict[str, Any]) -> Answer:
        """Lists each tag separately, in pages; the emulator only lists an image's newest tag."""
        if data["repositoryName"] not in ecr._repositories:
            refusal: Answer = original(data)
            return refusal
        images = [
            {"imageDigest": image["imageDigest"]} | ({"imageTag": tag} if tag else {})
            for image in ecr._images.get(data["repositoryName"], [])
            if is_wanted(image, data)
            for tag in image["imageTags"] or [""]
        ]
        answer: Answer = json_response(page("imageIds", images, data))
        return answer

    return list_images


def is_wanted(image: dict[str, Any], request: dict[str, Any]) -> bool:
    """Whether the request's filter includes the image. None is archived here."""
    status: str = request.get("filter", {}).get("tagStatus", "ANY")
    return status == "ANY" or bool(image["imageTags"]) == (status == "TAGGED")


def page(name: str, found: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    """The requested page and the token of the next."""
    first = int(request.get("nextToken", 0))
    last = first + request.get("maxResults", 100)
    return {name: found[first:last]} | ({"nextToken": str(last)} if last < len(found) else {})


def size_of(image: dict[str, Any]) -> int:
    """The size of the image's layers in bytes."""
    return sum(layer["size"] for layer in json.loads(image["imageManifest"]).get("layers", []))
