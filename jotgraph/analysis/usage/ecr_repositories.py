"""Doubts that keep an ECR repository, and with it all its images, from being an orphan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from jotgraph.analysis.usage.consumers import image_consumers, starters, starts
from jotgraph.analysis.usage.gaps import (
    accounts_unread,
    before_update,
    from_facts,
    from_gaps,
    functions_unread,
    managed_by,
    too_young,
)
from jotgraph.analysis.usage.index import GraphIndex, index_of
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.analysis.usage.principals import admitted
from jotgraph.analysis.usage.registry import (
    cached_elsewhere,
    copied_into,
    outside,
    registry_doubts,
)
from jotgraph.analysis.usage.resolved import digests_untold
from jotgraph.graph import ResourceGraph, about, remembered
from jotgraph.records import (
    EcrImage,
    ImageType,
    Kind,
    Place,
    ResourceId,
    key_of,
    place_of,
    repository_name_of,
)
from jotgraph.records.ids import shortened
from jotgraph.records.phrases import counted

_INDEX = re.compile(r"manifest\.list|image\.index")
_CDK_ASSETS = re.compile(r"cdk-[a-z0-9]+-container-assets-\d{12}-[a-z0-9-]+")


def repository_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each repository with its own doubts; those of its images follow through their use of
    it."""
    started = starters(index)
    for repository in index.repositories:
        images = index.images_in.get(repository.id, {})
        doubts = list(shared_doubts(index.graph, repository.id, options))
        doubts += tag_unread(index, repository.region)
        doubts += copied_into(index, repository.place, repository.name)
        if repository.id in started:
            doubts.append(starts(started[repository.id][0]))
        doubts += too_young(now, repository.created_at, options.young_days, "created")
        if repository.tags is None:
            doubts.append(Doubt("tags-unread", "its tags were not read: a stack may manage it"))
        else:
            doubts += managed_by(repository.tags)
        if images:
            doubts.append(
                Doubt(
                    "not-empty",
                    f"it holds {counted(len(images), 'image')} that must be deleted first",
                )
            )
        yield repository.id, doubts


def tag_unread(index: GraphIndex, region: str) -> list[Doubt]:
    """Return a doubt about everything with a tag: an unread function may have been deployed from
    it."""
    for configuration in index.unclear_tags.get(region, ())[:1]:
        what = f"the tag that {key_of(configuration)} was deployed from was not read"
        return [Doubt("tag-unread", f"{what}: it may be in this repository")]
    return []


@remembered
def shared_doubts(
    graph: ResourceGraph, repository: ResourceId, options: Options
) -> tuple[Doubt, ...]:
    """Return the doubts about everything in one repository."""
    index = index_of(graph)
    name, place = repository_name_of(repository), place_of(repository)
    account, region = place
    record = index.repositories_by_id.get(repository)
    doubts: list[Doubt] = []
    admits = admitted(record.policy).accounts if record and record.policy else frozenset()
    for reader in _readers_unread(graph, account, region):
        if reader.can_be_there or reader.account in admits:
            doubts += reader.doubts
    doubts += accounts_unread(graph)
    doubts += _runs_unread(index, region)
    if repository in (untold := digests_untold(graph)):
        doubts.append(untold[repository])
    doubts += image_consumers(index, account, record.tags if record else None, options)
    hiding = index.hiding(place, name, Kind.ECR_IMAGE)
    doubts += from_gaps(hiding, "an index, signature or image of the repository")
    doubts += from_facts(index.facts_unread(place, name, "ecr", "inspector2"))
    if record is None or record.policy is None:
        doubts.append(Doubt("policy-unread", f"the policy of repository {name} was not read"))
    else:
        doubts += outside(index, admitted(record.policy), account, "repository")
    doubts += registry_doubts(index, place, name)
    doubts += cached_elsewhere(index, place, name, record)
    if _CDK_ASSETS.fullmatch(name):
        statement = "CDK's asset repository: templates reference its images"
        doubts.append(Doubt("managed", statement, about="cdk-assets"))
    images = index.images_in.get(repository, {}).values()
    unread = next((i for i in images if not i.manifest_read and may_hold_children(i)), None)
    if unread:
        what = f"the manifest of {shortened(unread.digest)} was not read"
        doubts.append(Doubt("manifest-unread", f"{what}: this may be one of its children"))
    return tuple(doubts)


class _ReadingAccount(NamedTuple):
    """An account whose unread functions may run images of a place."""

    account: str
    can_be_there: bool
    """Whether this holds whatever the repository's policy says."""
    doubts: tuple[Doubt, ...]


@remembered
def _readers_unread(graph: ResourceGraph, owner: str, region: str) -> tuple[_ReadingAccount, ...]:
    """The accounts with unread functions that may run images of a repository. Lambda takes images
    only from its own region (Lambda Developer Guide, images). Every account in the scope counts
    whatever the policy says today: a function keeps running what it was once allowed to pull."""
    index, scope = index_of(graph), about(graph).scope
    enabled = {account for account, _ in scope.enabled}
    known = {*scope.enabled, *scope.places}
    return tuple(
        _ReadingAccount(
            account,
            account == owner or account not in enabled or (account, region) in known,
            tuple(doubts),
        )
        for account in sorted({owner, *scope.accounts})
        if (doubts := functions_unread(index, Place(account, region)))
    )


def _runs_unread(index: GraphIndex, region: str) -> list[Doubt]:
    """Return a doubt about every image of a region where it is unknown which image a function
    runs."""
    doubts = [
        Doubt("runs-unread", f"which image {key_of(configuration)} runs was not read")
        for configuration in index.unclear_digests.get(region, ())[:1]
    ]
    return doubts + before_update(index, Place("", region), "run the image")


def may_hold_children(image: EcrImage) -> bool:
    """Whether an image is, or may be, an index whose entries were not read."""
    if image.manifest_read or image.children:
        return False
    if image.media_type:
        return bool(_INDEX.search(image.media_type))
    return image.type in (ImageType.INDEX, ImageType.UNKNOWN)
