"""Commits that provenance says an image was built from."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jotgraph.analysis.provenance import commits_of
from jotgraph.graph import build
from jotgraph.links import Grade, attestations
from jotgraph.records import ImageType, Inventory
from tests.factories import (
    attestation_child,
    child,
    commit,
    digest,
    ecr_image,
    git_repository,
    inventory,
    sha,
    statement,
)
from tests.links.found import found, statements

REMOTE = "https://example.com/team/shop"
V02 = "https://slsa.dev/provenance/v0.2"
SAID: dict[str, Any] = {
    "predicate": V02, "subjects": (digest(1),), "source": f"{REMOTE}.git", "revision": sha(1)
}  # fmt: skip


def world(**fields: Any) -> Inventory:
    children = child(1), attestation_child(2, 1)
    proof = ecr_image(2, type=ImageType.ATTESTATION, statements=(statement(**{**SAID, **fields}),))
    index = ecr_image(3, "1.0", type=ImageType.INDEX, children=children)
    return inventory(git_repository(remote=REMOTE), commit(1), ecr_image(1), proof, index)


def test_the_commit_of_its_provenance() -> None:
    known = world()
    assert found(attestations.provenance_revision, known) == [(ecr_image(2).id, f"commit:{sha(1)}")]
    assert statements(attestations.provenance_revision, known) == [
        f"its provenance (SLSA v0.2) says that the builder was given a folder of {sha(1)} of "
        f"{REMOTE}.git"
    ]
    believed = commits_of(build(known), ecr_image(1).id)
    assert (believed.commits, believed.grade) == ((sha(1),), Grade.STRONG)


def test_a_subject_that_is_another_image_says_nothing() -> None:
    for rule in (attestations.provenance_revision, attestations.provenance_revision_alone):
        assert found(rule, world(subjects=(digest(9),))) == []
        assert found(rule, world(revision="d" * 40)) == []
        assert found(rule, world(revision="")) == []


@pytest.mark.parametrize("source", ["", "https://example.com/other/thing"])
def test_a_source_that_is_not_the_repository_is_worth_less(source: str) -> None:
    known = world(source=source)
    assert found(attestations.provenance_revision, known) == []
    alone = found(attestations.provenance_revision_alone, known)
    assert alone == [(ecr_image(2).id, f"commit:{sha(1)}")]


def test_a_work_tree_with_changes() -> None:
    believed = commits_of(build(world(revision=f"{sha(1)}-dirty")), ecr_image(1).id)
    assert (believed.commits, believed.dirty) == ((sha(1),), True)


def test_a_referrer_speaks_for_its_subject() -> None:
    bundle = ecr_image(
        2, type=ImageType.ATTESTATION, subject=digest(1), statements=(statement(**SAID),)
    )
    known = inventory(git_repository(remote=REMOTE), commit(1), ecr_image(1), bundle)
    assert commits_of(build(known), ecr_image(1).id).commits == (sha(1),)


def test_a_signed_statement_says_that_nobody_verified_it() -> None:
    assert statements(attestations.provenance_revision, world(signed=True, git_context=True)) == [
        f"its provenance (SLSA v0.2, signed, not verified) says that the builder fetched {sha(1)} "
        f"of {REMOTE}.git"
    ]


def attached(subject: int, **fields: Any) -> Inventory:
    """Image 1 in index 3, and a statement attached to ``subject``."""
    signed = statement(**{**SAID, "subjects": (digest(subject),), **fields})
    index = ecr_image(3, "1.0", type=ImageType.INDEX, children=(child(1),))
    bundle = ecr_image(
        2,
        f"sha256-{subject:064x}.att",
        type=ImageType.ATTESTATION,
        subject=digest(subject),
        statements=(signed,),
    )
    elsewhere = ecr_image(1, repository="other")
    return inventory(
        git_repository(remote=REMOTE), commit(1), ecr_image(1), elsewhere, index, bundle
    )


def test_what_is_attached_to_an_index_is_about_its_images() -> None:
    known = attached(3)
    assert found(attestations.statement_subject, known) == [(ecr_image(2).id, ecr_image(3).id)]
    believed = commits_of(build(known), ecr_image(1).id)
    assert (believed.commits, believed.grade) == ((sha(1),), Grade.STRONG)


def test_the_statement_vouches_for_the_tag_it_hangs_on() -> None:
    """The tag alone is SUPPORT: anyone may move it."""
    assert found(attestations.statement_subject, attached(1)) == [
        (ecr_image(2).id, ecr_image(1).id)
    ]
    assert found(attestations.statement_subject, attached(1, subjects=(digest(9),))) == []
    assert found(attestations.statement_subject, world(subjects=())) == []


SIGNED = {"predicate": "application/vnd.dev.cosign.simplesigning.v1+json", "signed": True}


def test_a_revision_in_a_signature() -> None:
    known = attached(1, **SIGNED)
    assert found(attestations.provenance_revision, known) == []
    assert statements(attestations.signature_revision, known) == [
        f"its signature (not verified) carries the revision {sha(1)} of {REMOTE}.git"
    ]
    assert commits_of(build(known), ecr_image(1).id).grade is Grade.SUPPORT
    assert len(found(attestations.signature_revision, attached(1, **SIGNED, source=""))) == 1
    for odd in ({"revision": sha(7)}, {"revision": ""}, {"subjects": (digest(9),)}):
        assert found(attestations.signature_revision, attached(1, **SIGNED, **odd)) == []


def test_two_signatures_that_contradict_are_two_claims() -> None:
    signed = attached(1, **SIGNED)
    (first,) = signed.ecr_images[-1].statements
    second = msgspec.structs.replace(first, revision=sha(2))
    both = msgspec.structs.replace(signed.ecr_images[-1], statements=(first, second))
    known = msgspec.structs.replace(
        signed, commits=(commit(1), commit(2)), ecr_images=(*signed.ecr_images[:-1], both)
    )
    records = commits_of(build(known), ecr_image(1).id).records
    assert sorted(record.commits for record in records) == [(sha(1),), (sha(2),)]
    assert {record.evidence.read_from[-8:] for record in records} == {"(1 of 2)", "(2 of 2)"}
