"""Syntax trees of this repository's files, of which the tests read a million nodes."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator

LEAVES = frozenset({int, float, complex, str, bytes, bool, type(None), ast.Load, ast.Store})
"""What stands in a node and has nothing below it."""


def parsed(text: str) -> ast.Module:
    """The tree of a module, through which the collector need not go while it grows."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        if collects:
            gc.enable()


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right under a node, in order, but for ``Load`` and ``Store``."""
    below: list[ast.AST] = []
    for value in vars(node).values():
        if value.__class__ in LEAVES:
            continue
        if isinstance(value, list):
            below += [item for item in value if item.__class__ not in LEAVES]
        elif isinstance(value, ast.AST):
            below.append(value)
    return below


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """A node and all under it, in no order."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        yield node
        nodes += children(node)
