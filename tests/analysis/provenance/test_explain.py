"""Each way in which claims disagree: one that fits, one that nearly does, one that says nothing."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from jotgraph.analysis.provenance import Claims, Disagreement, commits_of
from jotgraph.graph import build
from jotgraph.links import Grade
from jotgraph.records import ContentMatch, ContentVerdict, ResourceId, pairs
from tests.factories import (
    NOW,
    REVISION,
    commit,
    content_match,
    digest,
    ecr_image,
    file_fact,
    function,
    git_repository,
    inventory,
    local_image,
    sha,
)

SOURCE = "org.opencontainers.image.source"
REMOTE = "https://example.com/team/shop"
shop_image = partial(ecr_image, repository="shop", pushed_at=None)
IMAGE = shop_image(1).id
HISTORY: dict[str, Any] = {
    "git": (
        git_repository(head=3, remote=REMOTE),
        git_repository("base", remote="https://example.com/team/base"),
    ),
    "commits": (
        commit(1),
        commit(2, 1, minutes=1),
        commit(3, 2, minutes=2),
        commit(9, repositories=("base",)),
    ),
}


def match(
    *numbers: int,
    verdict: ContentVerdict = ContentVerdict.EXACT,
    modified: tuple[str, ...] = (),
    on: ResourceId = IMAGE,
) -> ContentMatch:
    return content_match(
        on,
        *numbers,
        verdict=verdict,
        matched=5,
        modified=modified,
        modified_count=len(modified),
    )


def labelled(revision: str, **more: Any) -> Any:
    return shop_image(1, labels={REVISION: revision, SOURCE: REMOTE}, **more)


def claims(*images: Any, content: tuple[ContentMatch, ...] = (), **more: Any) -> Claims:
    world = inventory(*images, *content, **HISTORY, **more)
    return commits_of(build(world), IMAGE)


def kinds(answer: Claims) -> list[tuple[Disagreement, bool]]:
    return [(explanation.kind, explanation.conflict) for explanation in answer.explanations]


NEAREST = ContentVerdict.NEAREST


def test_a_dirty_build() -> None:
    near = match(3, 2, verdict=NEAREST, modified=("app.py",))
    found = claims(labelled(sha(2)), content=(near,))
    assert kinds(found) == [(Disagreement.DIRTY_BUILD, True)]
    assert found.reason == (
        f"label {REVISION} says {sha(2)[:9]}, but 1 file differs (app.py) in the image: a dirty "
        f"build at {sha(2)[:9]}, from a work tree with changes that were not committed"
    )
    assert (found.commits, found.grade, found.dirty) == ((sha(2),), Grade.STRONG, True)
    assert found.content == ()


def test_a_dirty_build_of_a_commit_that_a_file_names() -> None:
    near = match(3, 2, verdict=NEAREST, modified=("app.py",))
    head = file_fact("app/.git/HEAD", "git", sha(2))
    found = claims(shop_image(1), content=(msgspec.structs.replace(near, facts=(head,)),))
    assert (kinds(found), found.dirty) == ([(Disagreement.DIRTY_BUILD, True)], True)


def test_files_that_are_all_equal_are_no_dirty_build() -> None:
    found = claims(labelled(sha(2)), content=(match(3, 2),))
    assert (kinds(found), found.dirty, found.grade) == ([], False, Grade.PROOF)


def test_files_that_differ_without_a_label_are_no_dirty_build() -> None:
    near = match(3, verdict=NEAREST, modified=("app.py",))
    assert kinds(claims(shop_image(1), content=(near,))) == []


def test_a_label_of_a_known_base_is_set_aside() -> None:
    layers = (digest(70),)
    base = shop_image(2, diff_ids=layers, labels={REVISION: sha(9)})
    child = shop_image(1, diff_ids=(*layers, digest(71)), labels={REVISION: sha(9)})
    found = claims(child, base, content=(match(3),))
    assert kinds(found) == [(Disagreement.INHERITED_LABEL, False)]
    assert found.explanations[0].statement == (
        f"its label {REVISION} says {sha(9)[:9]}, as the label of its base image does: "
        "inherited, and ignored"
    )
    assert (found.commits, found.conflict, found.reason) == ((sha(3),), False, "")


def test_a_label_of_an_unknown_base_is_of_another_repository() -> None:
    found = claims(shop_image(1, labels={REVISION: sha(9)}), content=(match(3),))
    assert kinds(found) == [(Disagreement.INHERITED_LABEL, True)]
    assert found.reason.endswith(
        "which is of another repository: the label is inherited from a base image"
    )


def test_a_label_of_its_own_is_not_inherited() -> None:
    layers = (digest(70),)
    base = shop_image(2, diff_ids=layers, labels={REVISION: sha(9)})
    child = labelled(sha(3), diff_ids=(*layers, digest(71)))
    assert kinds(claims(child, base, content=(match(3),))) == []


def test_rewritten_history() -> None:
    found = claims(labelled("d" * 40), content=(match(2),))
    assert kinds(found) == [(Disagreement.REWRITTEN_HISTORY, True)]
    assert found.reason == (
        f"label {REVISION} says ddddddddd, but the files are those of {sha(2)[:9]}; no "
        "repository read has ddddddddd: rewritten history (rebase, squash), or the merge "
        "commit of a pull request"
    )
    assert found.commits == (sha(2),)


def test_a_label_that_is_nowhere_contradicts_no_part_of_the_files() -> None:
    subset = match(2, verdict=ContentVerdict.SUBSET)
    assert kinds(claims(labelled("d" * 40), content=(subset,))) == []
    assert kinds(claims(labelled("d" * 40))) == []


def test_a_stale_label() -> None:
    found = claims(labelled(sha(1)), content=(match(3, 2),))
    assert kinds(found) == [(Disagreement.STALE_LABEL, True)]
    assert found.reason == (
        f"label {REVISION} says {sha(1)[:9]}, but the files are those of {sha(3)[:9]} (and 1 "
        "more with the same files): a stale label (build cache, build argument)"
    )
    assert (found.commits, found.content) == ((sha(3), sha(2)),) * 2
    assert found.verdict == "conflict"


def test_a_label_among_the_commits_with_the_same_files_is_not_stale() -> None:
    found = claims(labelled(sha(2)), content=(match(3, 2),))
    assert (kinds(found), found.commits, found.picked) == ([], (sha(3), sha(2)), (sha(2),))
    assert found.content == found.commits


def test_a_class_that_is_not_listed_whole_contradicts_nothing_beyond_it() -> None:
    from msgspec.structs import replace  # noqa: PLC0415 -- for this test alone

    large = replace(match(3, 2), count=5000)
    assert kinds(claims(labelled(sha(3)), content=(large,))) == []


def deployed(**more: Any) -> Claims:
    running = function(repository="shop", **more)
    world = inventory(labelled(sha(2)), running, **HISTORY)
    return commits_of(build(world), running.id)


def test_a_deployment_that_disagrees() -> None:
    found = deployed(tags=pairs({"GIT_SHA": sha(1)}))
    assert kinds(found) == [(Disagreement.DEPLOYMENT_DISAGREES, True)]
    assert found.reason == (
        f"function tag GIT_SHA says {sha(1)[:9]}, but of the image that runs label {REVISION} "
        f"says {sha(2)[:9]}: the configuration and the image are from different commits"
    )
    assert found.commits == (sha(2),)


@pytest.mark.parametrize("tags", [{"GIT_SHA": sha(2)}, {"team": "shop"}, {}])
def test_a_deployment_that_agrees_or_says_nothing(tags: dict[str, str]) -> None:
    found = deployed(tags=pairs(tags))
    assert (kinds(found), found.commits, found.grade) == ([], (sha(2),), Grade.STRONG)


def test_a_clock_that_is_wrong() -> None:
    found = claims(labelled(sha(2), created_at=NOW - timedelta(days=3)))
    assert kinds(found) == [(Disagreement.CLOCK_SKEW, True)]
    assert found.reason == (
        f"label {REVISION} says {sha(2)[:9]}, which is later than the image says it was created "
        "(2026-02-26 12:00 UTC): a clock was wrong, or history was rewritten since"
    )
    assert found.commits == (sha(2),)


@pytest.mark.parametrize("created", [NOW - timedelta(hours=20), NOW.replace(year=1970), None])
def test_a_clock_that_is_a_little_off_or_stopped(created: Any) -> None:
    assert kinds(claims(labelled(sha(2), created_at=created))) == []


def test_commits_later_than_the_image_are_set_aside() -> None:
    late = inventory(
        git_repository(head=2, remote=REMOTE),
        commit(1),
        commit(2, 1, minutes=60 * 24 * 5),
        shop_image(1, created_at=NOW + timedelta(hours=1)),
        match(2, 1),
    )
    found = commits_of(build(late), IMAGE)
    assert (found.commits, found.count, found.later) == ((sha(1),), 1, 1)
    assert (found.content, found.content_count) == ((sha(2), sha(1)), 2)


def test_two_strong_claims_of_one_job() -> None:
    found = claims(shop_image(1, sha(1), labels={REVISION: sha(2), SOURCE: REMOTE}))
    assert kinds(found) == [(Disagreement.CLAIMS_DISAGREE, True)]


def test_a_label_and_a_tag_of_one_job_lift_no_grade() -> None:
    found = claims(shop_image(1, sha(2), labels={REVISION: sha(2), SOURCE: REMOTE}))
    assert (kinds(found), found.grade) == ([], Grade.STRONG)


def test_a_label_and_files_of_one_commit_lift_the_grade_one_step() -> None:
    subset = match(2, verdict=ContentVerdict.SUBSET)
    alone = claims(shop_image(1), content=(subset,))
    both = claims(shop_image(1, labels={REVISION: sha(2)}), content=(subset,))
    assert (alone.grade, both.grade) == (Grade.SUPPORT, Grade.STRONG)
    assert both.commits == (sha(2),)


def test_a_label_that_picks_among_equal_files_lifts_nothing() -> None:
    subset = match(3, 2, verdict=ContentVerdict.SUBSET)
    both = claims(shop_image(1, labels={REVISION: sha(2)}), content=(subset,))
    assert (both.grade, both.commits, both.picked) == (
        Grade.SUPPORT, (sha(3), sha(2)), (sha(2),),
    )  # fmt: skip


def test_a_label_of_which_the_files_differ_is_a_dirty_build_even_where_files_are_a_hint() -> None:
    near = match(2, verdict=ContentVerdict.WEAK, modified=("app.py",))
    found = claims(labelled(sha(2)), content=(near,))
    assert (kinds(found), found.dirty) == ([(Disagreement.DIRTY_BUILD, True)], True)


@pytest.mark.parametrize(
    ("name", "dirty"),
    [("shop-dirty:v1", False), ("shop-dirty", False), ("shop:v1-dirty", True), ("shop:v1", False)],
)
def test_the_tag_says_dirty_and_the_name_of_a_repository_does_not(name: str, dirty: bool) -> None:
    image = local_image(1, name)
    graph = build(inventory(image, **HISTORY))
    assert commits_of(graph, image.id).dirty is dirty


def test_a_hint_lifts_nothing() -> None:
    found = claims(shop_image(1, created_at=NOW + timedelta(minutes=30)), content=(match(3),))
    assert len(found.records) > 1
    subset = match(3, verdict=ContentVerdict.SUBSET)
    hinted = claims(shop_image(1, created_at=NOW + timedelta(minutes=30)), content=(subset,))
    assert hinted.grade is Grade.SUPPORT


def test_files_of_a_local_copy_speak_for_what_runs() -> None:
    held = local_image(11, config_digest=digest(11))
    image = shop_image(1, config_digest=digest(11))
    world = inventory(image, held, match(2, on=held.id), **HISTORY)
    assert commits_of(build(world), IMAGE).commits == (sha(2),)


TREE, OTHER_TREE = "a" * 40, "b" * 40
BUILT = {REVISION: sha(1), "jotgraph.folder": "fn/pay", "jotgraph.tree": TREE}


def of_trees(labels: dict[str, str], tree: str, *more: Any) -> Claims:
    """The claims of an image whose labels name a tree, where the commit has this one."""
    git = git_repository(trees=((f"{sha(1)}:fn/pay", tree),))
    known = inventory(commit(1), git, local_image(1, labels=labels, diff_ids=("1", "2")), *more)
    return commits_of(build(known), local_image(1).id)


def test_a_tree_that_its_commit_does_not_have() -> None:
    claims = of_trees(BUILT, OTHER_TREE)
    assert (claims.conflict, claims.kind) == (True, Disagreement.CLAIMS_DISAGREE)
    assert claims.reason == (
        f"its label jotgraph.tree says {TREE[:9]}, but the tree of fn/pay at {sha(1)[:9]} is "
        f"{OTHER_TREE[:9]}: its labels are of different builds"
    )


@pytest.mark.parametrize(
    ("labels", "tree"),
    [
        (BUILT, TREE),
        ({**BUILT, REVISION: f"{sha(1)}-dirty", "jotgraph.tree": f"{TREE}-dirty"}, TREE),
        ({**BUILT, "jotgraph.folder": "fn"}, OTHER_TREE),
        ({REVISION: sha(1)}, OTHER_TREE),
    ],
    ids=["the same", "dirty", "a folder that was not read", "no label"],
)
def test_trees_that_do_not_disagree(labels: dict[str, str], tree: str) -> None:
    assert not of_trees(labels, tree).conflict


def test_a_tree_that_a_base_handed_down() -> None:
    base = local_image(2, labels={"jotgraph.tree": TREE}, diff_ids=("1",))
    assert not of_trees(BUILT, OTHER_TREE, base).conflict
