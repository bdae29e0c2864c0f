"""Lists what the images in ECR cost a month; each layer counts once in its repository."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from jotgraph.analysis.costs import assumed_in, prices_of, storage, storage_class, stored, total
from jotgraph.analysis.costs.model import Storage, StorageClass
from jotgraph.analysis.usage import GraphIndex, Options, index_of, verdicts
from jotgraph.analysis.usage.gaps import gap_words
from jotgraph.analysis.usage.sizes import freed
from jotgraph.gc_pause import collector_off
from jotgraph.graph import ResourceGraph, about
from jotgraph.queries.answers.costs import Costs, RepositoryCost
from jotgraph.records import EcrImage, ImageType, Kind, ResourceId, name_of, place_of
from jotgraph.records.gaps import hidden_kinds
from jotgraph.records.phrases import counted


def costs(
    graph: ResourceGraph, *, now: datetime | None = None, options: Options | None = None
) -> Costs:
    """List what each ECR repository stores and costs a month, and what of that is unused.

    ``now`` and ``options`` are those of ``orphans``, which decides what is unused. Raises
    OptionError for options that name no doubt.
    """
    with collector_off():
        return _costs(graph, options or Options(), now or about(graph).taken_at)


def _costs(graph: ResourceGraph, options: Options, now: datetime) -> Costs:
    index, judged = index_of(graph), verdicts(graph, options, now)
    alone = {resource for resource in judged.own if judged.orphan(resource)}
    whole, unused = stored(index), storage(index, freed(index, alone))
    rows = [
        _repository(index, repository, whole, unused, alone)
        for repository in sorted({*index.repositories_by_id, *index.images_in})
    ]
    unread = (reason for row in rows for reason in row.unread)
    return Costs(
        about=index.about,
        repositories=tuple(sorted(rows, key=lambda row: (-row.stored.dollars, row.id))),
        stored=total(whole.values()),
        unused=total(unused.values()),
        unread=tuple(dict.fromkeys((*_hidden(index), *unread))),
        prices=prices_of(whole),
        assumed=assumed_in(whole),
    )


def _repository(
    index: GraphIndex,
    repository: ResourceId,
    whole: dict[ResourceId, Storage],
    unused: dict[ResourceId, Storage],
    alone: Collection[ResourceId],
) -> RepositoryCost:
    by_id = index.images_in.get(repository, {})
    images = list(by_id.values())
    return RepositoryCost(
        id=repository,
        images=len(images),
        archived=sum(storage_class(image) is StorageClass.ARCHIVE for image in images),
        stored=whole.get(repository, Storage()),
        orphans=sum(image in alone for image in by_id),
        unused=unused.get(repository, Storage()),
        unread=_unread(index, repository, images),
    )


def _hidden(index: GraphIndex) -> list[str]:
    """Why there may be unknown repositories."""
    gaps = (gap for gap in index.about.gaps if Kind.ECR_REPO in hidden_kinds(gap))
    return sorted({gap_words(gap) for gap in gaps})


def _unread(
    index: GraphIndex, repository: ResourceId, images: Collection[EcrImage]
) -> tuple[str, ...]:
    """Why a repository may hold more bytes than were counted."""
    gaps = index.hiding(place_of(repository), name_of(repository), Kind.ECR_IMAGE)
    hidden = sorted({gap_words(gap) for gap in gaps})
    unsized = sum(_unsized(image) for image in images)
    return (
        *hidden,
        *([f"the size of {counted(unsized, 'image')} was not read"] if unsized else []),
    )


def _unsized(image: EcrImage) -> bool:
    """Whether the size of an image is unknown. ECR reports none and there is no manifest to compute
    it from. An index has no size of its own."""
    return not (image.size or image.manifest_read or image.type is ImageType.INDEX)
