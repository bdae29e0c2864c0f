"""What a link is: relation, grade, evidence, and the ``@rule`` decorator that describes a rule."""

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
    """image -> image whose layers it begins with."""
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
"""Relations of an image to the commits that it may be from."""


class Author(StrEnum):
    """Who wrote what a claim was read from. Claims of one author are one source, however many
    there are: a CI job that sets a wrong label sets a wrong tag as well."""

    __hash__ = str.__hash__  # as of Relation

    BYTES = "bytes"
    """The files of the image, compared with those of commits."""
    FILES = "files"
    """What tools left in files of the image: ``.git``, Go's build information…"""
    BUILDER = "builder"
    """The job that built and pushed: labels, annotations, tags, provenance, time of creation."""
    DEPLOYER = "deployer"
    """Who configured the function: its tags, description, environment, names of aliases."""
    CIRCUMSTANCE = "circumstance"
    """Nobody: names and times that meet."""


class Grade(IntEnum):
    """How much a piece of evidence is worth; any grade protects, only the upper two condemn."""

    __hash__ = int.__hash__  # as of Relation

    HINT = 1
    """Names and times."""
    SUPPORT = 2
    """Abbreviated, partial, or a full revision without its repository."""
    STRONG = 3
    """A full revision that exists in the repository it names."""
    PROOF = 4
    """Bytes are equal, or the owner of the fact says so by full id."""


class Evidence(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Why an edge is believed."""

    rule: str
    relation: Relation
    grade: Grade
    statement: str
    """The claim in one sentence."""
    read_from: str = ""
    """Where it was read: ``lambda ListFunctions``, ``label org.opencontainers.image.revision``."""
    candidates: tuple[str, ...] = ()
    """When the claim is about a set of commits: their SHAs, newest first, at most 100."""
    count: int = 1
    """Size of the whole set."""
    author: Author | None = None
    """Of a claim about commits, who wrote it."""


class Link(msgspec.Struct, frozen=True, gc=False):
    """A relation between two resources and one piece of evidence for it."""

    source: ResourceId
    target: ResourceId
    evidence: Evidence


class Match(NamedTuple):
    """What a rule yields; the rule itself adds its name, relation and grade."""

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
    """Of a claim about commits, who wrote it."""
    doc: str
    find: Callable[[InventoryIndex], Iterator[Match]]
    source: str = ""
    """The file of settings or the package that it comes from; empty for one of our own."""
    package: str = ""
    """The package alone, with its version."""


def rule(
    relation: Relation, grade: Grade, author: Author | None = None
) -> Callable[[Callable[[InventoryIndex], Iterator[Match]]], Rule]:
    """Describe a function as a rule. Registers nothing: see ``RULES`` in ``jotgraph.links``.

    The function's name is the rule's name everywhere and its docstring its documentation. It
    looks at one relation and one kind of proof, yields nothing when its input is missing or odd,
    and never raises. A rule on claims about commits says who wrote them, and no other does.
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
