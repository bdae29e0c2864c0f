"""Reading less of the same world never makes an orphan of what was not one."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.analysis.usage import Options, Verdict
from jotgraph.graph import build
from jotgraph.links import Link, infer
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory, ResourceId
from tests.oracle.reductions import ALL, Reduction, hide_account
from tests.oracle.worlds import deeper, world
from tests.strength import DICE, examples

OPTIONS = (
    Options(),
    Options(keep_last=1, idle_functions=True),
    Options(keep=(), keep_images=2, keep_last=0, young_days=0, role_young_days=0),
    Options(keep=(), keep_last=0, keep_days=60, pulled_days=0),
)


def verdicts(
    whole: Inventory, options: Options, links: list[Link] | None = None
) -> dict[ResourceId, Verdict]:
    answer = orphans(build(whole, links), now=whole.taken_at, options=options)
    return {verdict.id: verdict.verdict for verdict in answer.all()}


def worse(before: dict[ResourceId, Verdict], after: dict[ResourceId, Verdict]) -> dict[str, str]:
    """What became an orphan by reading less."""
    return {
        resource: before[resource].value
        for resource, verdict in after.items()
        if verdict is Verdict.ORPHAN and before[resource] is not Verdict.ORPHAN
    }


@pytest.mark.parametrize("reduce", ALL, ids=lambda reduce: reduce.__name__)
@examples(4, many=50, shrink=False)
@given(number=st.integers(0, 2**32), options=st.sampled_from(OPTIONS))
def test_each_way_alone(reduce: Reduction, number: int, options: Options) -> None:
    rng = Random(f"{reduce.__name__} {number}")  # each way has worlds of its own
    whole = world(rng, revoked=reduce is not hide_account)
    less = reduce(rng, whole)
    assert worse(verdicts(whole, options), verdicts(less, options)) == {}


@examples(20, many=300, shrink=False)
@given(
    rng=DICE,
    reduce=st.sampled_from([reduce for reduce in ALL if reduce is not hide_account]),
    options=st.sampled_from(OPTIONS),
)
def test_each_way_on_a_deeper_estate(rng: Random, reduce: Reduction, options: Options) -> None:
    whole = deeper(rng, world(rng, revoked=True))
    less = reduce(rng, whole)
    assert worse(verdicts(whole, options), verdicts(less, options)) == {}


@examples(20, many=200, shrink=False)
@given(
    rng=DICE,
    ways=st.lists(st.sampled_from(ALL), min_size=2, max_size=5),
    options=st.sampled_from(OPTIONS),
)
def test_several_ways_one_after_another(
    rng: Random, ways: list[Reduction], options: Options
) -> None:
    """Each view is held against all the fuller ones. Only a hidden account is held against the
    whole world alone, in which no function runs what its account is not let in to any more: with
    the account goes every sign that it ever ran anything (docs/comparison.md says so)."""
    whole = world(rng, revoked=hide_account not in ways)
    truth = verdicts(whole, options)
    before = dict(truth)
    for reduce in ways:
        whole = reduce(rng, whole)
        after = verdicts(whole, options)
        assert worse(truth, after) == {}
        assert reduce is hide_account or worse(before, after) == {}
        before |= after


@examples(20, many=200, shrink=False)
@given(
    rng=DICE,
    share=st.sampled_from((0.0, 0.5, 0.95)),
    options=st.sampled_from(OPTIONS),
)
def test_dropped_evidence(rng: Random, share: float, options: Options) -> None:
    whole = world(rng, revoked=True)
    links = sorted(infer(whole), key=lambda link: (link.source, link.target, link.evidence.rule))
    kept = [link for link in links if rng.random() < share]
    assert worse(verdicts(whole, options), verdicts(whole, options, kept)) == {}


def test_worlds_hold_every_verdict() -> None:
    """A property over estates in which nothing is ever an orphan would show nothing."""
    kinds = {"ecr-image", "ecr-repo", "function", "version", "role", "local-image", "container"}
    missing = {(kind, verdict) for kind in kinds for verdict in Verdict}
    missing |= {("trigger", Verdict.ORPHAN), ("alias", Verdict.IN_USE)}
    seeds = iter(range(120))
    while missing:
        judged = verdicts(world(Random(next(seeds))), OPTIONS[1])
        missing -= {(resource.partition(":")[0], verdict) for resource, verdict in judged.items()}
