"""Two inventories -> what was added, removed and changed between them, and what cannot be said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from jotgraph.errors import OptionError
from jotgraph.graph import about_of, looked
from jotgraph.queries.answers.difference import Changed, Difference, Seen
from jotgraph.records import (
    EcrImage,
    Function,
    Inventory,
    LocalImage,
    Record,
    ResourceId,
    Version,
    kind_of,
)

_MEASURED = frozenset({"invocations", "last_used_at", "pulled_at"})
"""Fields that move by themselves: a change of use, not of the thing."""


_NONE_IF_UNREAD = ("policy", "lifecycle", "tags", "urls", "image_uri", "resolved_image_uri")
_DETAILS = frozenset({"state", "state_reason", "last_update_status", "concurrency"})
"""What GetFunction alone tells, but for the URIs, which an earlier scan may have lent."""
_OF_DIGEST = frozenset(
    [
        "type",
        "manifest_read",
        "config_digest",
        "layers",
        "children",
        "annotations",
        "statements",
        "config_read",
        "created_at",
        "labels",
        "env",
        "diff_ids",
        "architecture",
        "os",
    ]
)
"""What the bytes of an image say: under one digest it is read or unread, and never changes."""


def difference(a: Inventory, b: Inventory, *, across: bool = False) -> Difference:
    """Compare inventory ``b`` with the earlier ``a``.

    A resource that one of the two did not look for is neither added nor removed. Raises
    OptionError for inventories without an AWS account in common, unless ``across``.
    """
    mine, theirs = set(a.scope.accounts), set(b.scope.accounts)
    if mine and theirs and not mine & theirs and not across:
        raise OptionError(
            f"the inventories are of different accounts ({', '.join(sorted(mine))} and "
            f"{', '.join(sorted(theirs))}); pass --across to compare them anyway"
        )
    before = {each.id: each for each in a.records()}
    after = {each.id: each for each in b.records()}
    alone = sorted(before.keys() ^ after.keys())
    unread = [each for each in alone if not looked(a if each in after else b, each)]
    known = [each for each in alone if each not in set(unread)]
    return Difference(
        before=a.taken_at,
        about=about_of(b, (*a.gaps, *b.gaps)),
        added=tuple(each for each in known if each in after),
        removed=tuple(each for each in known if each in before),
        changed=tuple(
            Changed(each, kind_of(each), fields)
            for each in sorted(before.keys() & after.keys())
            if (fields := tuple(_fields(before[each], after[each])))
        ),
        unread=tuple(unread),
    )


def _fields(before: Record, after: Record) -> Iterator[str]:
    silent = _MEASURED | _unread(before) | _unread(after)
    for name in before.__struct_fields__:
        if name not in silent and getattr(before, name) != getattr(after, name, None):
            yield name


def _unread(each: Record) -> frozenset[str]:
    """Fields that say nothing because they were not read, or that follow from the id."""
    found = {name for name in _NONE_IF_UNREAD if getattr(each, name, "") is None}
    if isinstance(each, Function | Version) and not each.detail_read:
        found |= _DETAILS
    if isinstance(each, EcrImage | LocalImage):
        found |= _OF_DIGEST
    return frozenset(found)


def history(
    views: Iterable[tuple[datetime, frozenset[ResourceId], frozenset[ResourceId]]],
) -> dict[ResourceId, Seen]:
    """From (time, resources read, orphans among them) of inventories, in any order: for each
    resource of the newest, since when it was seen and since when it has been an orphan."""
    newest_first = sorted(views, key=lambda each: each[0], reverse=True)
    found: dict[ResourceId, Seen] = {}
    for here in newest_first[0][1] if newest_first else ():
        seen = orphan = None
        still = True
        for taken_at, resources, orphans in newest_first:
            if here not in resources:
                break
            seen = taken_at
            still = still and here in orphans
            orphan = taken_at if still else orphan
        assert seen is not None
        found[here] = Seen(seen, orphan)
    return found
