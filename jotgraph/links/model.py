"""Links between resources: relation, grade, evidence, and the ``@rule`` decorator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum, StrEnum
from typing import NamedTuple

import msgspec

from jotgraph.links.index import InventoryIndex
from jotgraph.records import ResourceId


class Relation(StrEnum):
    """How one resource depends on another; every edge reads dependent -> dependency."""

    __hash__ = str.__hash__  # that of Enum is written in Python, and takes ten times as long

    ROUTES_TO = "routes-to"
    """alias -> version, or -> function for ``$LATEST``; weights in the alias's record."""
    RUNS = "runs"
    """function, version or workload -> ECR image, by the digest it resolved to."""
    FOLLOWS = "follows"
    """function, version or workload -> ECR image that its deployed tag names now."""
    MAY_RUN = "may-run"
    """workload -> ECR image of an active revision that nothing runs today."""
    ASSUMES = "assumes"
    """function, version or workload -> role."""
    LOGS_TO = "logs-to"
    """function or version -> log group."""
    PART_OF = "part-of"
    """version or alias -> function."""
    INVOKES = "invokes"
    """trigger -> function, version or alias."""
    CONTAINS = "contains"
    """image index -> ECR image."""
    DESCRIBES = "describes"
    """attestation, signature or SOCI index -> ECR image."""
    STORED_IN = "stored-in"
    """ECR image -> ECR repository."""
    COPY_OF = "copy-of"
    """ECR image -> local image."""
    BASED_ON = "based-on"
    """image -> image whose layers it starts with."""
    USES = "uses"
    """container -> local image."""
    MENTIONS = "mentions"
    """function, version, alias, repository or role -> role, function, version, alias or ECR image
    that its text names."""
    BUILT_FROM = "built-from"
    """image -> commit: a claim about the build."""
    CONTENT_EQUALS = "content-equals"
    """image -> commit: a fact about bytes."""


CLAIMS = frozenset({Relation.BUILT_FROM, Relation.CONTENT_EQUALS})
"""Relations from an image to the commits that it may be built from."""


class Author(StrEnum):
    """Who wrote the text that a claim was read from. All claims of one author count as one source:
    a CI job that sets a wrong label also sets a wrong tag."""

    __hash__ = str.__hash__  # as of Relation

    BYTES = "bytes"
    """The files of the image, compared with those of commits."""
    FILES = "files"
    """What tools left in files of the image: ``.git``, build information of Go…"""
    BUILDER = "builder"
    """The job that built and pushed: labels, annotations, tags, provenance, creation time."""
    DEPLOYER = "deployer"
    """Whoever configured the function: its tags, description, environment, alias names."""
    CIRCUMSTANCE = "circumstance"
    """Nobody: a coincidence of names and times."""


class Grade(IntEnum):
    """The strength of evidence. Any grade protects; only STRONG and PROOF justify a deletion."""

    __hash__ = int.__hash__  # as of Relation

    HINT = 1
    """Matching names or times."""
    SUPPORT = 2
    """Abbreviated, partial, or a full revision without its repository."""
    STRONG = 3
    """A full revision that exists in the repository it names."""
    PROOF = 4
    """Equal bytes, or a statement of the fact's owner with the full id."""


class Evidence(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Why an edge exists."""

    rule: str
    relation: Relation
    grade: Grade
    statement: str
    """The claim in one sentence."""
    read_from: str = ""
    """Where it was read: ``lambda ListFunctions``, ``label org.opencontainers.image.revision``."""
    candidates: tuple[str, ...] = ()
    """The commits of a claim about several: SHAs, newest first, at most 100."""
    count: int = 1
    """How many commits the claim allows."""
    author: Author | None = None
    """The author of a claim about commits."""


class Link(msgspec.Struct, frozen=True, gc=False):
    """A relation between two resources and one piece of evidence for it."""

    source: ResourceId
    target: ResourceId
    evidence: Evidence


class Match(NamedTuple):
    """What a rule yields; the rule's name, relation and grade are added to it."""

    source: ResourceId
    target: ResourceId
    statement: str
    read_from: str = ""
    candidates: tuple[str, ...] = ()
    size: int = 1


class Rule(msgspec.Struct, frozen=True):
    """A named, documented, pure function from an inventory to matches."""

    name: str
    relation: Relation
    grade: Grade
    author: Author | None
    """The author of a claim about commits."""
    doc: str
    find: Callable[[InventoryIndex], Iterator[Match]]
    source: str = ""
    """The settings file or package that defines it; empty for a built-in rule."""
    package: str = ""
    """The package with its version."""


def rule(
    relation: Relation, grade: Grade, author: Author | None = None
) -> Callable[[Callable[[InventoryIndex], Iterator[Match]]], Rule]:
    """Turn a function into a rule. It is not registered: see ``RULES`` in ``jotgraph.links``.

    The function's name is the rule's name everywhere, and its docstring the documentation. It
    covers one relation and one kind of proof, yields nothing for missing or odd input, and never
    raises. A rule on claims about commits has an author, and no other does.
    """
    if (relation in CLAIMS) != (author is not None):
        raise ValueError(f"a rule of {relation} has {'no author' if author is None else author}")

    def describe(find: Callable[[InventoryIndex], Iterator[Match]]) -> Rule:
        return Rule(
            name=find.__name__,
            relation=relation,
            grade=grade,
            author=author,
            doc=(find.__doc__ or "").strip(),
            find=find,
        )

    return describe
