"""Since when each resource has been an orphan, from stored inventories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from jotgraph.cli.saying import say
from jotgraph.cli.stores import JUDGED, newest_of

if TYPE_CHECKING:
    from jotgraph.analysis.usage import Options
    from jotgraph.queries.answers.difference import Seen
    from jotgraph.queries.difference import StoredVerdicts
    from jotgraph.records import Inventory, ResourceId
    from jotgraph.store import Snapshot


def seen(name: str, options: Options) -> dict[ResourceId, Seen]:
    """Judge the inventories stored under a name, with the same options; unreadable ones are
    reported. Raises OptionError when there is none."""
    from jotgraph.queries.difference import history  # noqa: PLC0415 -- only a run needs it

    return history(_each(newest_of(name, JUDGED), options))


def _each(oldest_first: Sequence[Snapshot], options: Options) -> Iterator[StoredVerdicts]:
    """From the newest readable one; an unreadable one before it counts as a scan that read
    nothing."""
    from jotgraph.errors import SnapshotError  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.difference import StoredVerdicts  # noqa: PLC0415 -- only a run needs it

    nothing: frozenset[ResourceId] = frozenset()
    newer: StoredVerdicts | None = None
    for snapshot in reversed(oldest_first):
        try:
            newer = _judged(snapshot.load(), options)
        except SnapshotError as error:
            say(f"Not read: {error}")
            if newer is not None:
                yield StoredVerdicts(newer.taken_at, nothing, nothing, nothing, lambda _: False)
        else:
            yield newer


def _judged(inventory: Inventory, options: Options) -> StoredVerdicts:
    from jotgraph.analysis.usage import UNREAD  # noqa: PLC0415 -- only a run needs it
    from jotgraph.graph import build  # noqa: PLC0415 -- as above
    from jotgraph.queries.difference import StoredVerdicts  # noqa: PLC0415 -- as above
    from jotgraph.queries.orphans import orphans  # noqa: PLC0415 -- as above
    from jotgraph.records.looked import looked  # noqa: PLC0415 -- as above

    judged = orphans(build(inventory), options=options)
    return StoredVerdicts(
        inventory.taken_at,
        frozenset(judgement.id for judgement in judged.all()),
        frozenset(judgement.id for judgement in judged.orphans),
        frozenset(
            judgement.id
            for judgement in judged.unknown
            if any(doubt.code in UNREAD or doubt.code == "in-doubt" for doubt in judgement.doubts)
        ),
        partial(looked, inventory),
    )
