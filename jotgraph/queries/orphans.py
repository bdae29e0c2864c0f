"""A verdict on every resource: in use and by what, orphan, or unknown and why.

Nothing is an orphan unless everything that could use it was read. Reading less of the same world
never makes an orphan of what was not one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import NamedTuple

from jotgraph.analysis.gates import IN_AWS, undecided, unread
from jotgraph.analysis.usage import (
    GraphIndex,
    Options,
    Verdict,
    Verdicts,
    index_of,
    verdicts,
)
from jotgraph.analysis.usage.judges import unused
from jotgraph.analysis.usage.sizes import freed
from jotgraph.analysis.usage.words import Counts, blind_spots, counts, looked_at
from jotgraph.analysis.vulnerabilities import Vulnerabilities, vulnerabilities
from jotgraph.gc_pause import collector_off
from jotgraph.graph import ResourceGraph, about, record
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.records import Kind, ResourceId, kind_of


class Share(NamedTuple):
    """What is judged of a graph that holds more than that, and less than the whole."""

    judged: frozenset[ResourceId]
    counts: Counts
    """Of the whole."""


def orphans(
    graph: ResourceGraph,
    *,
    now: datetime | None = None,
    kinds: Collection[Kind] | None = None,
    options: Options | None = None,
    share: Share | None = None,
) -> Orphans:
    """Judge every resource of the kinds (of all but commits, by default), or of a ``share`` alone.

    ``now`` is what ages are measured from: the time of the scan unless given, since that is when
    the facts held. Raises OptionError for options that name no doubt.
    """
    now = now or about(graph).taken_at
    options = options or Options()
    with collector_off():
        return _listed(index_of(graph), verdicts(graph, options, now), kinds, share)


def unread_for(answer: Orphans, kinds: Collection[Kind] | None = None) -> tuple[str, ...]:
    """Why a gate about verdicts on these kinds (of AWS, by default) cannot pass; empty where all
    that they rest on was read."""
    wanted = frozenset(IN_AWS if kinds is None else kinds)
    doubts = (
        doubt for judged in answer.unknown if judged.kind in wanted for doubt in judged.doubts
    )
    reasons = (*unread(answer.about, wanted), *undecided(answer.about, doubts))
    return tuple(dict.fromkeys(reasons))


def _listed(
    index: GraphIndex, judged: Verdicts, kinds: Collection[Kind] | None, share: Share | None
) -> Orphans:
    aged = judged.age_days
    asked = aged if share is None else aged.keys() & share.judged
    listed = [(resource, kind_of(resource)) for resource in sorted(asked)]
    if kinds is not None:
        listed = [(resource, kind) for resource, kind in listed if kind in kinds]
    alone = {resource for resource, _ in listed if judged.orphan(resource)}
    space = freed(index, alone)
    looked = looked_at(index, counts(index) if share is None else share.counts)
    used, doubtful = judged.in_use, judged.in_doubt
    scanned = partial(_scanned, index.graph)
    return Orphans(
        about=index.about,
        blind_spots=blind_spots(index.about.scope),
        in_use=tuple(
            Judgement(
                resource,
                kind,
                Verdict.IN_USE,
                because,
                witness=way,
                age_days=aged[resource],
                vulnerabilities=scanned(resource, kind),
            )
            for resource, kind in listed
            if resource in used
            for way, because in (used[resource],)
        ),
        orphans=tuple(
            Judgement(
                resource,
                kind,
                Verdict.ORPHAN,
                unused(record(index.graph, resource)),
                looked_at=looked(resource),
                bytes=space.by_image.get(resource),
                at_most=resource in space.bounds,
                age_days=aged[resource],
                vulnerabilities=scanned(resource, kind),
            )
            for resource, kind in listed
            if resource in alone
        ),
        unknown=tuple(
            Judgement(
                resource,
                kind,
                Verdict.UNKNOWN,
                doubtful[resource][0].statement,
                doubts=doubtful[resource],
                age_days=aged[resource],
                vulnerabilities=scanned(resource, kind),
            )
            for resource, kind in listed
            if resource in doubtful
        ),
        freed=space,
    )


def _scanned(graph: ResourceGraph, resource: ResourceId, kind: Kind) -> Vulnerabilities | None:
    """What the scan of an image of ECR found; None for anything else."""
    return vulnerabilities(graph, resource) if kind is Kind.ECR_IMAGE else None
