"""Plans, older inventories and commits mark the picture."""

from __future__ import annotations

from typing import Any

import msgspec

from jotgraph import graph as graphs
from jotgraph import views
from jotgraph.plan.model import LIFETIME, Action, Block, Kept, Plan, Step
from jotgraph.queries.difference import difference
from jotgraph.queries.where import where
from jotgraph.records import ResourceId, commit_id
from jotgraph.render.files import export
from jotgraph.render.picture.drawing import overlays
from jotgraph.render.picture.drawing.view import PictureOptions
from tests.factories import NOW, scope, sha
from tests.render.estate import shop, shop_graph


def plan(**parts: Any) -> Plan:
    empty = Plan(
        asked="jotgraph plan delete x",
        made_at=NOW,
        expires_at=NOW + LIFETIME,
        taken_at=NOW,
        scope=scope(),
        complete=True,
    )
    return msgspec.structs.replace(empty, **parts)


def step(resource: str) -> Step:
    return Step(id=ResourceId(resource), action=Action.DELETE_ROLE, because="orphan")


def test_a_plan_marks_deleted_blocked_and_kept() -> None:
    made = plan(
        steps=(step("role:1/a"),),
        blocks=(Block(id=ResourceId("role:1/b"), because="in use"),),
        kept=(Kept(id=ResourceId("role:1/c"), because="policy"),),
    )
    marks = overlays.plan(made)
    assert marks == {"role:1/a": "delete", "role:1/b": "blocked", "role:1/c": "kept"}
    assert overlays.counts("plan", marks) == "plan: to delete 1, blocked 1, kept 1"
    but_b = overlays.counts("plan", marks, ResourceId("role:1/b"))
    assert but_b == "plan: to delete 1, kept 1"
    assert overlays.counts("plan", {}) == "plan: nothing is marked"


def test_a_quarantine_sets_aside_and_leaves_for_the_sweep() -> None:
    made = plan(
        quarantine=True,
        steps=(step("role:1/a"),),
        left=(Kept(id=ResourceId("ecr-repo:1/x/b"), because="it has no quarantine"),),
        kept=(Kept(id=ResourceId("role:1/c"), because="policy"),),
    )
    marks = overlays.plan(made)
    assert marks == {"role:1/a": "aside", "ecr-repo:1/x/b": "left", "role:1/c": "kept"}
    said = "plan: to set aside 1, left to sweep 1, kept 1"
    assert overlays.counts("plan", marks) == said


def test_diff_tells_added_changed_and_removed() -> None:
    after, _, _ = shop()
    gone, changed, new = after.functions[2], after.functions[0], after.functions[1]
    before = msgspec.structs.replace(
        after,
        functions=(msgspec.structs.replace(changed, description="x"), *after.functions[2:]),
    )
    after = msgspec.structs.replace(
        after, functions=tuple(function for function in after.functions if function is not gone)
    )
    wanted = {new.id: "added", changed.id: "changed", gone.id: "removed"}
    assert overlays.diff(difference(before, after)) == wanted
    assert overlays.diff(difference(after, after)) == {}
    shown = views.joined(before, after, difference(before, after))
    assert graphs.record(shown, gone.id) == gone
    assert graphs.dependencies(shown, gone.id), "what was removed keeps the lines it had"
    drawn = export.render(shown, ".svg", PictureOptions(marks=wanted, overlay="diff"))
    assert 'class="ring-removed"' in str(drawn)
    assert gone.id not in graphs.build(after)


def test_where_says_what_the_query_says() -> None:
    graph, _ = shop_graph()
    marks = overlays.where(where(graph, commit_id(sha("s1"))))
    told = {resource.rpartition("/")[2]: mark for resource, mark in marks.items()}
    assert told["search-index"] == "contains"
    assert told["mail-sender"] == "unknown"
    assert marks[commit_id(sha("s1"))] == "contains"


def test_marks_are_words_and_rings_in_the_picture() -> None:
    graph, _ = shop_graph()
    role = next(resource for resource in graph if resource.startswith("role:"))
    drawn = export.render(
        graph,
        ".svg",
        PictureOptions(marks={role: "delete"}, overlay="plan", about="plan: to delete 1"),
    )
    assert "to delete" in str(drawn)
    assert "<desc>plan: to delete 1. scanned" in str(drawn)
    assert 'class="ring-delete"' in str(drawn)
    assert 'class="node dim"' in str(drawn)
