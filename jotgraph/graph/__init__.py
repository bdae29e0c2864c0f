"""The NetworkX digraph of an inventory, and the only functions that know its attributes."""

from __future__ import annotations

from jotgraph.graph.building import About, about_of, build, without
from jotgraph.graph.memory import ResourceGraph, remembered
from jotgraph.graph.questions import (
    about,
    content,
    dependencies,
    dependents,
    edges,
    evidence,
    gaps,
    given_edges,
    grade,
    has_edge,
    is_missing,
    known_of_kind,
    linked,
    of_kind,
    read_by_id,
    read_by_kind,
    record,
    records,
    relations,
    tests,
    unread_ends,
)

__all__ = [
    "About",
    "ResourceGraph",
    "about",
    "about_of",
    "build",
    "content",
    "dependencies",
    "dependents",
    "edges",
    "evidence",
    "gaps",
    "given_edges",
    "grade",
    "has_edge",
    "is_missing",
    "known_of_kind",
    "linked",
    "of_kind",
    "read_by_id",
    "read_by_kind",
    "record",
    "records",
    "relations",
    "remembered",
    "tests",
    "unread_ends",
    "without",
]
