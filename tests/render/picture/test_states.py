"""The picture's words are those of the questions."""

from __future__ import annotations

import msgspec

from jotgraph import graph as graphs
from jotgraph import views
from jotgraph.queries.answers.staleness import Stale
from jotgraph.queries.staleness import staleness
from jotgraph.records import Kind
from tests.render.estate import shop


def test_words_are_those_of_stale() -> None:
    inventory, links, _ = shop()
    functions = tuple(
        msgspec.structs.replace(each, state="Failed", invocations=0) for each in inventory.functions
    )
    graph = graphs.build(msgspec.structs.replace(inventory, functions=functions), links)
    told = views.options(graph).states
    seen = set()
    for entry in staleness(graph).functions:
        words = {str(each).replace("-", " ") for each in entry.states if each is not Stale.LAG}
        assert words <= set(told.get(entry.id, ()))
        behind = any(each.endswith(" behind") for each in told.get(entry.id, ()))
        assert behind == (Stale.LAG in entry.states and entry.kind is not Kind.ALIAS)
        seen |= words
    assert {"broken", "drift", "idle"} <= seen
    assert "failed" not in {word for words in told.values() for word in words}


def test_a_role_made_again_is_told() -> None:
    inventory, links, _ = shop()
    first = inventory.functions[0]
    assert first.last_modified is not None
    roles = tuple(
        msgspec.structs.replace(each, created_at=inventory.taken_at) for each in inventory.roles
    )
    graph = graphs.build(msgspec.structs.replace(inventory, roles=roles), links)
    assert "role recreated" in views.options(graph).states[first.id]
