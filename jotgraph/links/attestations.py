"""Rules on provenance: commits that attestations of an image say it was built from."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.links.lookup import Lookup
from jotgraph.links.model import Grade, Match, Relation, rule
from jotgraph.links.names import repository_key
from jotgraph.links.revisions import remotes_of
from jotgraph.records import EcrImage, Statement, commit_id


def _claims(lookup: Lookup) -> Iterator[tuple[EcrImage, Statement, str, bool]]:
    """Attestations whose statement is about the very image that their index (or their subject)
    says, with the revision, and whether the repository it names holds the commit."""
    described = {
        (image.account, image.region, image.repository, child.digest): child.describes
        for image in lookup.inventory.ecr_images
        for child in image.children
        if child.describes
    }
    for image in lookup.inventory.ecr_images:
        key = image.account, image.region, image.repository, image.digest
        about = described.get(key) or image.subject
        for said in image.statements:
            if about is None or about not in said.subjects:
                continue  # of another image, copied here
            revision = said.revision.removesuffix("-dirty")
            commit = lookup.commits.get(revision)
            if commit is not None:
                source = repository_key(said.source)
                yield image, said, revision, bool(source) and source in remotes_of(lookup, commit)


@rule(Relation.BUILT_FROM, Grade.STRONG)
def provenance_revision(lookup: Lookup) -> Iterator[Match]:
    """SLSA provenance (v0.2 or v1) in an attestation of the image, whose subject is that image,
    gives a full revision and a repository, and that repository holds the commit. It is unsigned;
    and where the builder was given a folder and did not fetch the commit itself, a clean revision
    does not prove a clean work tree (BuildKit looks for changes only when asked to)."""
    return _matches(lookup, vouched=True)


@rule(Relation.BUILT_FROM, Grade.SUPPORT)
def provenance_revision_alone(lookup: Lookup) -> Iterator[Match]:
    """SLSA provenance of the image gives a full revision that a repository read holds, but names
    no repository, or another one."""
    return _matches(lookup, vouched=False)


def _matches(lookup: Lookup, *, vouched: bool) -> Iterator[Match]:
    for image, said, revision, known in _claims(lookup):
        if known is vouched:
            version = said.predicate.rpartition("/")[2]
            how = "fetched" if said.git_context else "was given a folder of"
            source = f" of {said.source}" if said.source else ""
            dirty = " with uncommitted changes" if said.revision.endswith("-dirty") else ""
            yield Match(
                image.id,
                commit_id(revision),
                f"its provenance (SLSA {version}) says that the builder {how} {revision}{source}"
                f"{dirty}",
                f"attestation {said.predicate}",
            )
