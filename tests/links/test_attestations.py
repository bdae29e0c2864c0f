"""Commits that provenance says an image was built from."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.claims import commits_of
from jotgraph.graph import build
from jotgraph.links import Grade, attestations
from jotgraph.records import Child, ImageType, Inventory, Statement
from tests.links.build import commit, digest, ecr, found, git, inventory, sha, statements

REMOTE = "https://example.com/team/shop"
V02 = "https://slsa.dev/provenance/v0.2"
SAID: dict[str, Any] = {
    "predicate": V02, "subjects": (digest(1),), "source": f"{REMOTE}.git", "revision": sha(1)
}  # fmt: skip


def world(**said: Any) -> Inventory:
    child = Child(digest(1), "linux/amd64"), Child(digest(2), "unknown/unknown", digest(1))
    proof = ecr(2, type=ImageType.ATTESTATION, statements=(Statement(**{**SAID, **said}),))
    index = ecr(3, "1.0", type=ImageType.INDEX, children=child)
    return inventory(
        git=(git(remote=REMOTE),), commits=(commit(1),), ecr_images=(ecr(1), proof, index)
    )


def test_the_commit_of_its_provenance() -> None:
    known = world()
    assert found(attestations.provenance_revision, known) == [(ecr(2).id, f"commit:{sha(1)}")]
    assert statements(attestations.provenance_revision, known) == [
        f"its provenance (SLSA v0.2) says that the builder was given a folder of {sha(1)} of "
        f"{REMOTE}.git"
    ]
    believed = commits_of(build(known), ecr(1).id)
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
    assert alone == [(ecr(2).id, f"commit:{sha(1)}")]


def test_a_work_tree_with_changes() -> None:
    believed = commits_of(build(world(revision=f"{sha(1)}-dirty")), ecr(1).id)
    assert (believed.commits, believed.dirty) == ((sha(1),), True)


def test_a_referrer_speaks_for_its_subject() -> None:
    bundle = ecr(2, type=ImageType.ATTESTATION, subject=digest(1), statements=(Statement(**SAID),))
    known = inventory(git=(git(remote=REMOTE),), commits=(commit(1),), ecr_images=(ecr(1), bundle))
    assert commits_of(build(known), ecr(1).id).commits == (sha(1),)
