"""Shell completion of names, from stored inventories and never from a scan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from jotgraph.records import Inventory
    from jotgraph.store import Snapshot

_LARGEST = 8_000_000
"""The largest snapshot that is read while a shell waits, in bytes."""
_MOST = 200
_PLAIN = re.compile(r"[\w@%+=:,./-]+")
"""Characters without meaning to a shell, which inserts completions literally: a branch may be
called ``$(touch hurt)``."""


def names(ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return names of resources, including refs, in the snapshot of ``--from`` or else the
    newest."""
    from jotgraph.cli.stores import snapshots as stored  # noqa: PLC0415 -- only for a completion
    from jotgraph.errors import JotgraphError  # noqa: PLC0415 -- as above

    try:
        asked = ctx.params.get("stored")
        source = stored().resolve(asked) if asked else stored().newest()
        if source is None:
            return []
        inventory = _unless_large(source)
        every = (name for name in _all(inventory) if _PLAIN.fullmatch(name)) if inventory else ()
        completed = {name for name in every if name.startswith(begun)}
    except (JotgraphError, OSError):
        return []  # a shell that completes has no place for an error
    return [CompletionItem(name) for name in sorted(completed)[:_MOST]]


def _unless_large(source: Path | Snapshot) -> Inventory | None:
    from jotgraph import store  # noqa: PLC0415 -- what only a completion needs

    if isinstance(source, store.Snapshot):
        return source.load() if source.header().size <= _LARGEST else None
    return store.load(source) if source.stat().st_size <= _LARGEST else None


def snapshots(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return names of stored snapshots, and files."""
    from jotgraph.cli.stores import snapshots as stored  # noqa: PLC0415 -- only for a completion
    from jotgraph.errors import JotgraphError  # noqa: PLC0415 -- as above

    try:
        known = stored().names()
    except JotgraphError:
        known = ()
    completed = [CompletionItem(name) for name in known if name.startswith(begun)]
    return [*completed, CompletionItem(begun, type="file")]


def _all(inventory: Inventory) -> Iterator[str]:
    from jotgraph.records import Commit  # noqa: PLC0415 -- what only a completion needs
    from jotgraph.records.kind_traits import Way  # noqa: PLC0415 -- as above
    from jotgraph.records.names import names_of, ref_names  # noqa: PLC0415 -- as above

    for record in inventory.records():
        if isinstance(record, Commit):
            continue  # nobody types a whole SHA; branches and tags follow
        for way, text in names_of(record.id, record):
            if way not in (Way.ID, Way.DIGEST) and text and "@" not in text:
                yield text
    for repository in inventory.git:
        for ref, _ in repository.refs:
            *_, text = ref_names(ref)
            yield text
