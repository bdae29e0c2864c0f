"""The word of a state without its count or its reason: what a filter and a stack go by."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from jotgraph import store
from jotgraph.analysis.health import Code, findings
from jotgraph.graph import build
from jotgraph.render.html.rows import labels
from jotgraph.render.picture.drawing.model import State
from jotgraph.render.picture.drawing.states import states_of

DEMO = Path(__file__).parents[1] / "demo.jsonl.zst"


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (State(1, "3-5 behind", Code.LAG, "behind"), [1, "3-5 behind", "behind"]),
        (State(0, "conflict: stale label", Code.CONFLICT, "conflict"),
         [0, "conflict: stale label", "conflict"]),
        (State(1, "diverged", Code.LAG), [1, "diverged"]),
        (State(0, "broken", Code.BROKEN), [0, "broken"]),
    ],
)  # fmt: skip
def test_a_label_has_its_word_where_it_says_more(state: State, label: list[object]) -> None:
    assert labels([state]) == [label]
    assert labels([]) == []


def test_no_word_of_a_state_counts_anything() -> None:
    graph = build(store.load(DEMO))
    every = chain.from_iterable(findings(graph, resource) for resource in sorted(graph))
    states = states_of(every)
    assert {state.label for state in states if state.code is Code.LAG} == {"behind"}
    shown = {(state.label or state.word): state.word for state in states}
    assert not [label for label in shown if any(letter.isdigit() for letter in label)]
    assert all(label in word for label, word in shown.items())
