"""The bindings of names in a Python module, from its syntax tree. Nothing is imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

_DYNAMIC = frozenset(
    {"exec", "eval", "globals", "locals", "vars", "setattr", "modules", "__dict__", "__getattr__"}
)
"""Names by which a module can bind names without a statement."""


class Binding(NamedTuple):
    """One statement that binds a name."""

    statement: ast.stmt
    conditional: bool
    """Whether it may not run, or not run last."""


class Module(NamedTuple):
    """A module's syntax tree, with facts that are needed repeatedly."""

    tree: ast.Module
    dynamic: bool
    stars: bool


def module_of(tree: ast.Module) -> Module:
    """Examine a syntax tree once."""
    words, stars = set[str](), False
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.FunctionDef(name=word):
                words.add(word)
            case ast.ImportFrom(names=names):
                stars = stars or any(alias.name == "*" for alias in names)
            case _:
                pass
    return Module(tree, bool(words & _DYNAMIC), stars)


def bindings(module: Module, name: str) -> list[Binding]:
    """Return the statements that may bind a name last, in their order."""
    places = [place for place in _statements(module.tree) if _binds(place.statement, name)]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Global) and name in node.names:
            places.append(Binding(node, conditional=True))
    certain = [number for number, place in enumerate(places) if not place.conditional]
    return places[certain[-1] :] if certain else places


def _statements(tree: ast.Module) -> Iterator[Binding]:
    """The statements of a module, without those of its functions and classes, in their order."""
    waiting = [Binding(statement, False) for statement in reversed(tree.body)]
    while waiting:
        binding = waiting.pop()
        yield binding
        inner = [
            Binding(part, binding.conditional or not isinstance(binding.statement, ast.With))
            for part in _parts(binding.statement)
        ]
        waiting += reversed(inner)


def _parts(statement: ast.stmt) -> list[ast.stmt]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return []
        case ast.If(test=test, orelse=orelse) if _never_true(test):
            return orelse
        case _:
            parts: list[ast.stmt] = []
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.stmt):
                    parts.append(child)
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    parts += child.body
            return parts


def _never_true(test: ast.expr) -> bool:
    """Whether a condition is false in Lambda: ``if __name__ == "__main__"`` and ``if
    TYPE_CHECKING``."""
    match test:
        case ast.Compare(
            left=ast.Name(id="__name__"),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value="__main__")],
        ):
            return True
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case _:
            return False


def _binds(statement: ast.stmt, name: str) -> bool:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return statement.name == name
        case ast.Import(names=names):
            return any((a.asname or a.name.partition(".")[0]) == name for a in names)
        case ast.ImportFrom(names=names):
            return any((a.asname or a.name) == name for a in names)
        case ast.AnnAssign(value=None):
            return False
        case _:
            return any(_stores(node, name) for node in _own_nodes(statement))


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement, without nested statements."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt)]


def _stores(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=word, ctx=ast.Store() | ast.Del()):
            return word == name
        case ast.ExceptHandler(name=word) | ast.MatchAs(name=word) | ast.MatchStar(name=word):
            return word == name
        case _:
            return False
