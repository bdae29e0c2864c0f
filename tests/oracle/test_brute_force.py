"""Our verdicts are those of an oracle that was written from the definitions alone."""

from __future__ import annotations

from random import Random

from hypothesis import given

from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from tests.oracle.brute_force import verdicts
from tests.oracle.worlds import deeper, world
from tests.strength import DICE, examples


@examples(50, many=300, shrink=False)
@given(rng=DICE)
def test_no_verdict_is_wrong(rng: Random) -> None:
    whole = world(rng)
    ours = {str(verdict.id): verdict.verdict.value for verdict in orphans(build(whole)).all()}
    theirs = verdicts(whole)
    assert {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]} == {}
    assert ours.keys() == theirs.keys()


@examples(20, many=200, shrink=False)
@given(rng=DICE)
def test_no_verdict_on_a_deeper_estate_is_wrong(rng: Random) -> None:
    whole = deeper(rng, world(rng))
    ours = {judgement.id: judgement.verdict.value for judgement in orphans(build(whole)).all()}
    theirs = verdicts(whole)
    assert {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]} == {}


@examples(15, many=100, shrink=False)
@given(rng=DICE)
def test_a_witness_is_a_way_over_links_and_records(rng: Random) -> None:
    """Each way ends in what it witnesses, begins in what is used from outside, and never passes
    through anything that is not itself in use or a version."""
    answer = orphans(build(world(rng)))
    known = {verdict.id: verdict for verdict in answer.all()}
    for verdict in answer.in_use:
        assert verdict.witness[-1] == verdict.id
        assert verdict.witness[0].partition(":")[0] not in ("ecr-image", "ecr-repo", "role") or (
            verdict.witness == (verdict.id,)
        )
        for step in verdict.witness:
            assert step not in known or known[step].verdict != "orphan" or step.startswith("cont")
