"""Since when each resource has been an orphan, from stored inventories."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jotgraph.cli.stores import JUDGED, newest_of

if TYPE_CHECKING:
    from jotgraph.analysis.usage import Options
    from jotgraph.queries.answers.difference import Seen
    from jotgraph.queries.difference import Judged
    from jotgraph.records import Inventory, ResourceId


def seen(name: str, options: Options) -> dict[ResourceId, Seen]:
    """Judge the inventories remembered under a name, by the same options. Raises SnapshotError,
    and OptionError when there is none."""
    from jotgraph.queries.difference import history  # noqa: PLC0415 -- networkx takes 0.2 s

    stored = newest_of(name, JUDGED)
    return history(_judged(snapshot.load(), options) for snapshot in stored)


def _judged(inventory: Inventory, options: Options) -> Judged:
    from jotgraph.analysis.usage import UNREAD  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.graph import build  # noqa: PLC0415 -- as above
    from jotgraph.queries.difference import Judged  # noqa: PLC0415 -- as above
    from jotgraph.queries.orphans import orphans  # noqa: PLC0415 -- as above
    from jotgraph.records.looked import looked  # noqa: PLC0415 -- as above

    judged = orphans(build(inventory), options=options)
    return Judged(
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
