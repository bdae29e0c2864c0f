"""What a picture shows, before anybody decides where: nodes, edges, clusters, caption. Data only.

Edges here read as work flows (commit -> image -> registry -> function -> role), which is the
other way round from the graph for all relations but ASSUMES.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from jotgraph.analysis.health.model import Code
from jotgraph.links import Grade, Relation
from jotgraph.records import Kind, ResourceId


class State(msgspec.Struct, frozen=True, gc=False, order=True):
    """One word on how a resource fares."""

    rank: int
    """0 is wrong (drawn red), 1 deserves a look, 2 is a remark."""
    word: str
    code: Code
    label: str = ""
    """The word without a count or a reason, where it has one."""


class Node(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One card of the picture."""

    id: ResourceId
    kind: Kind
    title: str
    """Short and clean: no control or direction characters, still to be escaped by writers."""
    line: str = ""
    """A second line, quieter."""
    name: str = ""
    """What people call it, in full: to search by."""
    tooltip: str = ""
    """Full id and facts, one per line."""
    href: str = ""
    """An https link to the AWS console or the commit, or empty."""
    states: tuple[State, ...] = ()
    missing: bool = False
    """Referred to, and not found where it should be."""
    account: str = ""
    region: str = ""
    cluster: str = ""
    """Key of the innermost cluster it is drawn in, or empty."""
    count: int = 1
    """How many resources it stands for."""
    counted: bool = False
    """Its title says how many, and not which."""
    mark: str = ""
    """A word of the overlay: ``delete blocked kept added removed changed contains lacks``…"""
    ghost: bool = False
    """Drawn in several parts, for they share it."""

    @property
    def rank(self) -> int:
        """The worst of its states; 9 when there is none."""
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
    """Part of what is wrong: the moved tag of a drift, the way to what is missing."""

    @property
    def may_run(self) -> bool:
        """Whether nothing runs its image today, and an active revision may."""
        return self.relations == (Relation.MAY_RUN,)

    @property
    def words(self) -> str:
        """What is written on it."""
        return self.label or ("may run" if self.may_run else "")


class Cluster(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A quiet box: a git repository, an ECR repository, an image index with what it contains, or
    a function with its versions."""

    key: str
    kind: str
    """``git``, ``ecr-repo``, ``index`` or ``function``."""
    title: str
    parent: str = ""
    """Key of the cluster around it: an index is in its repository."""
    tooltip: str = ""
    href: str = ""
    account: str = ""
    region: str = ""


class Sentence(NamedTuple):
    """One of the caption."""

    words: str
    unread: bool = False
    """Whether it is of what was not read."""


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
    """What the marks mean: ``plan``, ``diff``, ``where``, or empty."""
    accounts: tuple[tuple[str, str], ...] = ()
    """(account, name) of accounts whose name is known."""

    @property
    def caption(self) -> tuple[str, ...]:
        """All sentences, in words."""
        return tuple(sentence.words for sentence in self.sentences)
