"""Shell completion of names, from stored inventories and never from a scan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from jotgraph.records import Inventory

_LARGEST = 8_000_000
"""Bytes of a snapshot that is read while somebody waits for a shell."""
_MOST = 200
_PLAIN = re.compile(r"[\w@%+=:,./-]+")
"""What a shell takes literally: it puts what is offered into the line as it is, and a branch may be
called ``$(touch hurt)``."""


def names(ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names of resources, refs too, in the snapshot of ``--from`` or else the newest."""
    from jotgraph import store  # noqa: PLC0415 -- what only a completion needs
    from jotgraph.errors import JotgraphError  # noqa: PLC0415 -- as above

    try:
        asked = ctx.params.get("stored")
        path = store.resolve(asked) if asked else store.newest()
        if path is None or path.stat().st_size > _LARGEST:
            return []
        every = (name for name in _all(store.load(path)) if _PLAIN.fullmatch(name))
        completed = {name for name in every if name.startswith(begun)}
    except (JotgraphError, OSError):
        return []  # a shell that completes has no place for an error
    return [CompletionItem(name) for name in sorted(completed)[:_MOST]]


def snapshots(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names of stored snapshots, and files."""
    from jotgraph import store  # noqa: PLC0415 -- what only a completion needs

    completed = [CompletionItem(name) for name in store.names() if name.startswith(begun)]
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
