"""Resource ids: the only module that builds them and takes them apart.

An id is ``<kind>:<key>``; the key begins with the account and region of the kind. See the table in
docs/architecture.md.
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

SHORT = 9
"""Digits of a digest, commit or container that people are shown, everywhere; a table in which two
begin alike shows more (``render/answers/apart.py``)."""
_DIGEST = re.compile(rf"(sha256:[0-9a-f]{{{SHORT}}})[0-9a-f]{{{64 - SHORT}}}")


class Place(NamedTuple):
    """An account and a region. The region is empty for global resources, both are empty for
    resources outside AWS."""

    account: str
    region: str


NOWHERE = Place("", "")

_KINDS = {kind.value: kind for kind in Kind}
"""A dictionary lookup is five times as fast as calling the enumeration, and every id is looked
up."""


def kind_of(resource: ResourceId) -> Kind:
    """Return the kind in an id. Raises ValueError for text that is not an id."""
    kind = resource.partition(":")[0]
    return _KINDS.get(kind) or Kind(kind)


def by_kind(resources: Sequence[ResourceId]) -> Iterator[tuple[Kind, Sequence[ResourceId]]]:
    """Yield each kind in a sorted sequence of ids, with the part of the sequence that has it."""
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
    """Return text as an id if it begins with a known kind, else None."""
    kind, colon, _ = text.partition(":")
    return ResourceId(text) if colon and kind in _KINDS else None


def is_id(text: str) -> bool:
    """Whether text is an id of a known kind with a name that git, Docker or AWS would allow."""
    kind, _, key = text.partition(":")
    return kind in _KINDS and bool(_grammar(_KINDS[kind]).fullmatch(key))


@cache
def _grammar(kind: Kind) -> re.Pattern[str]:
    return re.compile(KINDS[kind].key)


def place_of(resource: ResourceId) -> Place:
    """Return the account and region in an id."""
    home = KINDS[kind_of(resource)].home
    if home is Home.REGION:
        account, _, rest = key_of(resource).partition("/")
        return Place(account, rest.partition("/")[0])
    return Place(key_of(resource).partition("/")[0], "") if home is Home.ACCOUNT else NOWHERE


def account_of(resource: ResourceId) -> str:
    """Return the account in an id; empty for resources outside AWS."""
    return place_of(resource).account


def region_of(resource: ResourceId) -> str:
    """Return the region in an id; empty for global resources and for those outside AWS."""
    return place_of(resource).region


def name_of(resource: ResourceId) -> str:
    """Return an id without kind, account and region; a role's name includes its path."""
    kind, _, key = resource.partition(":")
    home = KINDS[_KINDS.get(kind) or Kind(kind)].home
    if home is Home.REGION:
        return key.split("/", 2)[-1]
    return key.partition("/")[2] if home is Home.ACCOUNT else key


def last_name_of(resource: ResourceId) -> str:
    """Return the last part of the name: ``app`` for ``role:111122223333/service/app``."""
    return name_of(resource).rpartition("/")[2]


def spellings(resource: ResourceId, tags: Iterable[str] = ()) -> tuple[str, ...]:
    """Return every text that a shell pattern may match for a resource. These are the id, the id
    without its kind, without its place and without the path of its name; for an image the same with
    each tag."""
    bare = resource, key_of(resource), name_of(resource), last_name_of(resource)
    if not resource.startswith(f"{Kind.ECR_IMAGE}:"):
        return *bare, *tags  # those of the engine hold the name
    name = repository_name_of(resource)
    named = (name, name.rpartition("/")[2])
    return *bare, *(f"{repository}:{tag}" for tag in tags for repository in dict.fromkeys(named))


def spellings_of_parts(owner: ResourceId) -> tuple[str, ...]:
    """Return every text by which a shell pattern may match the parts of a repository or function.
    These are its name with its place and without; a pattern that includes the kind matches the
    resource alone."""
    return spellings(owner)[1:]


def short_name(resource: ResourceId) -> str:
    """Return the name with digests, SHAs and container ids shortened."""
    name = shortened(name_of(resource))
    return short(name) if KINDS[kind_of(resource)].home in _BARE and ":" not in name else name


_BARE = (Home.ENGINE, Home.GIT)


def digest_of(resource: ResourceId) -> str:
    """Return ``sha256:<hex>`` of an image in ECR or of the engine; empty for any other resource."""
    kind, _, key = resource.partition(":")
    if kind == Kind.ECR_IMAGE:
        return key.partition("@")[2]
    return key if kind == Kind.LOCAL_IMAGE else ""


def hex_of(resource: ResourceId) -> str:
    """Return the hex digits of an image's digest, or the name of any other resource. The names of
    commits and containers are hex digits as well."""
    return (digest_of(resource) or name_of(resource)).removeprefix("sha256:")


def repository_name_of(resource: ResourceId) -> str:
    """Return the name of an ECR repository, or of the repository that an image is in."""
    return name_of(resource).partition("@")[0]


def repository_of(image: ResourceId) -> ResourceId:
    """The repository that an ECR image is in."""
    return ResourceId(f"ecr-repo:{key_of(image).partition('@')[0]}")


def workload_name_of(resource: ResourceId) -> str:
    """The name of a workload, without its service and type: of an ECS service
    ``<cluster>/<service>``."""
    return name_of(resource).split("/", 2)[2]


def function_name_of(resource: ResourceId) -> str:
    """Return the name of a function, or of the function that a version or alias belongs to."""
    return name_of(resource).partition(":")[0]


def function_of(resource: ResourceId) -> ResourceId:
    """The function that a function, version or alias belongs to."""
    return function_id(*place_of(resource), function_name_of(resource))


def qualifier_of(resource: ResourceId) -> str:
    """The number of a version or the name of an alias; empty for a function."""
    return name_of(resource).partition(":")[2]


def shortened(text: str) -> str:
    """Return text with every digest in it shortened."""
    return _DIGEST.sub(r"\1", text) if "sha256:" in text else text


def short(digest: str, digits: int = SHORT) -> str:
    """The first digits of a digest, an id that ends in one, or a SHA."""
    return digest.rpartition(":")[2][:digits]


def commit_id(sha: str) -> ResourceId:
    return ResourceId(f"commit:{sha}")


def local_image_id(image: str) -> ResourceId:
    """Build the id of a local image; ``image`` is the engine's id, ``sha256:<hex>``."""
    return ResourceId(f"local-image:{image}")


def container_id(container: str) -> ResourceId:
    return ResourceId(f"container:{container}")


def regional_id(kind: Kind, account: str, region: str, name: str) -> ResourceId:
    """Build the id of a regional resource from its name."""
    return ResourceId(f"{kind}:{account}/{region}/{name}")


def ecr_repo_id(account: str, region: str, name: str) -> ResourceId:
    return ResourceId(f"ecr-repo:{account}/{region}/{name}")


def ecr_image_id(account: str, region: str, repository: str, digest: str) -> ResourceId:
    """Build the id of an ECR image; ``digest`` is ``sha256:<hex>``."""
    return ResourceId(f"ecr-image:{account}/{region}/{repository}@{digest}")


def function_id(account: str, region: str, name: str) -> ResourceId:
    return ResourceId(f"function:{account}/{region}/{name}")


def version_id(account: str, region: str, function: str, number: str) -> ResourceId:
    return ResourceId(f"version:{account}/{region}/{function}:{number}")


def alias_id(account: str, region: str, function: str, alias: str) -> ResourceId:
    return ResourceId(f"alias:{account}/{region}/{function}:{alias}")


def role_id(account: str, path_and_name: str) -> ResourceId:
    """Build the id of a role; ``path_and_name`` has no leading slash: ``service/app-role``."""
    return ResourceId(f"role:{account}/{path_and_name.lstrip('/')}")


def workload_id(account: str, region: str, service: str, type_: str, name: str) -> ResourceId:
    return ResourceId(f"workload:{account}/{region}/{service}/{type_}/{name}")


def trigger_id(account: str, region: str, uuid: str) -> ResourceId:
    return regional_id(Kind.TRIGGER, account, region, uuid)
