"""The command ``jotgraph history``, which tells what ran when from stored inventories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, TypeAlias

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.defaults import settable
from jotgraph.cli.names import names as complete
from jotgraph.cli.names import snapshots
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.place_options import profiles_option
from jotgraph.cli.saying import say
from jotgraph.cli.scan_options import Reading
from jotgraph.cli.stores import JUDGED, UNNAMED, newest_of

if TYPE_CHECKING:
    from jotgraph.analysis.health import Code
    from jotgraph.analysis.since.model import Span
    from jotgraph.graph import ResourceGraph
    from jotgraph.queries.answers.staleness import Staleness
    from jotgraph.queries.history import StoredScan
    from jotgraph.records import ResourceId
    from jotgraph.sources.aws.trail import Trail
    from jotgraph.store import Snapshot

Key: TypeAlias = "tuple[ResourceId, Code]"


@click.command(epilog="Example: jotgraph history checkout:live --from prod")
@click.argument("resource", metavar="NAME", shell_complete=complete)
@click.option(
    "--from",
    "--name",
    "name",
    default=UNNAMED,
    show_default=True,
    metavar="NAME|REF",
    shell_complete=snapshots,
    help="The stored inventories to look at: all of prod, or those up to prod#42.",
    **settable("name"),
)
@click.option(
    "--last",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    metavar="N",
    help="Look at the newest N of them.",
)
@click.option(
    "--cloudtrail",
    is_flag=True,
    help="Ask CloudTrail who deployed it in the last 90 days (policy history --cloudtrail).",
)
@profiles_option
@min_confidence
@output("history")
@debug
def history(
    resource: str,
    name: str,
    last: int,
    cloudtrail: bool,
    profiles: tuple[str, ...],
    confidence: str,
    output: Output,
) -> None:
    """Show what a function, alias or service ran over time, and since when a finding holds.

    From the inventories stored under a name: each deployment with the scans that saw it first and
    last, its digests and its commits. What happened between two scans is not known, and the answer
    names what a scan did not read. "at least since" means that no earlier scan shows anything else.
    """
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli.not_read import tell_gaps  # noqa: PLC0415 -- as above
    from jotgraph.queries.find import find  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.history import history as query  # noqa: PLC0415 -- as above
    from jotgraph.queries.history import with_events  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.history import note, writers  # noqa: PLC0415 -- as above

    newest, *older = reversed(newest_of(name, last))
    first = _scan(newest, confidence)
    found = find(first.graph(), resource)
    trail = _trail(found, profiles) if cloudtrail else None
    result = query(found, first, _scans(older, first, confidence))
    if trail:
        result = with_events(result, *trail)
        tell_gaps(trail.gaps)
    answer.write(result, output, writers(partial(titled, first.graph())))
    answer.finish(result.about, Reading(), note=note(result), in_answer=True)


def since_of(
    graph: ResourceGraph, stale: Staleness, name: str, confidence: str
) -> Mapping[Key, Span]:
    """Return since when each finding exists, from the newest inventories of a name. Raises
    OptionError when there is none."""
    from jotgraph.graph import about  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.history import StoredScan, findings_since  # noqa: PLC0415 -- as above
    from jotgraph.records import Inventory  # noqa: PLC0415 -- as above

    taken_at = about(graph).taken_at
    newest = StoredScan("", Inventory(taken_at=taken_at), lambda: graph)
    older = _scans(reversed(newest_of(name, JUDGED)), newest, confidence)
    earlier = (scan for scan in older if scan.inventory.taken_at < taken_at)
    return findings_since(
        newest, {function.id: function.states for function in stale.functions}, earlier
    )


def _trail(resource: ResourceId, profiles: tuple[str, ...]) -> Trail:
    """The events of CloudTrail about it, read by the identity signed in to its account."""
    from datetime import UTC, datetime  # noqa: PLC0415 -- what only a run needs

    from jotgraph.clients import connect  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.records import region_of  # noqa: PLC0415 -- as above
    from jotgraph.sources.aws.trail import events_of  # noqa: PLC0415 -- as above
    from jotgraph.sources.connections import connected  # noqa: PLC0415 -- as above

    clients = connect(use_docker=False, profiles=profiles, regions=[region_of(resource)])
    with connected(clients) as connections:
        return events_of(connections.client(resource), resource, datetime.now(UTC))


def _scan(snapshot: Snapshot, confidence: str) -> StoredScan:
    from jotgraph.cli.graphs import graph_with  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.history import StoredScan  # noqa: PLC0415 -- as above

    inventory = snapshot.load()
    return StoredScan(snapshot.ref, inventory, cache(lambda: graph_with(inventory, confidence)))


def _scans(
    snapshots: Iterable[Snapshot], newer: StoredScan, confidence: str
) -> Iterator[StoredScan]:
    """Each scan in turn; one that cannot be read is reported, and counts as one that read
    nothing."""
    from jotgraph.errors import SnapshotError  # noqa: PLC0415 -- what only a run needs

    for snapshot in snapshots:
        try:
            newer = _scan(snapshot, confidence)
        except SnapshotError as error:
            say(f"Not read: {error}")
            yield _unread(snapshot, newer)
        else:
            yield newer


def _unread(snapshot: Snapshot, newer: StoredScan) -> StoredScan:
    from jotgraph.errors import SnapshotError  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import build  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.history import StoredScan  # noqa: PLC0415 -- as above
    from jotgraph.records import Inventory  # noqa: PLC0415 -- as above

    try:
        taken_at = snapshot.header().taken_at
    except SnapshotError:
        taken_at = newer.inventory.taken_at
    nothing = Inventory(taken_at=taken_at)
    return StoredScan(snapshot.ref, nothing, lambda: build(nothing))
