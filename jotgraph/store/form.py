"""The format of a stored inventory: its first, middle and last lines.

The first line is the header (format, program, time, scope, counts). Then comes one line for each
gap, repository, registry and record. The last line holds their number and the SHA-256 of all bytes
before it, so that truncation and changes are detected. Every line is JSON that ``jq`` reads.
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
"""Increased when an older program would misread a file."""
READ = ("jotgraph/inventory/1", FORMAT)
"""The formats that can be read. The first has no workloads, and no coverage of the services that
run them."""

FAMILY = "jotgraph/inventory/"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
AGAIN = "scan again, or use another snapshot"
"""What to do about a damaged one."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a snapshot."""

    format: str
    program: str
    """The version of jotgraph that wrote it."""
    taken_at: datetime
    scope: Scope
    counts: dict[str, int]
    """Number of lines by kind."""
    facts: tuple[str, ...] = ()
    """The facts, of those that programs read since some version, that this program read."""


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
"""(kind of line, field of Inventory), in the order of writing."""


def fit(scope: Scope, source: str) -> Scope:
    """Return a scope after checking its conventions like those of a settings file. Raises
    SnapshotError."""
    for convention in scope.evidence:
        if wrong := problem(convention):
            raise SnapshotError(f"{source}: the rule {convention.name!r} is refused: {wrong}")
    return scope
