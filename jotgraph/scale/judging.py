"""Judges a shard by the rules for the whole, and joins the answers."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from jotgraph.analysis.usage import Options
from jotgraph.analysis.usage.sizes import Freed
from jotgraph.analysis.usage.words import blind_spots
from jotgraph.graph import about_of, build
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.queries.orphans import Share, orphans
from jotgraph.records import Inventory, Kind
from jotgraph.scale.shards import Shard


class Question(NamedTuple):
    """What every shard is asked."""

    options: Options = Options()
    kinds: tuple[Kind, ...] | None = None
    now: datetime | None = None


class Judged(NamedTuple):
    """The verdicts on one shard, or on all of them."""

    in_use: tuple[Judgement, ...]
    orphans: tuple[Judgement, ...]
    unknown: tuple[Judgement, ...]
    freed: Freed


def judge(shard: Shard, question: Question) -> Judged:
    """Return the verdicts on a shard. Its graph has reference cycles, so the garbage collector is
    run where it is off, in a process that judges one shard after another."""
    answer = orphans(
        build(shard.inventory, more=shard.links),
        now=question.now,
        kinds=question.kinds,
        options=question.options,
        share=Share(shard.judged(), shard.counts),
    )
    if not gc.isenabled():
        gc.collect()
    return Judged(answer.in_use, answer.orphans, answer.unknown, answer.freed)


def together(inventory: Inventory, parts: Iterable[Judged]) -> Orphans:
    """Join the answers of all shards, in the order of the whole."""
    by_verdict: tuple[list[Judgement], list[Judgement], list[Judgement]] = ([], [], [])
    freed: list[Freed] = []
    for part in parts:
        for judgements, added in zip(by_verdict, part[:3], strict=True):
            judgements.extend(added)
        freed.append(part.freed)
    for judgements in by_verdict:
        judgements.sort(key=attrgetter("id"))
    return Orphans(
        about=about_of(inventory, inventory.gaps),
        blind_spots=blind_spots(inventory.scope),
        in_use=tuple(by_verdict[0]),
        orphans=tuple(by_verdict[1]),
        unknown=tuple(by_verdict[2]),
        freed=_sum(freed),
    )


def _sum(parts: Collection[Freed]) -> Freed:
    by_image = {image: size for part in parts for image, size in part.by_image.items()}
    return Freed(
        ecr=sum(part.ecr for part in parts),
        local=sum(part.local for part in parts),
        ecr_at_most=any(part.ecr_at_most for part in parts),
        local_at_most=any(part.local_at_most for part in parts),
        by_image={image: by_image[image] for image in sorted(by_image)},
        bounds=frozenset().union(*(part.bounds for part in parts)),
    )


__all__ = ["Judged", "Question", "judge", "together"]
