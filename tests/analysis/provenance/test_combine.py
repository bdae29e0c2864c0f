"""Which commits an image is believed to come from: gathering and combining evidence."""

from __future__ import annotations

import random

import pytest

from jotgraph.analysis.provenance import Claim, Claims, commits_of, copies
from jotgraph.graph import ResourceGraph, build
from jotgraph.links import Evidence, Grade, Link, Relation
from jotgraph.records import ResourceId, commit_id
from tests.functional.estate import ACCOUNT, REGION, SHAS, digest, estate

PLACE = f"{ACCOUNT}/{REGION}"
IMAGE = ResourceId(f"ecr-image:{PLACE}/shop/checkout@{digest(1)}")
OTHER = ResourceId(f"ecr-image:{PLACE}/shop/checkout@{digest(2)}")
LOCAL = ResourceId(f"local-image:{digest(101)}")
CHECKOUT = ResourceId(f"function:{PLACE}/checkout")


def built(
    source: ResourceId,
    number: int,
    grade: Grade = Grade.STRONG,
    *,
    rule: str = "label",
    relation: Relation = Relation.BUILT_FROM,
    alike: tuple[int, ...] = (),
    count: int = 1,
) -> Link:
    shas = tuple(SHAS[number - 1] for number in alike)
    said = Evidence(
        rule=rule, relation=relation, grade=grade, statement=rule, candidates=shas, count=count
    )
    return Link(source, commit_id(SHAS[number - 1]), said)


def tied(source: ResourceId, target: ResourceId, relation: Relation, grade: Grade) -> Link:
    return Link(source, target, Evidence("tie", relation, grade, "they are tied"))


def graph_of(*links: Link) -> ResourceGraph:
    return build(estate(), links)


def shas(*numbers: int) -> tuple[str, ...]:
    return tuple(SHAS[number - 1] for number in numbers)


def test_nothing_is_known_without_evidence() -> None:
    assert commits_of(graph_of(), IMAGE) == Claims(images=(IMAGE,))


def test_a_role_has_no_commits() -> None:
    assert commits_of(graph_of(), ResourceId(f"role:{ACCOUNT}/billing-role")) == Claims()


def test_the_claim_of_a_local_copy_is_a_claim_about_what_a_function_runs() -> None:
    graph = graph_of(
        tied(CHECKOUT, IMAGE, Relation.RUNS, Grade.PROOF),
        tied(IMAGE, LOCAL, Relation.COPY_OF, Grade.PROOF),
        built(LOCAL, 4),
    )
    said = Evidence("label", Relation.BUILT_FROM, Grade.STRONG, "label")
    assert commits_of(graph, CHECKOUT) == Claims(
        images=(IMAGE,),
        commits=shas(4),
        count=1,
        grade=Grade.STRONG,
        relation=Relation.BUILT_FROM,
        rule="label",
        records=(Claim(LOCAL, shas(4), 1, Grade.STRONG, said),),
    )


def test_a_claim_is_worth_no_more_than_the_link_to_what_carries_it() -> None:
    graph = graph_of(tied(IMAGE, LOCAL, Relation.COPY_OF, Grade.SUPPORT), built(LOCAL, 4))
    assert commits_of(graph, IMAGE).grade is Grade.SUPPORT
    assert copies(graph, IMAGE) == {IMAGE: Grade.PROOF, LOCAL: Grade.SUPPORT}


def test_indexes_and_attestations_speak_for_what_they_hold() -> None:
    graph = graph_of(
        tied(OTHER, IMAGE, Relation.CONTAINS, Grade.PROOF), built(OTHER, 2, rule="annotation")
    )
    assert commits_of(graph, IMAGE).commits == shas(2)
    assert commits_of(graph, IMAGE).records[0].on == OTHER


def test_a_label_picks_among_equal_files_and_excludes_none() -> None:
    graph = graph_of(
        built(
            IMAGE, 4, Grade.PROOF, rule="content", relation=Relation.CONTENT_EQUALS,
            alike=(4, 3, 2), count=3,
        ),
        built(IMAGE, 3),
    )  # fmt: skip
    claims = commits_of(graph, IMAGE)
    assert (claims.commits, claims.count, claims.conflict) == (shas(4, 3, 2), 3, False)
    assert (claims.picked, claims.measured) == (shas(3), shas(3))
    assert (claims.grade, claims.rule) == (Grade.PROOF, "content")


@pytest.mark.parametrize("grade", [Grade.SUPPORT, Grade.PROOF])
def test_a_file_of_a_tool_picks_and_a_repository_in_the_image_excludes(grade: Grade) -> None:
    rule = "file_git_head" if grade is Grade.PROOF else "file_revision"
    graph = graph_of(
        built(
            IMAGE, 4, Grade.PROOF, rule="content", relation=Relation.CONTENT_EQUALS,
            alike=(4, 3, 2), count=3,
        ),
        built(IMAGE, 3, grade, rule=rule),
    )  # fmt: skip
    claims = commits_of(graph, IMAGE)
    if grade is Grade.PROOF:
        assert (claims.commits, claims.picked, claims.grade) == (shas(3), (), Grade.PROOF)
    else:
        assert (claims.commits, claims.count) == (shas(4, 3, 2), 3)
        assert (claims.picked, claims.grade) == (shas(3), Grade.PROOF)


def test_claims_of_builders_that_share_commits_are_intersected() -> None:
    graph = graph_of(
        built(IMAGE, 4, Grade.STRONG, rule="label", alike=(4, 3), count=2),
        built(IMAGE, 3, Grade.SUPPORT, rule="tag"),
    )
    claims = commits_of(graph, IMAGE)
    assert (claims.commits, claims.count, claims.picked) == (shas(3), 1, ())
    assert claims.grade is Grade.STRONG


def test_a_weaker_claim_that_shares_none_is_set_aside_and_kept() -> None:
    graph = graph_of(built(IMAGE, 4), built(IMAGE, 2, Grade.SUPPORT, rule="tag"))
    found = commits_of(graph, IMAGE)
    assert (found.commits, found.conflict) == (shas(4), False)
    assert [record.evidence.rule for record in found.records] == ["label", "tag"]


def test_strong_claims_that_share_none_are_a_conflict() -> None:
    graph = graph_of(
        built(IMAGE, 4, Grade.PROOF, rule="content", relation=Relation.CONTENT_EQUALS),
        built(IMAGE, 2),
    )
    found = commits_of(graph, IMAGE)
    assert (found.commits, found.conflict, found.reason) == (
        shas(4),
        True,
        f"label says {SHAS[1][:9]}, but the files are those of {SHAS[3][:9]}: a stale label "
        "(build cache, build argument)",
    )


def test_a_claim_that_does_not_list_all_its_commits_contradicts_nothing() -> None:
    graph = graph_of(
        built(IMAGE, 4, Grade.PROOF, rule="content", relation=Relation.CONTENT_EQUALS),
        built(IMAGE, 2, alike=(2, 1), count=500),
    )
    assert not commits_of(graph, IMAGE).conflict


def test_the_order_of_links_does_not_matter() -> None:
    links = [
        built(IMAGE, 4), built(IMAGE, 2, rule="tag"), built(LOCAL, 3, Grade.HINT, rule="time"),
        tied(IMAGE, LOCAL, Relation.COPY_OF, Grade.PROOF), built(IMAGE, 1, Grade.HINT, rule="near"),
    ]  # fmt: skip
    expected = commits_of(graph_of(*links), IMAGE)
    for seed in range(5):
        random.Random(seed).shuffle(links)
        assert commits_of(graph_of(*links), IMAGE) == expected
