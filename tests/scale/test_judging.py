"""What judging a shard leaves behind."""

from __future__ import annotations

import gc
from random import Random

import pytest

from jotgraph.analysis.usage import GraphIndex
from jotgraph.gc_pause import collector_off
from jotgraph.scale.judging import Question, judge
from jotgraph.scale.shards import shard, units
from jotgraph.scale.survey import Survey
from tests.scale.estates import estate


def _graphs_indexed() -> int:
    return sum(isinstance(alive, GraphIndex) for alive in gc.get_objects())


def test_nothing_of_its_graph_while_the_collector_is_off() -> None:
    survey = Survey(estate(Random(3)))
    whole = shard(survey, frozenset(units(survey)))
    gc.collect()
    before = _graphs_indexed()
    with collector_off():
        answer = judge(whole, Question())
        assert _graphs_indexed() == before
    assert answer.in_use


def test_a_collector_that_is_on_is_not_run_for_each_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes through everything that a process holds: more than small shards cost."""
    survey = Survey(estate(Random(3)))
    whole = shard(survey, frozenset(units(survey)))
    runs: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda *_: runs.append(1))
    judge(whole, Question())
    assert runs == []
