"""To judge the shards of an inventory gives what judging the whole gives: reasons and order too."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.queries.answers.orphans import Orphans
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory
from jotgraph.scale.judging import Question, judge, together
from jotgraph.scale.shards import Shard, cut, shard, units
from jotgraph.scale.survey import Survey
from tests.oracle.worlds import world
from tests.scale.cuts import scattered
from tests.scale.estates import OPTIONS, estate
from tests.strength import DICE, examples


def at_random(rng: Random, whole: Inventory) -> list[Shard]:
    survey = Survey(whole)
    return [shard(survey, part) for part in scattered(rng, survey)]


def judged(whole: Inventory, shards: list[Shard], options: Options) -> Orphans:
    return together(whole, [judge(shard, Question(options)) for shard in shards])


@examples(10, many=1000, shrink=False)
@given(rng=DICE)
def test_shards_cut_at_random_are_the_whole(rng: Random) -> None:
    whole, options = estate(rng), rng.choice(OPTIONS)
    expected = orphans(build(whole), options=options)
    assert judged(whole, at_random(rng, whole), options) == expected


@examples(10, many=300, shrink=False)
@given(rng=DICE)
def test_shards_of_every_oracle_world_are_the_whole(rng: Random) -> None:
    whole = world(rng)
    expected = orphans(build(whole))
    assert judged(whole, at_random(rng, whole), Options()) == expected


@pytest.mark.parametrize("count", [1, 2, 5, 1000])
def test_a_cut_holds_every_unit_once(count: int) -> None:
    survey = Survey(estate(Random(5)))
    parts = cut(survey, count)
    assert sorted(unit for part in parts for unit in part) == units(survey)
    assert len(parts) <= count
