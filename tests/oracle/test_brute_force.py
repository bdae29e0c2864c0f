"""Our verdicts are those of an oracle that was written from the definitions alone."""

from __future__ import annotations

from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from tests.oracle.brute_force import verdicts
from tests.oracle.worlds import world


@settings(max_examples=300, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(rng=st.integers(0, 2**32).map(Random))
def test_no_verdict_is_wrong(rng: Random) -> None:
    whole = world(rng)
    ours = {str(each.id): each.verdict.value for each in orphans(build(whole)).all()}
    theirs = verdicts(whole)
    assert {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]} == {}
    assert ours.keys() == theirs.keys()


@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(rng=st.integers(0, 2**32).map(Random))
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
