"""Every engine gives the same answer, under the same names, or says why it cannot."""

from __future__ import annotations

import os
import signal
from random import Random

import pytest

from jotgraph.analysis.health.names import titled
from jotgraph.errors import EngineError
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory, Kind
from jotgraph.scale import engines, processes
from jotgraph.scale.engines import EngineChoice, chosen, verdicts
from jotgraph.scale.judging import Judged, Question
from jotgraph.scale.titles import Titles
from tests.factories import inventory
from tests.scale.estates import OPTIONS, estate
from tests.strength import some


@pytest.mark.parametrize("seed", some("estates that processes judge", range(6), 4))
def test_processes_give_the_answer_of_one(seed: int) -> None:
    whole = estate(Random(seed))
    question = Question(OPTIONS[seed % 3], (Kind.ECR_IMAGE, Kind.ROLE) if seed % 2 else None)
    single = verdicts(whole, question, EngineChoice("single"))
    assert single == orphans(build(whole), kinds=question.kinds, options=question.options)
    assert verdicts(whole, question, EngineChoice("processes", 2)) == single


def test_an_empty_inventory_has_no_shard() -> None:
    whole = inventory()
    assert verdicts(whole, Question(), EngineChoice("processes")) == orphans(build(whole))


@pytest.mark.parametrize("seed", some("estates whose names are compared", range(20), 7))
def test_names_are_those_of_the_graph(seed: int) -> None:
    whole = estate(Random(seed))
    graph, named = build(whole), Titles(whole)
    assert {resource: named(resource) for resource in graph} == {
        resource: titled(graph, resource) for resource in graph
    }


def test_processes_are_for_what_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = estate(Random(1))
    monkeypatch.setattr(engines, "processors", lambda: 2)
    assert (chosen("auto", whole), chosen("processes", whole)) == ("single", "processes")
    monkeypatch.setattr(engines, "LARGE", sum(1 for _ in whole.records()) - 1)
    assert chosen("auto", whole) == "processes"
    monkeypatch.setattr(engines, "processors", lambda: 1)
    assert chosen("auto", whole) == "single"


def _killed(number: int) -> Judged:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_process_that_the_system_ends_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_judge", _killed)
    whole: Inventory = estate(Random(2))
    with pytest.raises(EngineError, match="for want of memory; pass a smaller --jobs"):
        verdicts(whole, Question(), EngineChoice("processes", 2))
