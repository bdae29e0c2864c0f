"""Rules and consumers of installed packages, from the entry points ``jotgraph.rules`` and
``jotgraph.consumers``.

A package only adds: claims about commits, names in text that protect, services that run images. It
cannot add a grade above SUPPORT, a relation by which something is judged unused, or replace a
service of ours. A failure is a gap with its name, and what it may have found is in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from itertools import islice
from typing import NamedTuple, TypeVar

import msgspec

from jotgraph.links import RULES, Evidence, Grade, InventoryIndex, Link, Relation, Rule
from jotgraph.records import Gap, Inventory, Kind, ResourceId, kind_of
from jotgraph.records.kinds import CONSUMERS as OURS
from jotgraph.sources.consumers import Consumer

RULE_GROUP, CONSUMER_GROUP = "jotgraph.rules", "jotgraph.consumers"
SERVICE = "plugin"
"""The service in gaps of packages."""
MOST = 100_000
"""The most links of one rule."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{2,39}")
_READS = re.compile(r"(?:List|Describe|Get|BatchGet|Search)[A-Z]\w*")
"""Prefixes of actions that change nothing."""
_ALLOWED = {
    Relation.BUILT_FROM: (frozenset(Kind) - {Kind.COMMIT}, frozenset({Kind.COMMIT})),
    Relation.MENTIONS: (
        frozenset({Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.ECR_REPO, Kind.ROLE}),
        frozenset(
            {Kind.ROLE, Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.ECR_IMAGE, Kind.LOG_GROUP}
        ),
    ),
}
"""Relations of rules from packages, and the kinds at their ends: they claim a commit or protect."""


T = TypeVar("T")


class Plugins(NamedTuple):
    """What installed packages provide, and what of it cannot be used."""

    rules: tuple[Rule, ...] = ()
    rule_gaps: tuple[Gap, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    consumer_gaps: tuple[Gap, ...] = ()


class Found(NamedTuple):
    """What rules of packages found in an inventory, and which of them failed."""

    links: tuple[Link, ...] = ()
    gaps: tuple[Gap, ...] = ()


def installed() -> Plugins:
    """Load what installed packages provide. What cannot be loaded, or would do more than add, is a
    gap; nothing is raised."""
    rules, rule_gaps = _loaded(RULE_GROUP, _rule)
    consumers, consumer_gaps = _loaded(CONSUMER_GROUP, _consumer)
    rules, twice = _unique(rules)
    return Plugins(rules, (*rule_gaps, *twice), consumers, consumer_gaps)


def _loaded(group: str, fit: Callable[[object, str], T]) -> tuple[tuple[T, ...], tuple[Gap, ...]]:
    loaded: list[T] = []
    gaps: list[Gap] = []
    for entry in _entries(group):
        package = _package(entry)
        try:
            loaded.append(fit(entry.load(), package))
        except (Exception, SystemExit) as error:  # whatever a package does when it is imported
            gaps.append(_gap(entry.name, package, error))
    return tuple(loaded), tuple(gaps)


def _unique(rules: Iterable[Rule]) -> tuple[tuple[Rule, ...], tuple[Gap, ...]]:
    """The first rule of each name, and a gap for each further one that is another function: what it
    would have protected is in doubt."""
    by_name: dict[str, Rule] = {}
    gaps = []
    for rule in rules:
        first = by_name.setdefault(rule.name, rule)
        if first.find is not rule.find:
            error = ValueError(f"{first.source} has a rule of this name, too")
            gaps.append(_gap(rule.name, rule.package, error))
    return tuple(by_name.values()), tuple(gaps)


def links_of(rules: Iterable[Rule], inventory: Inventory) -> Found:
    """Return the links of rules from packages. A rule that fails keeps its links so far, and leaves
    a gap."""
    links: list[Link] = []
    gaps: list[Gap] = []
    index = InventoryIndex(inventory)  # one of their own: what a package spoils is not ours
    for rule in rules:
        try:
            links.extend(_links(rule, index))
        except Exception as error:
            facts = ("commits",) if rule.relation is Relation.BUILT_FROM else ()
            gaps.append(_gap(rule.name, rule.package, error, facts))
    return Found(tuple(links), tuple(gaps))


def _links(rule: Rule, index: InventoryIndex) -> Iterator[Link]:
    sources, targets = _ALLOWED[rule.relation]
    for number, match in enumerate(islice(rule.find(index), MOST + 1)):
        if number == MOST:
            raise ValueError(f"more than {MOST:,} links")
        checked = msgspec.convert(tuple(match), _Match)
        if kind_of(checked.source) not in sources or kind_of(checked.target) not in targets:
            raise ValueError(f"{rule.relation} leads from {checked.source} to {checked.target}")
        if checked.source in index.by_id and checked.target in index.by_id:
            evidence = Evidence(
                rule.name,
                rule.relation,
                rule.grade,
                checked.statement,
                checked.read_from,
                author=rule.author,
            )
            yield Link(checked.source, checked.target, evidence)


class _Match(msgspec.Struct, array_like=True):
    """A valid match: text in every field."""

    source: ResourceId
    target: ResourceId
    statement: str
    read_from: str = ""


def _rule(candidate: object, package: str) -> Rule:
    """A validated rule, with the grade SUPPORT at most. Raises ValueError."""
    if not isinstance(candidate, Rule):
        raise ValueError("not a rule: describe the function with @jotgraph.links.rule")
    if candidate.relation not in _ALLOWED:
        allowed = " or ".join(_ALLOWED)
        raise ValueError(f"a rule of {candidate.relation}; a package may have rules of {allowed}")
    if not _NAME.fullmatch(candidate.name) or candidate.name in {rule.name for rule in RULES}:
        raise ValueError(f"{candidate.name!r} is not a name for it, or is taken")
    return msgspec.structs.replace(
        candidate,
        grade=min(candidate.grade, Grade.SUPPORT),
        source=f"package {package}",
        package=package,
    )


def _consumer(candidate: object, _package: str) -> Consumer:
    """A validated consumer. Raises ValueError."""
    if not isinstance(candidate, Consumer):
        raise ValueError("not a jotgraph.sources.consumers.Consumer")
    if not _NAME.fullmatch(candidate.service) or candidate.service in ("lambda", *OURS):
        raise ValueError(
            f"{candidate.service!r} is not a name for a service, or jotgraph reads it itself"
        )
    for call in candidate.calls:
        if not _READS.fullmatch(call.action):
            raise ValueError(f"{call.action} is not an action that only reads")
    return candidate


def _entries(group: str) -> list[EntryPoint]:
    return sorted(entry_points(group=group), key=lambda entry: (_package(entry), entry.name))


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def _gap(name: str, package: str, error: BaseException, facts: tuple[str, ...] = ()) -> Gap:
    """A gap with the name of what failed. Without ``facts`` it may have shown a use of anything."""
    return Gap(
        service=SERVICE,
        action=name,
        reason="error",
        detail=f"{package}: {type(error).__name__}: {error}; --no-plugins does without",
        facts=facts,
    )


def noted(inventory: Inventory, gaps: Iterable[Gap]) -> Inventory:
    """Return the inventory with the gaps of packages."""
    more = tuple(gaps)
    return msgspec.structs.replace(inventory, gaps=(*inventory.gaps, *more)) if more else inventory
