"""Doubts that keep an ECR image or repository from being an orphan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fnmatch import fnmatchcase, translate
from functools import cache
from itertools import chain
from typing import NamedTuple

from jotgraph.analysis.usage.attached import attached_elsewhere
from jotgraph.analysis.usage.consumers import image_consumers, may_run, pulled_window, unmatched_id
from jotgraph.analysis.usage.gaps import (
    accounts_unread,
    days,
    from_facts,
    from_gaps,
    functions_unread,
    kept_recent,
    managed_by,
    too_young,
)
from jotgraph.analysis.usage.index import GraphIndex, index_of
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.analysis.usage.newest import Newest
from jotgraph.analysis.usage.principals import admitted
from jotgraph.analysis.usage.quarantine import doubts_of
from jotgraph.analysis.usage.registry import cached_elsewhere, outside, registry_doubts
from jotgraph.analysis.usage.resolved import digests_untold
from jotgraph.graph import ResourceGraph, about, remembered
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    ImageType,
    Kind,
    Place,
    ResourceId,
    key_of,
    place_of,
    repository_name_of,
)
from jotgraph.records.media_types import MANIFEST_TYPES
from jotgraph.records.phrases import age, counted

_INDEX = re.compile(r"manifest\.list|image\.index")
_SELDOM = frozenset({ImageType.ARTIFACT, ImageType.UNKNOWN})
"""Types of what may be no image that a service runs."""
_CDK_ASSETS = re.compile(r"cdk-[a-z0-9]+-container-assets-\d{12}-[a-z0-9-]+")


def image_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Each ECR image that has doubts of its own, with those that it shares with all images of its
    repository."""
    started, lost, newest = may_run(index), unmatched_id(index), Newest(index, options)
    apart = attached_elsewhere(index)
    for repository, images in index.images_in.items():
        account, region = place_of(repository)
        shared = shared_doubts(index.graph, repository, options)
        window = pulled_window(index, account, options)
        kept = newest.kept(repository, list(images.values()))
        unread = _tag_unread(index, region)
        quiet = _quiet(now, max(window, options.young_days, options.keep_days))
        tags = index.ecr.tags[repository]
        named = tags if unread else filter(_any_of(options.keep).match, tags)
        perhaps = chain(  # few: no image is asked each of the questions below
            images if lost else [image for image, record in images.items() if not quiet(record)],
            chain.from_iterable(tags[tag] for tag in named),
            (started.keys() | apart.keys()) & images.keys(),
            kept,
        )
        for resource in sorted(set(perhaps)):
            image = images[resource]
            doubts = _of_its_own(image, options, now, window)
            if image.tags:
                doubts += [*unread, *kept_tags(image.tags, options)]
            doubts += [doubt_of[resource] for doubt_of in (started, apart) if resource in doubt_of]
            if lost and image.config_digest is None:
                doubts.append(lost)
            if resource in kept:
                doubts.append(Doubt("kept-newest", kept[resource]))
            if image.status != "ACTIVE":
                doubts += _set_aside(image, index.repositories_by_id.get(repository))
            if doubts:
                yield resource, [*shared, *doubts]


def _quiet(now: datetime, days_kept: float) -> Callable[[EcrImage], bool]:
    """A function that tells of nearly every image that its record raises no doubt by itself: it is
    an image that can be pulled, and nothing was heard of it for longer than anything is kept."""
    try:
        long_ago = now - timedelta(days=days_kept)
    except OverflowError:
        return lambda image: False
    seldom = _SELDOM

    def quiet(image: EcrImage) -> bool:
        pushed, pulled, used = image.pushed_at, image.pulled_at, image.last_in_use_at
        return (
            pushed is not None
            and pushed < long_ago
            and (pulled is None or pulled < long_ago)
            and (used is None or used < long_ago)
            and image.type not in seldom
            and image.status == "ACTIVE"
        )

    return quiet


def _of_its_own(image: EcrImage, options: Options, now: datetime, window: float) -> list[Doubt]:
    """Doubts that the record of an image raises by itself: nearly none does."""
    doubts: list[Doubt] = []
    if image.type in _SELDOM:
        doubts += _unrunnable(image)
    doubts += too_young(now, image.pushed_at, options.young_days, "pushed")
    pulled = days(now, image.pulled_at)
    if pulled is not None and pulled < window:
        doubts.append(Doubt("pulled", f"pulled {age(pulled)}"))
    used = days(now, image.last_in_use_at)
    if used is not None and used < window:
        statement = f"ECS or EKS used it {age(used)}, as Inspector says"
        doubts.append(Doubt("used-lately", statement))
    if options.keep_days:
        recent = {"pushed": image.pushed_at, "pulled": image.pulled_at}
        doubts += kept_recent(now, options.keep_days, recent)
    return doubts


def _set_aside(image: EcrImage, repository: EcrRepository | None) -> list[Doubt]:
    """A doubt for an archived image that a quarantine holds, by the tags of its repository."""
    if repository is None or repository.tags is None:
        unread = "the tags of its repository were not read: it may be in quarantine"
        return [Doubt("tags-unread", unread)]
    return doubts_of(image, repository)


def repository_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Each repository with its own doubts; those of its images come by use."""
    for repository in index.repositories:
        images = index.images_in.get(repository.id, {})
        doubts = list(shared_doubts(index.graph, repository.id, options))
        doubts += _tag_unread(index, repository.region)
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


def kept_tags(tags: tuple[str, ...], options: Options) -> list[Doubt]:
    """A doubt about the first tag that a pattern keeps."""
    if not any(map(_any_of(options.keep).match, tags)):
        return []
    return [
        Doubt("kept-tag", f"its tag {tag} matches the keep pattern {pattern}")
        for tag in tags
        for pattern in options.keep
        if fnmatchcase(tag, pattern)
    ][:1]


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """What any shell pattern matches: nothing, when there is none."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


def _unrunnable(image: EcrImage) -> list[Doubt]:
    """A doubt about what no service that is read could run. What is attached to an image (a
    signature, an attestation, an SBOM with a subject) shares that image's fate instead."""
    artifact = image.type is ImageType.ARTIFACT and not image.subject
    unknown = image.type is ImageType.UNKNOWN and image.media_type not in (*MANIFEST_TYPES, "")
    if not artifact and not unknown:
        return []
    what = image.artifact_media_type or image.media_type
    return [
        Doubt("artifact", f"it is not an image that a service runs ({what}): others may fetch it")
    ]


def _tag_unread(index: GraphIndex, region: str) -> list[Doubt]:
    """A doubt about everything that has or had a tag: the one some function was deployed from
    may be any in its region."""
    for configuration in index.unclear_tags.get(region, ())[:1]:
        what = f"the tag that {key_of(configuration)} was deployed from was not read"
        return [Doubt("tag-unread", f"{what}: it may be in this repository")]
    return []


def may_hold_children(image: EcrImage) -> bool:
    """Whether an image is, or may be, an index whose children were not read."""
    if image.manifest_read or image.children:
        return False
    if image.media_type:
        return bool(_INDEX.search(image.media_type))
    return image.type in (ImageType.INDEX, ImageType.UNKNOWN)


@remembered
def shared_doubts(
    graph: ResourceGraph, repository: ResourceId, options: Options
) -> tuple[Doubt, ...]:
    """Doubts about everything in one repository."""
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
        doubts.append(Doubt("managed", "CDK's asset repository: templates reference its images"))
    images = index.images_in.get(repository, {}).values()
    unread = next((i for i in images if not i.manifest_read and may_hold_children(i)), None)
    if unread:
        what = f"the manifest of {unread.digest[:19]} was not read"
        doubts.append(Doubt("manifest-unread", f"{what}: this may be one of its children"))
    return tuple(doubts)


class _Reader(NamedTuple):
    """An account of which a function that was not read may run images of one place."""

    account: str
    can_be_there: bool
    """Whatever a policy of the repository says."""
    doubts: tuple[Doubt, ...]


@remembered
def _readers_unread(graph: ResourceGraph, owner: str, region: str) -> tuple[_Reader, ...]:
    """Where functions that run an image of an account and region can be, and were not read: Lambda
    takes images only from its own region (Lambda Developer Guide, images). Every account of the
    scope counts, whatever the repository's policy says today: a function keeps running what it once
    was let in to."""
    index, scope = index_of(graph), about(graph).scope
    enabled = {account for account, _ in scope.enabled}
    known = {*scope.enabled, *scope.places}
    return tuple(
        _Reader(
            account,
            account == owner or account not in enabled or (account, region) in known,
            tuple(doubts),
        )
        for account in sorted({owner, *scope.accounts})
        if (doubts := functions_unread(index, Place(account, region)))
    )


def _runs_unread(index: GraphIndex, region: str) -> list[Doubt]:
    for configuration in index.unclear_digests.get(region, ())[:1]:
        return [Doubt("runs-unread", f"which image {key_of(configuration)} runs was not read")]
    return []
