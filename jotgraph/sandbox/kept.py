"""Shared code for the services that run images: shelves of resources, pages, images."""

from __future__ import annotations

import hashlib
import re
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from jotgraph.sandbox.ecr.common import status_of
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import World, ecr_backend, images_of

_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


class Paging(NamedTuple):
    """How a listing is cut: the members that hold the rows, the page size and the token."""

    member: str
    most: int
    """The largest page."""
    default: int
    """The page of who names no size; 0 is everything at once."""
    limit: str = "maxResults"
    token: str = "nextToken"
    error: str = "InvalidParameterException"
    following: str = ""
    """The member with the token of the next page, where it has another name."""


def shelf(world: World, request: Request, kind: str) -> dict[str, Any]:
    """Resources of one kind (``ecs/service``) in the account and region of a call, by name."""
    return world.kept.setdefault((request.account, request.region, kind), {})


def arn(request: Request, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{request.region}:{request.account}:{resource}"


def unique() -> str:
    return str(uuid.uuid4())


def last(text: str) -> str:
    """Return the short name of a resource, given by name or by ARN."""
    return text.rpartition("/")[2]


def cut(world: World, request: Request, paging: Paging, rows: Callable[[], Sequence[Any]]) -> Reply:
    """Answer a listing with one page of ``rows`` and the token of the next."""
    given = request.params.get(paging.limit)
    if given is not None and not 1 <= int(given) <= paging.most:
        raise AwsError(paging.error, f"{paging.limit} must be between 1 and {paging.most}")
    size = int(given) if given is not None else paging.default or sys.maxsize
    token = request.params.get(paging.token)
    page, following = world.page(request, rows, size, token, paging.error)
    return json_reply({paging.member: list(page), paging.following or paging.token: following})


def image_digest(world: World, reference: str) -> str | None:
    """The digest that an image reference names now, None when there is no such image to pull. An
    image of a registry that the sandbox does not hold has the digest of its name: it exists, and
    no repository here has it."""
    match = _ECR.fullmatch(reference)
    if match is None:
        pinned = reference.partition("@")[2]
        return pinned or f"sha256:{hashlib.sha256(reference.encode()).hexdigest()}"
    repository = ecr_backend(match["account"], match["region"]).repositories.get(
        match["repository"]
    )
    if repository is None:
        return None
    images = images_of(repository)
    digest = match["digest"] or images.tags.get(match["tag"] or "latest", "")
    image = images.by_digest.get(digest)
    return image.digest if image and status_of(world, image) == "ACTIVE" else None


def repository_of(reference: str) -> str:
    """An image reference without tag and digest."""
    head, slash, rest = reference.partition("@")[0].rpartition("/")
    return head + slash + rest.partition(":")[0]


def pairs_of(tags: Mapping[str, str] | None, key: str = "key", value: str = "value") -> list[Any]:
    """Tags as most services list them."""
    return [{key: name, value: text} for name, text in sorted((tags or {}).items())]
