"""Our verdicts are those of an oracle that was written from the definitions alone."""

from __future__ import annotations

from random import Random

from hypothesis import given

from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from tests.oracle.brute_force import verdicts
from tests.oracle.worlds import world
from tests.strength import DICE, examples


@examples(50, many=300, shrink=False)
@given(rng=DICE)
def test_no_verdict_is_wrong(rng: Random) -> None:
    whole = world(rng)
    ours = {str(each.id): each.verdict.value for each in orphans(build(whole)).all()}
    theirs = verdicts(whole)
    assert {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]} == {}
    assert ours.keys() == theirs.keys()


@examples(15, many=100, shrink=False)
@given(rng=DICE)
def test_a_witness_is_a_way_over_links_and_records(rng: Random) -> None:
    """Each way ends in what it witnesses, begins in what is used from outside, and never passes
    through anything that is not itself in use or a version."""
    found = orphans(build(world(rng)))
    known = {each.id: each for each in found.all()}
    for each in found.in_use:
        assert each.witness[-1] == each.id
        assert each.witness[0].partition(":")[0] not in ("ecr-image", "ecr-repo", "role") or (
            each.witness == (each.id,)
        )
        for step in each.witness:
            assert step not in known or known[step].verdict != "orphan" or step.startswith("cont")
