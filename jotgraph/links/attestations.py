"""Rules on attestations and signatures: what they say an image is, and was built from.

None of their signatures is verified: each is a claim of whoever could push to the repository.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jotgraph.links.index import InventoryIndex
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import remotes_of
from jotgraph.records import EcrImage, Statement
from jotgraph.records.references import repository_key

_SLSA = "https://slsa.dev/provenance/"


class _Said(NamedTuple):
    image: EcrImage
    """The resource that carries the statement."""
    about: str
    """The digest that both the statement and its carrier name."""
    statement: Statement
    read_from: str
    """Number of the statement within its carrier: several of one kind may contradict one
    another."""


def _said(index: InventoryIndex) -> tuple[_Said, ...]:
    """Yield statements about the very image that their index, subject or tag names. A statement
    about another image was copied there."""
    described = {
        (image.account, image.region, image.repository, child.digest): child.describes
        for image in index.ecr.referring.values()
        for child in image.children
        if child.describes
    }
    return tuple(
        _Said(image, about, statement, _read_from(image, number))
        for image in index.ecr.referring.values()
        for about in (described.get(_place(image)) or image.subject,)
        for number, statement in enumerate(image.statements)
        if about is not None and about in statement.subjects
    )


def _read_from(image: EcrImage, number: int) -> str:
    predicate = image.statements[number].predicate
    alike = [statement.predicate for statement in image.statements].count(predicate)
    which = f" ({number + 1} of {len(image.statements)})" if alike > 1 else ""
    return f"{'attestation' if predicate.startswith(_SLSA) else 'signature'} {predicate}{which}"


def _place(image: EcrImage) -> tuple[str, str, str, str]:
    return image.account, image.region, image.repository, image.digest


@rule(Relation.DESCRIBES, Grade.PROOF)
def statement_subject(index: InventoryIndex) -> Iterator[Match]:
    """The statement inside an attestation or a signature names the digest of the image it is
    attached to, which is in the same repository."""
    for image, about, statement, read_from in index.once(_said):
        for described in index.ecr_by_digest.get(about, ()):
            if _place(described)[:3] == _place(image)[:3] and described.id != image.id:
                kind = "provenance" if statement.predicate.startswith(_SLSA) else "statement"
                yield Match(
                    image.id,
                    described.id,
                    f"its {kind} names that digest",
                    read_from,
                )


@rule(Relation.BUILT_FROM, Grade.STRONG, Author.BUILDER)
def provenance_revision(index: InventoryIndex) -> Iterator[Match]:
    """SLSA provenance (v0.2 or v1) attached to the image, by BuildKit, cosign or GitHub, whose
    subject is that image, gives a full revision and a repository, and that repository holds the
    commit. Where it is signed the signature is not verified: it is the claim of whoever could push.
    Where the builder was given a folder and did not fetch the commit itself, a clean revision does
    not prove a clean work tree (BuildKit looks for changes only when asked to)."""
    return _matches(index, provenance=True, vouched=True)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def provenance_revision_alone(index: InventoryIndex) -> Iterator[Match]:
    """SLSA provenance of the image gives a full revision that a repository read holds, but names
    no repository, or another one."""
    return _matches(index, provenance=True, vouched=False)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def signature_revision(index: InventoryIndex) -> Iterator[Match]:
    """Cosign's signature of the image carries a full revision that a repository read holds: as an
    annotation (``cosign sign -a git_sha=…``), or in the certificate that Sigstore issued to the
    workflow that signed. Neither signature nor certificate is verified."""
    yield from _matches(index, provenance=False, vouched=True)
    yield from _matches(index, provenance=False, vouched=False)


def _matches(index: InventoryIndex, *, provenance: bool, vouched: bool) -> Iterator[Match]:
    for image, _, statement, read_from in index.once(_said):
        revision = statement.revision.removesuffix("-dirty")
        commit = index.commits.get(revision)
        if commit is None or statement.predicate.startswith(_SLSA) is not provenance:
            continue
        source = repository_key(statement.source)
        if (bool(source) and source in remotes_of(index, commit)) is vouched:
            yield Match(
                image.id,
                commit.id,
                _provenance(statement) if provenance else _signature(statement),
                read_from,
            )


def _provenance(statement: Statement) -> str:
    version = statement.predicate.rpartition("/")[2]
    unverified = ", signed, not verified" if statement.signed else ""
    how = "fetched" if statement.git_context else "was given a folder of"
    return (
        f"its provenance (SLSA {version}{unverified}) says that the builder {how} "
        f"{statement.revision.removesuffix('-dirty')}{_source(statement)}"
    )


def _signature(statement: Statement) -> str:
    revision = f"{statement.revision}{_source(statement)}"
    return f"its signature (not verified) carries the revision {revision}"


def _source(statement: Statement) -> str:
    source = f" of {statement.source}" if statement.source else ""
    return source + (" with uncommitted changes" if statement.revision.endswith("-dirty") else "")
