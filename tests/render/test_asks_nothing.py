"""Render draws answers: it neither links records nor builds a graph (import-linter proves that it
asks no query)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import jotgraph.render

FILES = sorted(Path(jotgraph.render.__file__).parent.rglob("*.py"))
MAKING = {"build", "infer", "RULES"}


def made_in(source: str) -> set[str]:
    """What code imports, or calls by its module, of what makes links and graphs."""
    tree = ast.parse(source)
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in ("jotgraph.graph", "jotgraph.links")
        for alias in node.names
    }
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return (imported | called) & MAKING


def test_render_makes_no_links_and_no_graph() -> None:
    found = {path.name: made_in(path.read_text(encoding="utf-8")) for path in FILES}
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from jotgraph.graph import build, record", {"build"}),
        ("from jotgraph import graph as graphs\ngraphs.build(inventory)", {"build"}),
        ("from jotgraph.links import Grade, infer", {"infer"}),
        ("from jotgraph.links import Grade", set()),
        ("from jotgraph.graph import record", set()),
    ],
)
def test_the_test_sees_what_makes_them(source: str, names: set[str]) -> None:
    assert made_in(source) == names
