"""The ids that name a resource: made, and taken apart, here alone.

``<kind>:<key>``, where the key begins with the account and region that the kind is in; see the
table in docs/architecture.md.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, NewType

from jotgraph.records.kind_traits import Home
from jotgraph.records.kinds import KINDS, Kind

ResourceId = NewType("ResourceId", str)
"""``<kind>:<key>``. Sorts and hashes as text."""

_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")
_SHORT = 12
"""Hex digits of a digest, commit or container that people are shown."""


class Place(NamedTuple):
    """An account and a region; the region is empty for what is in every region, both are for what
    is in no account."""

    account: str
    region: str


NOWHERE = Place("", "")

_KINDS = {kind.value: kind for kind in Kind}
"""Five times as fast as to call the enumeration, and asked for each of many resources."""


def kind_of(resource: ResourceId) -> Kind:
    """Return the kind that an id names. Raises ValueError for text that is no id."""
    kind = resource.partition(":")[0]
    return _KINDS.get(kind) or Kind(kind)


def by_kind(resources: Sequence[ResourceId]) -> Iterator[tuple[Kind, Sequence[ResourceId]]]:
    """Sorted ids kind by kind: those of one kind are next to one another."""
    start = 0
    while start < len(resources):
        kind = kind_of(resources[start])
        end = bisect_left(resources, f"{kind.value};", start)  # the character after the colon
        yield kind, resources[start:end]
        start = end


def key_of(resource: ResourceId) -> str:
    """Return an id without its kind."""
    return resource.partition(":")[2]


def as_id(text: str) -> ResourceId | None:
    """Text as an id if it begins with a known kind; None for any other."""
    kind, colon, _ = text.partition(":")
    return ResourceId(text) if colon and kind in _KINDS else None


def is_id(text: str) -> bool:
    """Whether text is an id of a known kind whose names are what git, Docker and AWS allow."""
    kind, _, key = text.partition(":")
    return kind in _KINDS and bool(_grammar(_KINDS[kind]).fullmatch(key))


@cache
def _grammar(kind: Kind) -> re.Pattern[str]:
    return re.compile(KINDS[kind].key)


def place_of(resource: ResourceId) -> Place:
    """The account and region that an id names."""
    home = KINDS[kind_of(resource)].home
    if home is Home.REGION:
        account, _, rest = key_of(resource).partition("/")
        return Place(account, rest.partition("/")[0])
    return Place(key_of(resource).partition("/")[0], "") if home is Home.ACCOUNT else NOWHERE


def account_of(resource: ResourceId) -> str:
    """The account that an id names; empty for what is in none."""
    return place_of(resource).account


def region_of(resource: ResourceId) -> str:
    """The region that an id names; empty for what is in every region, or in no account."""
    return place_of(resource).region


def name_of(resource: ResourceId) -> str:
    """An id without its kind, account and region; a role's with its path."""
    kind, _, key = resource.partition(":")
    home = KINDS[_KINDS.get(kind) or Kind(kind)].home
    if home is Home.REGION:
        return key.split("/", 2)[-1]
    return key.partition("/")[2] if home is Home.ACCOUNT else key


def last_name_of(resource: ResourceId) -> str:
    """The name without the folders before it: of ``role:111122223333/service/app`` ``app``."""
    return name_of(resource).rpartition("/")[2]


def spellings(resource: ResourceId, tags: Iterable[str] = ()) -> tuple[str, ...]:
    """How a shell pattern may mean it: the id, without its kind, without its place, and without
    the folders before its name; an image by each of its tags as well."""
    bare = resource, key_of(resource), name_of(resource), last_name_of(resource)
    if not resource.startswith(f"{Kind.ECR_IMAGE}:"):
        return *bare, *tags  # those of the engine hold the name
    name = repository_name_of(resource)
    named = (name, name.rpartition("/")[2])
    return *bare, *(f"{repository}:{tag}" for tag in tags for repository in dict.fromkeys(named))


def spellings_of_parts(owner: ResourceId) -> tuple[str, ...]:
    """How a shell pattern may mean the parts of a repository or function: by its name, with its
    place or without. What says the kind means it alone."""
    return spellings(owner)[1:]


def short_name(resource: ResourceId) -> str:
    """The name with every digest, and the hex of a commit or container, cut to twelve digits."""
    name = shortened(name_of(resource))
    return name[:_SHORT] if KINDS[kind_of(resource)].home in _BARE and ":" not in name else name


_BARE = (Home.ENGINE, Home.GIT)


def digest_of(resource: ResourceId) -> str:
    """``sha256:<hex>`` of an image, in ECR or of the engine; empty for any other resource."""
    kind, _, key = resource.partition(":")
    if kind == Kind.ECR_IMAGE:
        return key.partition("@")[2]
    return key if kind == Kind.LOCAL_IMAGE else ""


def hex_of(resource: ResourceId) -> str:
    """The hex digits of an image's digest; of any other resource its name, which is hex too where
    git or the engine gave it."""
    return (digest_of(resource) or name_of(resource)).removeprefix("sha256:")


def repository_name_of(resource: ResourceId) -> str:
    """The name of an ECR repository, or of that which holds an image."""
    return name_of(resource).partition("@")[0]


def repository_of(image: ResourceId) -> ResourceId:
    """The repository that an ECR image is in."""
    return ResourceId(f"ecr-repo:{key_of(image).partition('@')[0]}")


def workload_name_of(resource: ResourceId) -> str:
    """The name of a workload, without its service and type: of an ECS service
    ``<cluster>/<service>``."""
    return name_of(resource).split("/", 2)[2]


def function_name_of(resource: ResourceId) -> str:
    """The name of a function, or of that which a version or alias belongs to."""
    return name_of(resource).partition(":")[0]


def function_of(resource: ResourceId) -> ResourceId:
    """The function that a function, version or alias belongs to."""
    return function_id(*place_of(resource), function_name_of(resource))


def qualifier_of(resource: ResourceId) -> str:
    """The number of a version or the name of an alias; empty for a function."""
    return name_of(resource).partition(":")[2]


def shortened(text: str) -> str:
    """Text, an id or a sentence about some, with every digest cut to twelve digits."""
    return _DIGEST.sub(r"\1", text) if "sha256:" in text else text


def commit_id(sha: str) -> ResourceId:
    return ResourceId(f"commit:{sha}")


def local_image_id(image: str) -> ResourceId:
    """``image`` is the engine's id, ``sha256:<hex>``."""
    return ResourceId(f"local-image:{image}")


def container_id(container: str) -> ResourceId:
    return ResourceId(f"container:{container}")


def regional_id(kind: Kind, account: str, region: str, name: str) -> ResourceId:
    """The id of a resource that is in a region, by its name there."""
    return ResourceId(f"{kind}:{account}/{region}/{name}")


def ecr_repo_id(account: str, region: str, name: str) -> ResourceId:
    return ResourceId(f"ecr-repo:{account}/{region}/{name}")


def ecr_image_id(account: str, region: str, repository: str, digest: str) -> ResourceId:
    """``digest`` is ``sha256:<hex>``."""
    return ResourceId(f"ecr-image:{account}/{region}/{repository}@{digest}")


def function_id(account: str, region: str, name: str) -> ResourceId:
    return ResourceId(f"function:{account}/{region}/{name}")


def version_id(account: str, region: str, function: str, number: str) -> ResourceId:
    return ResourceId(f"version:{account}/{region}/{function}:{number}")


def alias_id(account: str, region: str, function: str, alias: str) -> ResourceId:
    return ResourceId(f"alias:{account}/{region}/{function}:{alias}")


def role_id(account: str, path_and_name: str) -> ResourceId:
    """``path_and_name`` has no leading slash: ``service/app-role`` or ``app-role``."""
    return ResourceId(f"role:{account}/{path_and_name.lstrip('/')}")


def workload_id(account: str, region: str, service: str, type_: str, name: str) -> ResourceId:
    return ResourceId(f"workload:{account}/{region}/{service}/{type_}/{name}")


def trigger_id(account: str, region: str, uuid: str) -> ResourceId:
    return regional_id(Kind.TRIGGER, account, region, uuid)
