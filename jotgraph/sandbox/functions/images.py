"""Which digest an image URI of a function resolves to.

Corrections to moto 5.2: namespaced repositories, URIs by digest and by tag with digest, indexes
refused in Lambda's words, archived and absent images refused, roles that Lambda cannot assume.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from jotgraph.sandbox.ecr.common import status_of
from jotgraph.sandbox.wire import AwsError, Request
from jotgraph.sandbox.world import World, ecr_backend, iam_backend, images_of

_URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]*))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_ROLE = re.compile(r"arn:(?:aws[a-zA-Z-]*)?:iam::(\d{12}):role/?[a-zA-Z_0-9+=,.@\-_/]+")
INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)


def resolve(world: World, request: Request, uri: str) -> dict[str, Any]:
    """Resolve the tag now, once: "Lambda resolves the image tag to a digest. … If you update the
    image tag to a new image, Lambda does not automatically update the function"
    (API_UpdateFunctionCode). Returns the members CodeSha256, CodeSize, ImageUri and
    ResolvedImageUri. The SHA is the manifest's digest in hex (undocumented; what the Serverless
    Framework's deployFunction compares).

    Raises AwsError(InvalidParameterValueException) as Lambda words it; that an index is refused:
    aws/aws-lambda-roadmap#82.
    """
    match = _URI.fullmatch(uri)
    if match is None or match["region"] != request.region:
        raise invalid(f"Source image {uri} is not valid. Provide a valid source image.")
    backend = ecr_backend(match["account"], request.region)
    repository = backend.repositories.get(match["repository"])
    if match["account"] != request.account and not (repository and repository.policy):
        raise AwsError(
            "AccessDeniedException",
            "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
            403,
        )
    images = images_of(repository) if repository is not None else None
    digest = match["digest"] or (images.tags.get(match["tag"] or "latest") if images else None)
    image = images.by_digest.get(digest or "") if images else None
    if image is None or status_of(world, image) != "ACTIVE":
        raise invalid(f"Source image {uri} does not exist. Provide a valid source image.")
    if image.media_type in INDEXES or image.children:
        raise invalid(
            f"The image manifest, config or layer media type for the source image {uri} is not "
            "supported."
        )
    base = uri.partition("@")[0]
    if match["tag"]:
        base = base.rpartition(":")[0]
    return {
        "CodeSha256": image.digest.removeprefix("sha256:"),
        "CodeSize": 0,
        "ImageUri": uri,
        "ResolvedImageUri": f"{base}@{image.digest}",
    }


def check_role(world: World, request: Request, arn: str) -> None:
    """The role must be of this account, exist, and trust Lambda: "The role defined for the
    function cannot be assumed by Lambda." (API_CreateFunction). The same is said for some seconds
    after the role was made: "The role might take some time to propagate" (Lambda guide,
    "Troubleshoot deployment issues")."""
    match = _ROLE.fullmatch(arn)
    if match is None:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{arn}' at 'role' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_ROLE.pattern}",
        )
    if match[1] != request.account:
        raise AwsError("AccessDeniedException", "Cross-account pass role is not allowed.", 403)
    role = next((r for r in iam_backend(request.account).roles.values() if r.arn == arn), None)
    if world.role_refusals:
        world.role_refusals -= 1
        role = None
    if role is None or not trusts_lambda(role.assume_role_policy_document):
        raise invalid("The role defined for the function cannot be assumed by Lambda.")


def trusts_lambda(document: str) -> bool:
    """Whether a trust policy allows lambda.amazonaws.com, and nothing denies it."""
    try:
        statements = json.loads(unquote(document or "{}")).get("Statement", [])
    except ValueError:
        return False
    statements = [statements] if isinstance(statements, dict) else statements
    effects = [s.get("Effect") for s in statements if "lambda.amazonaws.com" in json.dumps(s)]
    denies_all = any(
        s.get("Effect") == "Deny" and s.get("Principal") in ("*", {"AWS": "*"}) for s in statements
    )
    return "Allow" in effects and "Deny" not in effects and not denies_all


def image_is_gone(resolved_uri: str) -> bool:
    """Whether the image a function runs is no longer pullable."""
    match = _URI.fullmatch(resolved_uri)
    if match is None:
        return True
    backend = ecr_backend(match["account"], match["region"])
    repository = backend.repositories.get(match["repository"])
    image = images_of(repository).by_digest.get(match["digest"]) if repository else None
    return image is None or image.archived
