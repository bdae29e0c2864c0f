"""ECR's BatchDeleteImage.

Corrections to moto 5.2: an image that an index lists is refused, a tag and a digest that do not
belong together are refused, an untagged image is named in the reply, at most 100 ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecr.common import check_ids, failure, images_in
from jotgraph.sandbox.wire import Reply, Request, json_reply
from jotgraph.sandbox.world import Image, Images, World

_DIGEST = re.compile(r"[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+")


def batch_delete_image(world: World, request: Request) -> Reply:
    """ "You can remove a tag from an image by specifying the image's tag in your request. When you
    remove the last tag from an image, the image is deleted from your repository. You can
    completely delete an image (and all of its tags) by specifying the image's digest"
    (API_BatchDeleteImage). Failures come with HTTP 200.

    Whether an index still lists an image is judged by the state at the start of the call, so an
    index and its children cannot go in one call (awslabs, aws-cdk#24822: "delete in passes").
    """
    images = images_in(world, request)
    ids = request.params.get("imageIds") or []
    check_ids(ids)
    listed = {child for child, parents in images.parents.items() if parents}
    gone: list[dict[str, str]] = []
    failures: list[dict[str, Any]] = []
    for image_id in ids:
        spoiled = next((f for f in (fail(image_id) for fail in request.failures) if f), None)
        refused = spoiled or _refusal(images, image_id, listed)
        if refused:
            failures.append(failure(image_id, *refused))
        else:
            gone.extend(_delete(images, image_id))
    return json_reply({"imageIds": gone, "failures": failures})


def _refusal(
    images: Images, image_id: Mapping[str, str], listed: set[str]
) -> tuple[str, str] | None:
    """The failure code and reason of one id (API_ImageFailure), or None."""
    digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
    if not digest and not tag:
        return "MissingDigestAndTag", "Invalid request parameters: both tag and digest are null"
    if digest and not _DIGEST.fullmatch(digest):
        return (
            "InvalidImageDigest",
            "Invalid request parameters: image digest should satisfy the regex "
            "'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        )
    image = images.by_digest.get(digest or images.tags.get(tag or "", ""))
    if image is None:
        return "ImageNotFound", "Requested image not found"
    if tag and tag not in image.tags:
        if tag in images.tags:
            return "ImageTagDoesNotMatchDigest", "Tag and digest belong to different images"
        return "ImageNotFound", "Requested image not found"
    last = not tag or image.tags == [tag]
    if image.digest in listed and last:
        parents = ", ".join(sorted(images.parents.get(image.digest, ())))
        return (
            "ImageReferencedByManifestList",
            f"Requested image referenced by manifest list: [{parents}]",
        )
    return None


def _delete(images: Images, image_id: Mapping[str, str]) -> list[dict[str, str]]:
    """Remove one tag, or an image with all its tags; say what is gone. A tag given together with
    its digest is treated as the tag alone (not documented)."""
    tag = image_id.get("imageTag")
    image = images.by_digest[image_id.get("imageDigest") or images.tags[tag or ""]]
    if tag:
        image.tags.remove(tag)
        del images.tags[tag]
        if not image.tags:
            remove(images, image)
        return [{"imageDigest": image.digest, "imageTag": tag}]
    rows = [{"imageDigest": image.digest, "imageTag": name} for name in image.tags]
    remove(images, image)
    return rows or [{"imageDigest": image.digest}]


def remove(images: Images, image: Image) -> None:
    """Take an image out of its repository, with its tags and the layers that no other image of
    the repository has (when ECR collects those is not documented; here at once)."""
    for tag in image.tags:
        images.tags.pop(tag, None)
    image.tags.clear()
    images.by_digest.pop(image.digest, None)
    for child in image.children:
        images.parents.get(child, set()).discard(image.digest)
    for blob in image.blobs:
        images.users[blob] -= 1
        if images.users[blob] <= 0:
            images.blobs.pop(blob, None)
