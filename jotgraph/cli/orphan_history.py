"""Since when each resource has been an orphan, from stored inventories."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jotgraph.analysis.usage import Options
    from jotgraph.queries.answers.difference import Seen
    from jotgraph.records import ResourceId

MOST = 50
"""Newest inventories that are judged again; each takes as long as ``orphans`` does."""


def seen(name: str, options: Options) -> dict[ResourceId, Seen]:
    """Judge the inventories remembered under a name, by the same options. Raises SnapshotError,
    and OptionError when there is none."""
    from jotgraph.cli.stores import snapshots  # noqa: PLC0415 -- what only a run needs
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- as above
    from jotgraph.graph import build  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.queries.difference import history  # noqa: PLC0415 -- as above
    from jotgraph.queries.orphans import orphans  # noqa: PLC0415 -- as above

    stored = snapshots().of(name)[-MOST:]
    if not stored:
        raise OptionError(
            f"no inventory is stored under the name {name!r}; make one with scan --name {name}"
        )
    views = []
    for snapshot in stored:
        inventory = snapshot.load()
        judged = orphans(build(inventory), options=options)
        known = frozenset(one.id for one in judged.all())
        views.append((inventory.taken_at, known, frozenset(one.id for one in judged.orphans)))
    return history(views)
