"""Doubts that keep an ECR image from being an orphan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fnmatch import fnmatchcase, translate
from functools import cache
from itertools import chain

from jotgraph.analysis.usage.attached import attached_elsewhere
from jotgraph.analysis.usage.consumers import may_run, pulled_window, unmatched_id
from jotgraph.analysis.usage.ecr_repositories import shared_doubts, tag_unread
from jotgraph.analysis.usage.gaps import days, kept_recent, too_young
from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.analysis.usage.newest import Newest
from jotgraph.analysis.usage.quarantine import doubts_of
from jotgraph.records import EcrImage, EcrRepository, ImageType, ResourceId, place_of
from jotgraph.records.media_types import MANIFEST_TYPES
from jotgraph.records.phrases import age

_SELDOM = frozenset({ImageType.ARTIFACT, ImageType.UNKNOWN})
"""Types that may be something other than an image a service can run."""


def image_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each ECR image that has doubts of its own, with those of its repository."""
    started, lost, newest = may_run(index), unmatched_id(index), Newest(index, options)
    apart = attached_elsewhere(index)
    for repository, images in index.images_in.items():
        account, region = place_of(repository)
        shared = shared_doubts(index.graph, repository, options)
        window = pulled_window(index, account, options)
        kept = newest.kept(repository, list(images.values()))
        unread = tag_unread(index, region)
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
    """Return a function that recognises images whose record raises no doubt, which is nearly all.
    Such an image can be pulled and shows no activity within the longest window."""
    try:
        long_ago = now - timedelta(days=days_kept)
    except OverflowError:
        return lambda image: False
    seldom = _SELDOM

    def quiet(image: EcrImage) -> bool:
        pushed, pulled, used = image.pushed_at, image.pulled_at, image.last_in_use_at
        restored = image.restored_at
        return (
            pushed is not None
            and pushed < long_ago
            and (pulled is None or pulled < long_ago)
            and (used is None or used < long_ago)
            and (restored is None or restored < long_ago)
            and image.type not in seldom
            and image.status == "ACTIVE"
        )

    return quiet


def _of_its_own(image: EcrImage, options: Options, now: datetime, window: float) -> list[Doubt]:
    """Doubts that the record of an image raises by itself, which few records do."""
    doubts: list[Doubt] = []
    if image.type in _SELDOM:
        doubts += _unrunnable(image)
    doubts += too_young(now, image.pushed_at, options.young_days, "pushed")
    pulled = days(now, image.pulled_at)
    if pulled is not None and pulled < window:
        doubts.append(Doubt("pulled", f"pulled {age(pulled)}"))
    used = days(now, image.last_in_use_at)
    if used is not None and used < window:
        statement = f"ECS or EKS used it {age(used)}, according to Inspector"
        doubts.append(Doubt("used-lately", statement))
    restored = days(now, image.restored_at)
    if image.status == "ACTIVATING" or (restored is not None and restored < window):
        when = "now" if restored is None else age(restored)
        doubts.append(Doubt("restored", f"somebody restored it from the archive {when}"))
    if options.keep_days:
        recent = {"pushed": image.pushed_at, "pulled": image.pulled_at}
        doubts += kept_recent(now, options.keep_days, recent)
    return doubts


def _set_aside(image: EcrImage, repository: EcrRepository | None) -> list[Doubt]:
    """A doubt about an image in quarantine, according to its repository's tags."""
    if repository is None or repository.tags is None:
        unread = "the tags of its repository were not read: it may be in quarantine"
        return [Doubt("tags-unread", unread)]
    return doubts_of(image, repository)


def kept_tags(tags: tuple[str, ...], options: Options) -> list[Doubt]:
    """A doubt about the first tag that a keep pattern matches."""
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
    """A regular expression that matches any of the shell patterns; nothing, for none."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


def _unrunnable(image: EcrImage) -> list[Doubt]:
    """A doubt about what no service that was read can run. What is attached to an image (signature,
    attestation, SBOM with a subject) has that image's verdict instead."""
    artifact = image.type is ImageType.ARTIFACT and not image.subject
    unknown = image.type is ImageType.UNKNOWN and image.media_type not in (*MANIFEST_TYPES, "")
    if not artifact and not unknown:
        return []
    what = image.artifact_media_type or image.media_type
    return [
        Doubt("artifact", f"it is not an image that a service runs ({what}): others may fetch it")
    ]
