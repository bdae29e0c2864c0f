"""Syntax trees of this repository's files, of which the tests read a million nodes."""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager

LEAVES = frozenset({int, float, complex, str, bytes, bool, type(None), ast.Load, ast.Store})
"""What stands in a node and has nothing below it."""
TEXTS = frozenset({"identifier", "int", "string", "constant", "expr_context"})
"""Types of a node's fields, as its class documents them, that hold no node."""


def _may_hold_nodes(node: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a class of nodes that may hold others, in order: of names and constants, which
    are half of all nodes, none."""
    documented = re.findall(r"(\w+)[?*]? (\w+)[,)]", node.__doc__ or "")
    if [field for _, field in documented] != [*node._fields]:
        return node._fields
    return tuple(field for kind, field in documented if kind not in TEXTS)


FIELDS = {
    node: _may_hold_nodes(node)
    for node in vars(ast).values()
    if isinstance(node, type) and issubclass(node, ast.AST)
}


@contextmanager
def uncollected() -> Iterator[None]:
    """The collector need not go through trees while they grow, nor while they are walked."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def parsed(text: str) -> ast.Module:
    """The tree of a module."""
    with uncollected():
        return ast.parse(text)


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right under a node, in order, but for ``Load`` and ``Store``."""
    below: list[ast.AST] = []
    for field in FIELDS[node.__class__]:
        value = getattr(node, field)
        if value.__class__ is list:
            below += [item for item in value if item.__class__ not in LEAVES]
        elif value.__class__ not in LEAVES:
            below.append(value)
    return below


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """A node and all under it, in no order."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        yield node
        if FIELDS[node.__class__]:
            nodes += children(node)


BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Fields of statements that hold statements, or what holds some."""


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """The statements under a node, in no order: they are a tenth of all nodes."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        yield node
        for block in BLOCKS:
            nodes += getattr(node, block, ())
