"""Makes plans from the options of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jotgraph.cli.options import usage_options
from jotgraph.cli.plan_options import Cleaning, Deciding, Spreading

if TYPE_CHECKING:
    from datetime import datetime

    from jotgraph.analysis.usage import Options
    from jotgraph.graph import ResourceGraph
    from jotgraph.plan import Plan, Protection
    from jotgraph.queries.answers.deployment import Deployment
    from jotgraph.records import Kind, ResourceId


def plan_of_names(
    graph: ResourceGraph,
    names: tuple[str, ...],
    how: Spreading,
    guard: Deciding,
    now: datetime,
    asked: str,
    *,
    quarantine: bool = False,
    copies: bool = True,
    logs: bool = False,
) -> Plan:
    """Return the plan to delete, or quarantine, what the names mean."""
    import msgspec  # noqa: PLC0415 -- what only a run needs

    from jotgraph.plan import CascadeOptions, plan_delete  # noqa: PLC0415 -- only a run needs it
    from jotgraph.plan.tags import kept_by_other_tags  # noqa: PLC0415 -- as above
    from jotgraph.records import Kind, kind_of  # noqa: PLC0415 -- msgspec

    named, deployments = _named(graph, names)
    targets = {target for meant in named.values() for target in meant}
    if not logs and any(kind_of(target) is Kind.LOG_GROUP for target in targets):
        raise click.UsageError("log groups go with --logs only: nothing brings their events back")
    cascade = CascadeOptions(
        logs=logs,
        dependents=how.dependents,
        only=frozenset(Kind(kind) for kind in how.only),
        stop_at=frozenset(Kind(kind) for kind in how.stop_at),
    )
    options = options_of(guard)
    protection = protection_of(graph, guard, copies=copies and not quarantine)
    stays = tuple(kept_by_other_tags(graph, named, options).items())
    return plan_delete(
        graph,
        [*targets, *deployments],
        now=now,
        asked=asked,
        how=cascade,
        options=options,
        protection=msgspec.structs.replace(protection, stays=(*protection.stays, *stays)),
        quarantine=quarantine,
    )


def _named(
    graph: ResourceGraph, names: tuple[str, ...]
) -> tuple[dict[str, tuple[ResourceId, ...]], list[Deployment]]:
    """What each name or glob means, and the deployments of handles."""
    from jotgraph.queries.deployment import asked_for  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.find import find_many  # noqa: PLC0415 -- as above

    named: dict[str, tuple[ResourceId, ...]] = {}
    deployments: list[Deployment] = []
    for name in names:
        if handle := asked_for(graph, name):
            deployments.append(handle)
        else:
            named[name] = tuple(find_many(graph, name))
    return named, deployments


def plan_of_cleaning(
    graph: ResourceGraph,
    what: Cleaning,
    guard: Deciding,
    now: datetime,
    asked: str,
    *,
    quarantine: bool = False,
    copies: bool = True,
    logs: bool = False,
) -> Plan:
    """Return the plan for a cleanup."""
    import msgspec  # noqa: PLC0415 -- what only a run needs

    from jotgraph.analysis.health import Code  # noqa: PLC0415 -- only a run needs it
    from jotgraph.plan import plan_cleanup  # noqa: PLC0415 -- as above
    from jotgraph.plan.stale import called, stale  # noqa: PLC0415 -- as above
    from jotgraph.records import kind_of  # noqa: PLC0415 -- as above

    _refuse(graph, what)
    if "log-group" in what.kinds and not logs:
        raise click.UsageError("--kind log-group needs --logs: nothing brings their events back")
    kinds = _kinds(what)
    wanted = [Code(name) for name in what.stale if name != Code.IDLE]
    failing = {
        resource: finding
        for resource, finding in stale(graph, wanted).items()
        if not what.kinds or kind_of(resource) in what.kinds
    }
    stays = (*called(graph, failing, guard.ignore), *(() if quarantine else _set_aside()))
    protection = protection_of(graph, guard, copies=copies and not quarantine)
    fixed = msgspec.structs.replace(protection, stays=(*protection.stays, *stays))
    return plan_cleanup(
        graph,
        now=now,
        asked=asked,
        kinds=kinds,
        older_than_days=what.older_than,
        also=failing,
        orphaned=bool(kinds),
        logs=logs,
        options=options_of(guard, what),
        protection=fixed,
        quarantine=quarantine,
    )


def _set_aside() -> tuple[tuple[ResourceId, str], ...]:
    """What runs of this machine have in quarantine, which a sweep deletes and not a cleanup."""
    from jotgraph.store.holdings import every_holding  # noqa: PLC0415 -- boto3 is heavy

    sentence = "in quarantine by run {}: jotgraph sweep deletes it, jotgraph release restores it"
    return tuple((holding.id, sentence.format(holding.run)) for holding in every_holding())


def _kinds(what: Cleaning) -> frozenset[Kind]:
    from jotgraph.plan.model import ACTIONS  # noqa: PLC0415 -- only a run needs it
    from jotgraph.records import LOCAL, Kind  # noqa: PLC0415 -- msgspec

    chosen = {Kind(kind) for kind in what.kinds}
    if what.versions:
        chosen.add(Kind.VERSION)
    if what.local:
        chosen |= LOCAL
    if "idle" in what.stale and not chosen:
        chosen |= {Kind.FUNCTION, Kind.VERSION, Kind.ALIAS}
    if what.orphans and not what.kinds:
        chosen |= set(ACTIONS)
    if not chosen and not what.stale:
        chosen = set(ACTIONS)
    return frozenset(chosen)


def _refuse(graph: ResourceGraph, what: Cleaning) -> None:
    """Raise UsageError for options that find nothing whatever exists."""
    from jotgraph.graph import about  # noqa: PLC0415 -- only a run needs it

    if what.versions and what.keep_last is None:
        raise click.UsageError("--versions needs --keep-last N: without it no version is old")
    if what.local and not about(graph).scope.engine:
        raise click.UsageError("--local: no Docker engine was read; scan with --docker")


def options_of(guard: Deciding, what: Cleaning | None = None) -> Options:
    """Return the options for verdicts. Raises OptionError."""
    return usage_options(
        guard.keeping,
        guard.ignore,
        guard.assume_no,
        keep_last=what.keep_last if what else None,
        idle=what is not None and "idle" in what.stale,
    )


def protection_of(graph: ResourceGraph, guard: Deciding, *, copies: bool) -> Protection:
    """Return what may not be deleted, with names resolved, and whether everything must be
    copied."""
    from jotgraph.plan import Caps, Protection  # noqa: PLC0415 -- only a run needs it
    from jotgraph.plan.protection import foreign_marks  # noqa: PLC0415 -- as above
    from jotgraph.queries.find import find_many  # noqa: PLC0415 -- as above
    from jotgraph.store.holdings import every_holding  # noqa: PLC0415 -- boto3 is heavy

    def named(names: tuple[str, ...]) -> frozenset[ResourceId]:
        return frozenset(resource for name in names for resource in find_many(graph, name))

    holdings = {(holding.run, holding.id) for holding in every_holding()}
    return Protection(
        exclude=guard.exclude,
        keep=named(guard.keep),
        stays=tuple(sorted(foreign_marks(graph, holdings).items())),
        copies=copies,
        without_copy=named(guard.without_copy),
        caps=Caps(count=guard.max_count, percent=guard.max_percent, both=guard.max_both),
    )
