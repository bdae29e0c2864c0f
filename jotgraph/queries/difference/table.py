"""What was added, removed and changed between two inventories, and what cannot be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from jotgraph.analysis.since import Saw, span_of
from jotgraph.errors import OptionError
from jotgraph.graph import ResourceGraph, about_of
from jotgraph.queries.answers.difference import Changed, Difference, FieldChange, Seen
from jotgraph.queries.difference.commits import commits_between
from jotgraph.queries.difference.verdicts import verdict_changes
from jotgraph.records import (
    EcrImage,
    Function,
    Inventory,
    LocalImage,
    Record,
    ResourceId,
    Version,
    Workload,
    kind_of,
)
from jotgraph.records.ids import short
from jotgraph.records.looked import looked
from jotgraph.records.references import reference

_MEASURED = frozenset(
    {
        "invocations",
        "last_used_at",
        "pulled_at",
        "read_at",
        "last_in_use_at",
        "restored_at",
        "scan",
        "tasks",
    }
)
"""Fields that change by use, without a change of the resource."""


_NONE_IF_UNREAD = (
    "policy",
    "lifecycle",
    "tags",
    "urls",
    "provisioned",
    "image_uri",
    "resolved_image_uri",
    "entry_point",
    "command",
)
_DETAILS = frozenset({"state", "state_reason", "last_update_status", "concurrency"})
"""Fields from GetFunction alone. URIs are not among them, since an earlier scan may supply
those."""
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
        "entry_point",
        "command",
    ]
)
"""Fields read from an image's bytes: under one digest they are read or unread, and never change."""


def difference(
    a: Inventory,
    b: Inventory,
    *,
    across: bool = False,
    graphs: tuple[ResourceGraph, ResourceGraph] | None = None,
) -> Difference:
    """Compare inventory ``b`` with the earlier ``a``.

    With ``graphs`` the commits between and changed verdicts are included. A resource that one of
    the two did not look for is neither added nor removed. Raises OptionError for inventories
    without a common AWS account, unless ``across``.
    """
    mine, theirs = set(a.scope.accounts), set(b.scope.accounts)
    if mine and theirs and not mine & theirs and not across:
        raise OptionError(
            f"the inventories are of different accounts ({', '.join(sorted(mine))} and "
            f"{', '.join(sorted(theirs))}); jotgraph diff --across compares them anyway"
        )
    before = {record.id: record for record in a.records()}
    after = {record.id: record for record in b.records()}
    alone = sorted(before.keys() ^ after.keys())
    unread = [resource for resource in alone if not looked(a if resource in after else b, resource)]
    known = [resource for resource in alone if resource not in set(unread)]
    return Difference(
        before=a.taken_at,
        about=about_of(b, (*a.gaps, *b.gaps)),
        added=tuple(resource for resource in known if resource in after),
        removed=tuple(resource for resource in known if resource in before),
        changed=tuple(
            _changed(before[resource], after[resource], fields, graphs)
            for resource in sorted(before.keys() & after.keys())
            if (fields := tuple(_fields(before[resource], after[resource])))
        ),
        unread=tuple(unread),
        verdicts=tuple(verdict_changes(*graphs)) if graphs else (),
    )


def _changed(
    before: Record,
    after: Record,
    fields: tuple[str, ...],
    graphs: tuple[ResourceGraph, ResourceGraph] | None,
) -> Changed:
    values = (FieldChange(name, getattr(before, name), getattr(after, name)) for name in fields)
    return Changed(
        after.id,
        kind_of(after.id),
        fields,
        _says(before, after),
        tuple(values),
        commits_between(*graphs, after.id, fields) if graphs else None,
    )


def _fields(before: Record, after: Record) -> Iterator[str]:
    silent = _MEASURED | _unread(before) | _unread(after)
    for name in before.__struct_fields__:
        if name not in silent and getattr(before, name) != getattr(after, name, None):
            yield name


def _says(before: Record, after: Record) -> tuple[str, ...]:
    """Describe each image of a workload whose tag resolves to another digest now, that was added,
    or that no longer runs."""
    if not isinstance(before, Workload) or not isinstance(after, Workload):
        return ()
    changes = []
    for image in sorted({used.image for used in (*before.images, *after.images)}):
        then, now = (
            sorted(used.digest for used in workload.images if used.image == image)
            for workload in (before, after)
        )
        if then != now:
            name = reference(image).path + (f":{tag}" if (tag := reference(image).tag) else "")
            changes.append(f"{name}: {_digests(then)} → {_digests(now)}")
    return tuple(changes)


def _digests(digests: list[str]) -> str:
    known = [f"@{short(digest)}" if digest else "by tag" for digest in digests]
    return ", ".join(known) or "not used"


def _unread(record: Record) -> frozenset[str]:
    """Fields without meaning here, because they were not read or follow from the id."""
    fields = {name for name in _NONE_IF_UNREAD if getattr(record, name, "") is None}
    if isinstance(record, Function | Version) and not record.detail_read:
        fields |= _DETAILS
    if isinstance(record, EcrImage | LocalImage):
        fields |= _OF_DIGEST
    return frozenset(fields)


class StoredVerdicts(NamedTuple):
    """The orphans of one stored scan."""

    taken_at: datetime
    known: frozenset[ResourceId]
    """Resources that it judged."""
    orphans: frozenset[ResourceId]
    unread: frozenset[ResourceId]
    """Resources that it could not judge, because something was not read."""
    looked: Callable[[ResourceId], bool]
    """Tells whether it looked for a resource that it does not list."""

    def saw(self, resource: ResourceId) -> tuple[Saw, Saw]:
        """Return whether a resource existed, and whether it was an orphan."""
        if resource not in self.known:
            away = Saw.NO if self.looked(resource) else Saw.UNREAD
            return away, away
        if resource in self.orphans:
            return Saw.YES, Saw.YES
        return Saw.YES, Saw.UNREAD if resource in self.unread else Saw.NO


def history(views: Iterable[StoredVerdicts]) -> dict[ResourceId, Seen]:
    """Return since when each resource of the newest scan was seen, and since when it has been an
    orphan. Scans may be given in any order."""
    newest_first = sorted(views, key=lambda view: view.taken_at, reverse=True)
    seen_by_id: dict[ResourceId, Seen] = {}
    for resource in newest_first[0].known if newest_first else ():
        saw = [(view.taken_at, *view.saw(resource)) for view in newest_first]
        there = span_of((at, exists) for at, exists, _ in saw)
        assert there is not None
        orphan = span_of((at, unused) for at, _, unused in saw)
        if orphan is None or resource not in newest_first[0].orphans:
            seen_by_id[resource] = Seen(there.since)
        else:
            seen_by_id[resource] = Seen(there.since, orphan.since, orphan.at_least, orphan.unread)
    return seen_by_id
