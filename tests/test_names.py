"""Loop variables and parameters are named for what they hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.syntax import parsed, walk

ROOT = Path(__file__).parents[1]
SEARCHED = ("jotgraph", "tests", "benchmarks", "tools", "examples")
POOR = frozenset({"each", "one", "found", "said", "held", "told", "thing", "it"})
"""Names that fit whatever there is, so that a reader needs the type checker to know what it is."""
ANY, BEHIND = "|".join(sorted(POOR)), r"(?:\s*[,:)\]]|=|\s+in\b)"
NAMED = (
    re.compile(rf"\b(?:{ANY})\b{BEHIND}"),
    re.compile(rf"(?m)(?:[(\[,*]\s*|\bfor\s+|\blambda\s+|^\s+)(?:{ANY}){BEHIND}"),
)
"""What stands in every module that gives one to a loop variable or parameter, what is looked for
faster first: to read the others takes seconds."""


def poor_names(source: str) -> list[tuple[int, str]]:
    """The poor names of a module's loop variables and parameters, by line."""
    if not all(pattern.search(source) for pattern in NAMED):
        return []
    return sorted(
        (place.lineno, name)
        for node in walk(parsed(source))
        for place, name in _named_by(node)
        if name in POOR
    )


def _named_by(node: ast.AST) -> Iterator[tuple[ast.Name | ast.arg, str]]:
    """The variables that a loop or a comprehension sets, or a parameter, each with its place."""
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        for target in walk(node.target):
            if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                yield target, target.id
    elif isinstance(node, ast.arg):
        yield node, node.arg


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("for each in images: pass", [(1, "each")]),
        ("for name, (one, *held) in pairs: pass", [(1, "held"), (1, "one")]),
        ("async def f():\n    async for said in lines: pass", [(2, "said")]),
        ("[found.id for found in images]", [(1, "found")]),
        ("{key: thing\n for key, thing in a.items()}", [(2, "thing")]),
        ("def f(one, /, told=1, *held, it, **said): pass", [
            (1, "held"), (1, "it"), (1, "one"), (1, "said"), (1, "told"),
        ]),
        ("sorted(images, key=lambda it: it.id)", [(1, "it")]),
        ("for image in each: pass", []),
        ("for each.image in images: pass", []),
        ("found = [image.one for image in held(told)]", []),
        ("def found(image): return image", []),
        ("f(one=1)", []),
        ("", []),
    ],
)  # fmt: skip
def test_poor_names_are_found(source: str, names: list[tuple[int, str]]) -> None:
    assert poor_names(source) == names


@pytest.mark.parametrize("folder", SEARCHED)
def test_no_variable_has_a_poor_name(folder: str) -> None:
    poor = {
        str(path.relative_to(ROOT)): names
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "node_modules" not in path.parts
        and (names := poor_names(path.read_text(encoding="utf-8")))
    }
    assert poor == {}
