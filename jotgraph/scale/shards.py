"""Splits an inventory into shards, whose verdicts together equal those on the whole.

A shard judges some units. It holds them, everything that may use them, directly or not, and what
verdicts look up besides: the role of a function, the scan of a copy, the copies of a local image.
Scope, gaps, registries and git repositories are in every shard. Commits, which are only needed for
the local engine, are in the shard that judges it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from jotgraph.analysis.usage.words import Counts
from jotgraph.gc_pause import collector_off
from jotgraph.links import Link
from jotgraph.records import (
    ContentMatch,
    EcrImage,
    Function,
    Inventory,
    Kind,
    Record,
    ResourceId,
    Version,
    Workload,
    name_of,
)
from jotgraph.records.inventory import RECORDS
from jotgraph.records.kinds import JUDGED, KINDS
from jotgraph.records.references import reference, role_of
from jotgraph.scale.survey import Survey
from jotgraph.scale.units import ENGINE, Unit, ids_named, unit_named, unit_of


class Shard(msgspec.Struct, frozen=True):
    """A part of an inventory that is judged by itself."""

    inventory: Inventory
    """What is judged, and what verdicts on it need."""
    units: frozenset[Unit]
    """What is judged of it."""
    counts: Counts
    """Scope and gaps of the whole inventory."""
    links: tuple[Link, ...] = ()
    """Links between its records from rules of plugins."""

    def judged(self) -> frozenset[ResourceId]:
        """Return the resources that this shard alone judges."""
        return frozenset(
            record.id
            for kind in JUDGED
            for record in self.inventory.of_kind(kind)
            if unit_of(record) in self.units
        )


def shards(inventory: Inventory, count: int, links: Iterable[Link] = ()) -> Iterator[Shard]:
    """Split an inventory into about this many shards of similar size, each of neighbouring
    units."""
    with collector_off():
        survey = Survey(inventory, links)
        parts = cut(survey, count)
    for units in parts:
        with collector_off():
            made = shard(survey, units)
        yield made


def units(survey: Survey) -> list[Unit]:
    """Return every unit with something to judge, sorted."""
    return sorted(unit for unit in survey.sizes if not unit.startswith(f"{Kind.WORKLOAD}:"))


def cut(survey: Survey, count: int) -> list[frozenset[Unit]]:
    """Split units into about ``count`` groups of similar size. A function is kept beside the first
    repository it runs from, and a role beside its first function, since several shards read what is
    shared."""
    homes: dict[Unit, list[Unit]] = defaultdict(list)
    for unit in units(survey):
        homes[_home(survey, unit)].append(unit)
    size = sum(survey.sizes[unit] for group in homes.values() for unit in group)
    parts: list[list[Unit]] = [[]]
    filled = 0
    for home in sorted(homes):
        if parts[-1] and filled >= size * len(parts) / count:
            parts.append([])
        parts[-1] += homes[home]
        filled += sum(survey.sizes[unit] for unit in homes[home])
    return [frozenset(part) for part in parts if part]


def _home(survey: Survey, unit: Unit) -> Unit:
    if unit.startswith((f"{Kind.ROLE}:", f"{Kind.LOG_GROUP}:")):
        functions = [user for user in survey.users.get(unit, ()) if user.startswith("function:")]
        unit = min(functions, default=unit)
    if unit.startswith(f"{Kind.FUNCTION}:"):
        named = survey.named.get(unit, ())
        repositories = [repository for repository in named if repository.startswith("ecr-repo:")]
        return min(
            (repository for repository in repositories if repository in survey.sizes), default=unit
        )
    return unit


class Contents(NamedTuple):
    """The content of a shard."""

    judged: frozenset[Unit]
    held: frozenset[Unit]
    """Units with all their records."""
    beside: tuple[Record, ...]
    """Single records of other units."""

    @property
    def engine(self) -> bool:
        """Return whether the local engine is judged, which alone needs commits and content."""
        return ENGINE in self.judged


def contents(survey: Survey, judged: frozenset[Unit]) -> Contents:
    """Return the content of the shard that judges these units."""
    held = _with_users(survey, judged) | survey.everywhere
    if ENGINE in judged:
        held |= _beside_engine(survey)
    looked_up = {record.id: record for record in _looked_up(survey, judged, held)}
    beside = (record for record in looked_up.values() if unit_of(record) not in held)
    return Contents(judged, held, tuple(beside))


def shard(survey: Survey, judged: frozenset[Unit]) -> Shard:
    """Return the shard that judges these units."""
    of_it, whole = contents(survey, judged), survey.inventory
    records = [record for unit in of_it.held for record in survey.records.get(unit, ())]
    records += [*of_it.beside, *(whole.commits if of_it.engine else ())]
    inventory = holding(whole, records, whole.content if of_it.engine else ())
    return Shard(inventory, judged, survey.counts, links_within(survey.links, of_it.held))


def holding(
    whole: Inventory, records: Iterable[Record], content: tuple[ContentMatch, ...]
) -> Inventory:
    """Return an inventory of these records, with the scope and gaps of the whole."""
    by_type: dict[type[Record], list[Record]] = {kind: [] for kind in RECORDS.values()}
    for record in records:
        by_type[type(record)].append(record)
    fields = {KINDS[kind].field: tuple(by_type[of_kind]) for kind, of_kind in RECORDS.items()}
    return msgspec.structs.replace(whole, **fields, content=content)


def _with_users(survey: Survey, judged: frozenset[Unit]) -> frozenset[Unit]:
    """These units and everything that may use them, directly or not."""
    held = set(judged)
    todo = list(judged)
    while todo:
        for user in survey.users.get(todo.pop(), ()):
            if user not in held:
                held.add(user)
                todo.append(user)
    return frozenset(held)


def _beside_engine(survey: Survey) -> frozenset[Unit]:
    """What verdicts on the local engine look up: repositories with a copy, or the name, of one of
    its images, and functions that run one."""
    inventory = survey.inventory
    digests = survey.engine_digests()
    names = {
        name.split("/", depth)[-1]
        for image in inventory.local_images
        for name in (reference(text).name for text in (*image.tags, *image.repo_digests))
        for depth in range(name.count("/") + 1)
    }
    copies = (image for digest in digests for image in survey.by_digest.get(digest, ()))
    running = (function for function in inventory.functions if function.image_digest in digests)
    published = (version for version in inventory.versions if version.image_digest in digests)
    beside: tuple[Record, ...] = (*copies, *running, *published)
    repositories = (unit for unit in survey.sizes if unit.startswith(f"{Kind.ECR_REPO}:"))
    named = (unit for unit in repositories if name_of(ResourceId(unit)) in names)
    return frozenset((*map(unit_of, beside), *named))


def _looked_up(
    survey: Survey, judged: frozenset[Unit], members: frozenset[Unit]
) -> Iterator[Record]:
    """Single records that other verdicts look up: roles of functions, an image of each
    configuration that a workload runs, and scans of copies."""
    for unit in members:
        if unit.startswith(f"{Kind.ECR_REPO}:") and not (survey.copies and unit in judged):
            continue  # by far the most records, and they look up nothing
        for record in survey.records.get(unit, ()):
            if isinstance(record, Function | Version):
                if role := role_of(record.role_arn):
                    yield from survey.records.get(Unit(role), ())
            elif isinstance(record, Workload):
                for digest in ids_named(record):
                    yield from survey.by_digest.get(digest, ())[:1]
            elif isinstance(record, EcrImage):
                for digest in (record.digest, *(child.digest for child in record.children)):
                    yield from survey.copies.get(digest, ())


def links_within(links: Iterable[Link], members: frozenset[Unit]) -> tuple[Link, ...]:
    """Return the links of plugins between the records of a shard."""
    return tuple(
        link
        for link in links
        if unit_named(link.source) in members and unit_named(link.target) in members
    )
