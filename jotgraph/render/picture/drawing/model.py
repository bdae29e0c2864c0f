"""What a picture shows, before its layout: nodes, edges, clusters, caption. Data only.

Edges here follow the flow of work (commit -> image -> registry -> function -> role), the opposite
of the graph's direction for all relations except ASSUMES.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from jotgraph.analysis.health.model import Code
from jotgraph.links import Grade, Relation
from jotgraph.records import Kind, ResourceId


class State(msgspec.Struct, frozen=True, gc=False, order=True):
    """One word about a resource's state."""

    rank: int
    """0 is wrong (drawn red), 1 deserves a look, 2 is a remark."""
    word: str
    code: Code
    label: str = ""
    """The word without details, where it differs."""


class Node(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One card of the picture."""

    id: ResourceId
    kind: Kind
    title: str
    """Short and clean: no control or direction characters, still to be escaped by writers."""
    line: str = ""
    """A second line, less prominent."""
    name: str = ""
    """Its full display name, for searches."""
    tooltip: str = ""
    """Full id and facts, one per line."""
    href: str = ""
    """An https link to the AWS console or the commit, or empty."""
    states: tuple[State, ...] = ()
    missing: bool = False
    """Whether it is referred to and was not found."""
    account: str = ""
    region: str = ""
    cluster: str = ""
    """Key of the innermost cluster it is drawn in, or empty."""
    count: int = 1
    """How many resources it stands for."""
    counted: bool = False
    """Whether its title is a number rather than a name."""
    mark: str = ""
    """A word of the overlay: ``delete blocked kept added removed changed contains lacks``…"""
    ghost: bool = False
    """Whether several parts share it, and it is drawn in each."""

    @property
    def rank(self) -> int:
        """Return the worst of its states' ranks; 9 without one."""
        return min((state.rank for state in self.states), default=9)


class Edge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the picture, from left to right."""

    source: ResourceId
    target: ResourceId
    relations: tuple[Relation, ...]
    grade: Grade
    label: str = ""
    """The share of calls of a weighted alias."""
    tooltip: str = ""
    wrong: bool = False
    """Whether it is part of what is wrong: the moved tag of a drift, the way to something
    missing."""

    @property
    def may_run(self) -> bool:
        """Whether nothing runs its image today, and an active revision may."""
        return self.relations == (Relation.MAY_RUN,)

    @property
    def words(self) -> str:
        """Return the words on the line."""
        return self.label or ("may run" if self.may_run else "")


class Cluster(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A quiet box: a git repository, an ECR repository, an image index with its contents, or a
    function with its versions."""

    key: str
    kind: str
    """``git``, ``ecr-repo``, ``index`` or ``function``."""
    title: str
    parent: str = ""
    """Key of the surrounding cluster: an index is in its repository."""
    tooltip: str = ""
    href: str = ""
    account: str = ""
    region: str = ""


class Sentence(NamedTuple):
    """One sentence of the caption."""

    words: str
    unread: bool = False
    """Whether it is about something unread."""


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """A whole picture; everything is sorted."""

    title: str = "jotgraph"
    sentences: tuple[Sentence, ...] = ()
    """Scope, time, gaps: one short sentence each."""
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    folded: tuple[str, ...] = ()
    """What was folded or left out, in words: ``1,840 images without a use, into 40 stacks``."""
    overlay: str = ""
    """The meaning of the marks: ``plan``, ``diff``, ``where``, or empty."""
    accounts: tuple[tuple[str, str], ...] = ()
    """(account, name) of accounts whose name is known."""

    @property
    def caption(self) -> tuple[str, ...]:
        """Return all sentences."""
        return tuple(sentence.words for sentence in self.sentences)
