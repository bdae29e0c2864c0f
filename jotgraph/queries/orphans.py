"""A verdict on every resource: in use and by what, orphan, or unknown and why.

Nothing is an orphan unless everything that could use it was read. Reading less never turns a used
resource into an orphan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
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
from jotgraph.analysis.usage.gaps import days
from jotgraph.analysis.usage.judges import JUDGES
from jotgraph.analysis.usage.sizes import Freed, Going, freed_by
from jotgraph.analysis.usage.words import Counts, blind_spots, counts, looked_at
from jotgraph.analysis.vulnerabilities import told_by_scans
from jotgraph.gc_pause import collector_off
from jotgraph.graph import ResourceGraph, about
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.records import EcrImage, Kind, Node, ResourceId, kind_of


class Share(NamedTuple):
    """The part of a graph that is judged, when the graph holds more."""

    judged: frozenset[ResourceId]
    counts: Counts
    """The scope and gaps of the whole graph."""


def orphans(
    graph: ResourceGraph,
    *,
    now: datetime | None = None,
    kinds: Collection[Kind] | None = None,
    options: Options | None = None,
    share: Share | None = None,
) -> Orphans:
    """Judge the resources of these kinds (by default all except commits), or of a ``share``.
    ``now`` is what ages are measured from, by default the time of the scan, when the facts were
    true. Raises OptionError for options that name an unknown doubt."""
    now = now or about(graph).taken_at
    options = options or Options()
    with collector_off():
        return _listed(index_of(graph), verdicts(graph, options, now), now, kinds, share)


def unread_for(answer: Orphans, kinds: Collection[Kind] | None = None) -> tuple[str, ...]:
    """Return why a gate about verdicts on these kinds (by default those of AWS) cannot pass; empty
    if it can."""
    wanted = frozenset(IN_AWS if kinds is None else kinds)
    doubts = (
        doubt for judged in answer.unknown if judged.kind in wanted for doubt in judged.doubts
    )
    reasons = (*unread(answer.about, wanted), *undecided(answer.about, doubts))
    return tuple(dict.fromkeys(reasons))


def _listed(
    index: GraphIndex,
    judged: Verdicts,
    now: datetime,
    kinds: Collection[Kind] | None,
    share: Share | None,
) -> Orphans:
    space = freed_by(index, _leaving(judged, kinds, share))
    looked = looked_at(index, counts(index) if share is None else share.counts)
    verdicts_on = partial(_of_kind, index.graph, judged, space, looked, now)
    in_use, orphans, unknown = list[Judgement](), list[Judgement](), list[Judgement]()
    shelves = {Verdict.IN_USE: in_use, Verdict.ORPHAN: orphans, Verdict.UNKNOWN: unknown}
    for kind in sorted(JUDGES if kinds is None else JUDGES.keys() & kinds):
        for judgement in verdicts_on(kind, _asked(index.by_kind.of(kind), share)):
            shelves[judgement.verdict].append(judgement)
    return Orphans(
        about=index.about,
        blind_spots=blind_spots(index.about.scope),
        in_use=tuple(in_use),
        orphans=tuple(orphans),
        unknown=tuple(unknown),
        freed=space,
    )


def _asked(
    read: Iterable[tuple[ResourceId, Node]], share: Share | None
) -> Iterable[tuple[ResourceId, Node]]:
    return read if share is None else (pair for pair in read if pair[0] in share.judged)


def _leaving(judged: Verdicts, kinds: Collection[Kind] | None, share: Share | None) -> Going:
    """The orphans among some resources, of those that the answer is about."""
    used, doubtful = judged.in_use, judged.in_doubt

    def going(resources: Iterable[ResourceId]) -> set[ResourceId]:
        alone = {
            resource for resource in resources if resource not in used and resource not in doubtful
        }
        if share is not None:
            alone &= share.judged
        return (
            alone
            if kinds is None
            else {resource for resource in alone if kind_of(resource) in kinds}
        )

    return going


def _of_kind(
    graph: ResourceGraph,
    judged: Verdicts,
    space: Freed,
    looked: Callable[[ResourceId], tuple[str, ...]],
    now: datetime,
    kind: Kind,
    asked: Iterable[tuple[ResourceId, Node]],
) -> Iterator[Judgement]:
    """The judgements on resources of one kind, in order."""
    used, doubtful = judged.in_use, judged.in_doubt
    since, unused = JUDGES[kind].since, JUDGES[kind].unused
    by_image, bounds = space.by_image, space.bounds
    told, scanned = told_by_scans(graph), kind is Kind.ECR_IMAGE
    is_used, is_orphan, is_unknown = Verdict.IN_USE, Verdict.ORPHAN, Verdict.UNKNOWN
    for resource, node in asked:
        scanned_as = told(resource, node) if scanned and isinstance(node, EcrImage) else None
        age = days(now, since(node))
        if resource in used:
            way, because = used[resource]
            yield Judgement(
                resource, kind, is_used, because, witness=way, age_days=age,
                vulnerabilities=scanned_as,
            )  # fmt: skip
        elif doubts := doubtful.get(resource):
            yield Judgement(
                resource, kind, is_unknown, doubts[0].statement, doubts=doubts, age_days=age,
                vulnerabilities=scanned_as,
            )  # fmt: skip
        else:
            yield Judgement(
                resource, kind, is_orphan, unused(node),
                looked_at=looked(resource), bytes=by_image.get(resource),
                at_most=resource in bounds, age_days=age, vulnerabilities=scanned_as,
            )  # fmt: skip
