"""Rules of packages add, and take nothing away."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from jotgraph.graph import build
from jotgraph.links import Author, Grade, InventoryIndex, Match, Relation, Rule, infer, rule
from jotgraph.plugins import Found, links_of, noted
from jotgraph.queries.orphans import orphans
from jotgraph.records import Gap, Inventory, ResourceId, commit_id, ecr_image_id
from tests.factories import ACCOUNT, REGION, digest, ecr_image, sha
from tests.links.world import world

Find = Callable[[InventoryIndex], Iterator[Match]]


def settled() -> Inventory:
    """The small world without the function whose update failed: what that ran before is in doubt,
    and so is every image."""
    whole = world()
    through = tuple(
        function for function in whole.functions if function.last_update_status != "Failed"
    )
    return replace(whole, functions=through)


def made(relation: Relation, find: Find) -> Rule:
    find.__name__ = "acme"
    return rule(
        relation,
        Grade.SUPPORT,
        Author.BUILDER if relation is Relation.BUILT_FROM else None,
    )(find)


def run(relation: Relation, find: Find) -> Found:
    return links_of((made(relation, find),), settled())


def verdicts(inventory: Inventory, answers: Found) -> dict[str, set[ResourceId]]:
    links = (*infer(inventory), *answers.links)
    judged = orphans(build(noted(inventory, answers.gaps), links))
    return {
        "orphan": {orphan.id for orphan in judged.orphans},
        "unknown": {judgement.id for judgement in judged.unknown},
        "in use": {judgement.id for judgement in judged.in_use},
    }


def everything(index: InventoryIndex) -> Iterator[Match]:
    """Every pair there is."""
    for source in index.by_id:
        for target in index.by_id:
            if source != target:
                yield Match(source, target, "a claim")


def only(sources: tuple[str, ...], targets: tuple[str, ...]) -> Find:
    def find(index: InventoryIndex) -> Iterator[Match]:
        for match in everything(index):
            if match.source.startswith(sources) and match.target.startswith(targets):
                yield match

    return find


TEXTS = ("function:", "version:", "alias:", "ecr-repo:", "role:")
NAMED = ("role:", "function:", "version:", "alias:", "ecr-image:")


@pytest.mark.parametrize(
    ("relation", "find"),
    [
        (Relation.MENTIONS, only(TEXTS, NAMED)),
        (Relation.MENTIONS, everything),
        (Relation.BUILT_FROM, only(("ecr-image:", "local-image:", "function:"), ("commit:",))),
        (Relation.BUILT_FROM, everything),
    ],
)
def test_no_rule_takes_a_use_or_a_doubt_away(relation: Relation, find: Find) -> None:
    before, after = verdicts(settled(), Found()), verdicts(settled(), run(relation, find))
    assert after["orphan"] <= before["orphan"]
    assert before["in use"] <= after["in use"]


def test_a_name_in_text_protects() -> None:
    before = verdicts(settled(), Found())
    after = verdicts(settled(), run(Relation.MENTIONS, only(("function:",), NAMED)))
    assert before["orphan"] - after["orphan"]


def test_a_claim_is_evidence_of_its_own() -> None:
    image = ecr_image(1).id

    def find(index: InventoryIndex) -> Iterator[Match]:
        yield Match(image, commit_id(sha(500)), "Acme says so", "the office")

    (link,) = run(Relation.BUILT_FROM, find).links
    assert (link.source, link.target) == (image, commit_id(sha(500)))
    piece = link.evidence
    assert (piece.rule, piece.grade, piece.author) == ("acme", Grade.SUPPORT, Author.BUILDER)
    assert (piece.statement, piece.read_from) == ("Acme says so", "the office")


def test_what_was_not_read_is_not_invented() -> None:
    nowhere = ecr_image_id(ACCOUNT, REGION, "app", digest(999))

    def find(index: InventoryIndex) -> Iterator[Match]:
        yield Match(nowhere, commit_id(sha(500)), "a claim")
        yield Match(ecr_image(1).id, commit_id(sha(499)), "a claim")

    assert run(Relation.BUILT_FROM, find) == Found()


def raising(index: InventoryIndex) -> Iterator[Match]:
    yield Match(ecr_image(1).id, commit_id(sha(500)), "a claim")
    raise KeyError("acme")


def odd(index: InventoryIndex) -> Iterator[Match]:
    yield 3  # type: ignore[misc] # what a package may do


def wrong_text(index: InventoryIndex) -> Iterator[Match]:
    yield Match(ecr_image(1).id, commit_id(sha(500)), 3)  # type: ignore[arg-type] # as above


def wrong_way(index: InventoryIndex) -> Iterator[Match]:
    yield Match(commit_id(sha(500)), ecr_image(1).id, "a claim")


def no_id(index: InventoryIndex) -> Iterator[Match]:
    yield Match(ResourceId("nothing"), commit_id(sha(500)), "a claim")


def endless(index: InventoryIndex) -> Iterator[Match]:
    while True:
        yield Match(ecr_image(1).id, commit_id(sha(500)), "a claim")


def at_once(index: InventoryIndex) -> Iterator[Match]:
    raise RuntimeError("at once")


@pytest.mark.parametrize(
    ("find", "says", "kept"),
    [
        (raising, "KeyError: 'acme'", 1),
        (odd, "TypeError: 'int' object is not iterable", 0),
        (wrong_text, "ValidationError: Expected `str`, got `int`", 0),
        (wrong_way, "ValueError: built-from leads from commit:", 0),
        (no_id, "ValueError: 'nothing' is not a valid Kind", 0),
        (endless, "ValueError: more than 1,000 links", 1000),
        (at_once, "RuntimeError: at once", 0),
    ],
)
def test_a_rule_that_fails_is_a_gap_by_name(
    find: Find, says: str, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jotgraph.plugins.MOST", 1000)
    found = run(Relation.BUILT_FROM, find)
    (gap,) = found.gaps
    assert says in gap.detail
    assert (gap.name, gap.facts) == ("plugin:acme", ("commits",))
    assert len(found.links) == kept


def failing() -> tuple[Gap, ...]:
    def find(index: InventoryIndex) -> Iterator[Match]:
        raise KeyError("acme")

    return run(Relation.MENTIONS, find).gaps


def test_what_may_have_protected_and_failed_is_never_an_absence() -> None:
    before, after = verdicts(settled(), Found()), verdicts(settled(), Found((), failing()))
    assert before["orphan"]
    assert after["orphan"] == set()
    assert before["in use"] == after["in use"]
