"""Every kind has each part that the program needs of it, or a reason why not."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeGuard, get_type_hints

import pytest

import jotgraph
from jotgraph import apply
from jotgraph.analysis.health import RULES
from jotgraph.analysis.usage import JUDGES, Options
from jotgraph.analysis.usage.judges import unused
from jotgraph.apply import undo
from jotgraph.graph import build
from jotgraph.links import infer
from jotgraph.plan.model import ACTIONS, QUARANTINES, Action
from jotgraph.plan.quarantine import NO_QUARANTINE
from jotgraph.queries.orphans import orphans
from jotgraph.records import (
    DELETABLE,
    JUDGED,
    KINDS,
    RECORDS,
    Inventory,
    Kind,
    Missing,
    Record,
    kind_of,
)
from jotgraph.records.names import names_of
from jotgraph.render.picture.drawing.node_text import facts, line, title
from jotgraph.render.picture.drawing.style import LOOKS
from jotgraph.sources import scan, single
from jotgraph.store import form
from tests.links.world import world
from tests.syntax import parsed, walk

PACKAGE = Path(jotgraph.__file__).parent
SAMPLES: dict[Kind, Record] = {kind_of(record.id): record for record in world().records()}


def source(kind: Kind) -> str:
    return "" if KINDS[kind].field in _filled_by_a_scan() else "no source fills its field"


def link(kind: Kind) -> str:
    ends = {kind_of(end) for link in infer(world()) for end in (link.source, link.target)}
    return "" if kind in ends else "no rule links it, or tests/links/world.py has none"


def name(kind: Kind) -> str:
    record = SAMPLES[kind]
    return "" if any(text for _, text in list(names_of(record.id, record))[1:]) else "no name"


def style(kind: Kind) -> str:
    if kind not in LOOKS:
        return "no look"
    record = SAMPLES[kind]
    return "" if title(record) and line(record) + "".join(facts(record)) else "nothing to show"


def verdict(kind: Kind) -> str:
    reason = KINDS[kind].never_judged
    if (kind in JUDGES) == bool(reason):
        return f"judged and never judged: {reason}" if reason else "nobody judges it, for no reason"
    return ""


def deleter(kind: Kind) -> str:
    reason = KINDS[kind].never_deleted
    if reason:
        return f"deleted and never deleted: {reason}" if kind in ACTIONS else ""
    lacks = [
        part
        for part, there in {
            "action": kind in ACTIONS,
            "writer": ACTIONS.get(kind) in {*apply.WRITERS, Action.DELETE_IMAGE},
            "reader of one": kind in single.READERS,
            "way back": kind in undo.MAKERS,
            "quarantine, or why not": kind in QUARANTINES or kind in NO_QUARANTINE,
        }.items()
        if not there
    ]
    return f"lacks {', '.join(lacks)}" if lacks else ""


def finding(kind: Kind) -> str:
    """Of what is never judged nothing need be found: of a commit its lag is, on what was built."""
    return "" if RULES.get(kind) or KINDS[kind].never_judged else "nothing is ever found of it"


PARTS = (source, link, name, style, verdict, finding, deleter)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_each_part(kind: Kind, part: Callable[[Kind], str]) -> None:
    assert part(kind) == ""


def test_the_table_holds_every_kind_in_order() -> None:
    assert list(KINDS) == list(Kind) == list(RECORDS) == list(SAMPLES)
    assert list(DELETABLE) == [kind for kind in Kind if kind in ACTIONS]
    assert list(JUDGED) == [kind for kind in Kind if kind in JUDGES]


def test_what_is_judged_is_listed_with_its_reason() -> None:
    """Each judged kind has its age and its place among the indexes."""
    judged = orphans(build(world()), options=Options(idle_functions=True)).all()
    assert {judgement.kind for judgement in judged} == set(JUDGED)
    assert all(unused(SAMPLES[kind]) for kind in JUDGED)


def test_an_inventory_has_a_field_of_the_records_of_each_kind() -> None:
    fields = get_type_hints(Inventory)
    assert {kind: fields[info.field] for kind, info in KINDS.items()} == {
        kind: tuple[record, ...]  # type: ignore[valid-type]  # a record's class is a value here
        for kind, record in RECORDS.items()
    }


def test_a_stored_inventory_has_a_part_for_each_kind() -> None:
    assert {kind.value: info.field for kind, info in KINDS.items()}.items() <= dict(
        form.PARTS
    ).items()


def test_words_are_there_and_differ() -> None:
    for words in zip(*((info.title, info.plural) for info in KINDS.values()), strict=True):
        assert "" not in words
        assert len(set(words)) == len(Kind)


def test_a_match_over_kinds_or_records_names_each() -> None:
    """Then mypy (exhaustive-match) names every match that a new kind is missing from."""
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if re.search(r"(?m)^ *match ", text := path.read_text())  # to parse all files takes seconds
        for node in walk(parsed(text))
        if _is_over_kinds(node) and _has_wildcard(node)
    ]
    assert found == []


def _is_over_kinds(node: ast.AST) -> TypeGuard[ast.Match]:
    if not isinstance(node, ast.Match):
        return False
    cases = " ".join(ast.unparse(case.pattern) for case in node.cases)
    classes = (record.__name__ for record in (*RECORDS.values(), Missing))
    return "Kind." in cases or any(f"{name}(" in cases for name in classes)


def _has_wildcard(node: ast.Match) -> bool:
    return any(
        isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
        for case in node.cases
    )


def _filled_by_a_scan() -> set[str]:
    """Fields that a scan gives its inventory, as its source says."""
    tree = ast.parse(Path(scan.__file__).read_text())
    made = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Inventory"
    ]
    assert len(made) == 1
    return {keyword.arg for keyword in made[0].keywords if keyword.arg}
