"""Plans, older inventories and commits mark the picture."""

from __future__ import annotations

import json

import msgspec
import pytest

from jotgraph import graph as graphs
from jotgraph.errors import PlanError
from jotgraph.records import commit_id
from jotgraph.render import overlays, picture
from jotgraph.render.view import Options
from tests.render.estate import sha, shop, shop_graph


def test_a_plan_marks_deleted_blocked_and_kept() -> None:
    source = {
        "steps": [{"id": "role:1/a", "action": "delete", "because": "orphan"}],
        "blocks": [{"id": "role:1/b", "because": "in use"}],
        "kept": [{"id": "role:1/c", "because": "policy"}],
    }
    marks = overlays.plan(json.dumps(source).encode())
    assert marks == {"role:1/a": "delete", "role:1/b": "blocked", "role:1/c": "kept"}


@pytest.mark.parametrize("source", [b"[]", b"nothing", b'{"steps": [{}]}', b'{"steps": 3}'])
def test_what_is_no_plan_says_so(source: bytes) -> None:
    with pytest.raises(PlanError, match="not a plan"):
        overlays.plan(source)


def test_diff_tells_added_and_changed() -> None:
    inventory, links, _ = shop()
    after = graphs.build(inventory, links)
    gone, changed = inventory.functions[1], inventory.functions[0]
    older = msgspec.structs.replace(
        inventory,
        functions=(msgspec.structs.replace(changed, description="x"), *inventory.functions[2:]),
    )
    kept = [each for each in links if gone.id not in (each.source, each.target)]
    assert overlays.diff(graphs.build(older, kept), after) == {
        gone.id: "added",
        changed.id: "changed",
    }
    assert overlays.diff(after, after) == {}


def test_where_follows_the_history_of_commits() -> None:
    graph, _ = shop_graph()
    marks = overlays.where(graph, commit_id(sha("s1")[:40]))
    told = {each.rpartition("/")[2]: mark for each, mark in marks.items()}
    assert told["search-index"] == "contains"
    assert told["search-query"] == "lacks"
    assert told["mail-sender"] == "unknown"


def test_marks_are_words_and_rings_in_the_picture() -> None:
    graph, _ = shop_graph()
    role = next(each for each in graph if each.startswith("role:"))
    drawn = picture.render(graph, ".svg", Options(marks={role: "delete"}, overlay="plan"))
    assert "will be deleted" in str(drawn)
    assert 'class="ring-delete"' in str(drawn)
    assert 'class="node dim"' in str(drawn)
