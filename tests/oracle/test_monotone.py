"""No call denied makes an orphan, whatever doubts are set aside."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records.kinds import CONSUMERS
from tests.oracle import monotone
from tests.oracle.reductions import ALL, deny_consumer
from tests.oracle.worlds import world
from tests.strength import DICE, examples


def test_every_call_under_every_doubt_set_aside() -> None:
    """One draw of each here; ``python -m tests.oracle.monotone`` takes every choice of each."""
    count = monotone.compare(range(1))
    assert count.orphans_made == 0
    assert count.verdicts == len(ALL) * len(monotone.OPTIONS) * len(monotone.sets_aside())


def test_every_choice_is_taken_once() -> None:
    """Each service, denied and failed, in each place."""
    whole = world(Random(1))
    places = {(*place, service) for place in whole.scope.places for service in CONSUMERS}
    seen: Counter[tuple[str, ...]] = Counter()
    for less in monotone.every(deny_consumer, whole, "0"):
        seen.update(
            (*asked.place, asked.service, asked.state)
            for asked in less.scope.coverage
            if not asked.whole
        )
    assert seen == Counter((*place, state) for place in places for state in ("denied", "failed"))


@examples(10, many=60, shrink=False)
@given(
    rng=DICE,
    ignored=st.frozensets(st.sampled_from(monotone.IGNORABLE)),
    options=st.sampled_from(monotone.OPTIONS),
)
def test_the_short_way_is_the_one_by_options(
    rng: Random, ignored: frozenset[str], options: Options
) -> None:
    whole = world(rng)
    asked = msgspec.structs.replace(options, ignore=tuple(sorted(ignored)))
    judged = orphans(build(whole), options=asked)
    assert monotone.judge(whole, options).orphans(ignored) == {
        orphan.id for orphan in judged.orphans
    }


def test_something_is_set_aside_that_made_a_difference() -> None:
    """The comparison would show nothing, did setting a doubt aside never make an orphan."""
    judged = monotone.judge(world(Random(7)), monotone.OPTIONS[1])
    assert judged.orphans(frozenset()) < judged.orphans(frozenset(monotone.IGNORABLE))
