"""The form of a stored inventory: what its first, middle and last lines hold.

The first line is the header (format, program, time, scope, counts), then comes one line for each
gap, repository, registry and record, and the last line holds their number and the sha256 of all
bytes before it: what is cut off or changed is found. Every other line is read by ``jq`` as it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from jotgraph.errors import SnapshotError
from jotgraph.links.conventions import problem
from jotgraph.records import (
    KINDS,
    ContentMatch,
    Gap,
    GitRepository,
    ImageTest,
    Record,
    Registry,
    Scope,
)

FORMAT = "jotgraph/inventory/2"
"""Raised when a file of the new form would be misread by an older program."""
READ = ("jotgraph/inventory/1", FORMAT)
"""Forms that are read. The first has no workloads, and no word on who was asked for them."""

FAMILY = "jotgraph/inventory/"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
AGAIN = "scan again, or use another snapshot"
"""What to do about one that is damaged."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a snapshot."""

    format: str
    program: str
    """Version of jotgraph that wrote it."""
    taken_at: datetime
    scope: Scope
    counts: dict[str, int]
    """Lines by kind."""
    facts: tuple[str, ...] = ()
    """Of the facts that programs read since some version, those that this one did."""


class GapLine(msgspec.Struct, frozen=True, tag_field="kind", tag="gap"):
    gap: Gap


class End(msgspec.Struct, frozen=True, tag_field="kind", tag="end"):
    count: int
    sha256: str


Line: TypeAlias = GapLine | GitRepository | Registry | ContentMatch | ImageTest | Record

PARTS: tuple[tuple[str, str], ...] = (
    ("git", "git"),
    ("registry", "registries"),
    *((kind.value, info.field) for kind, info in KINDS.items()),
    ("content-match", "content"),
    ("image-test", "tests"),
)
"""(kind of line, field of Inventory), in the order in which they are written."""


def fit(scope: Scope, source: str) -> Scope:
    """A scope whose conventions are as fit as those of a file of settings. Raises SnapshotError."""
    for convention in scope.evidence:
        if wrong := problem(convention):
            raise SnapshotError(f"{source}: the rule {convention.name!r} is refused: {wrong}")
    return scope
