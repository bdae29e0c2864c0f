"""Ids are taken apart in ``records`` alone, and so is what a cosign tag means."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import jotgraph
from jotgraph.records import Kind
from tests.syntax import children, parsed

PACKAGE = Path(jotgraph.__file__).parent
ELSEWHERE = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).parts[0] not in ("records", "sandbox")
)
SPLITS = {"split", "rsplit", "partition", "rpartition", "removeprefix", "removesuffix"}
SPLITS |= {"startswith", "endswith"}
AT = {"split", "rsplit", "partition", "rpartition"}
GRAMMAR = {"/", ":", "@", "sha256:", *(f"{kind}:" for kind in Kind)}
MARKS = "|".join(sorted(GRAMMAR))
MAY_SPLIT = re.compile(
    rf"\.(?:{'|'.join(SPLITS)})\((?=.{{0,400}}?(?:['\"](?:{MARKS})|Kind\.))", re.S
)
"""What source must hold to be worth parsing: such a call, and soon after it a mark."""
TEXT_OF_IDS = {"key_of", "name_of", "short_name", "last_name_of"}


class Splits(ast.NodeVisitor):
    """Lines on which an id, or a part of one, is taken apart by its punctuation."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self._ids: set[str] = set()

    def generic_visit(self, node: ast.AST) -> None:
        for child in children(node):
            self.visit(child)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer = self._ids
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        named = {argument.arg for argument in arguments if _says_id(argument.annotation)}
        nodes = [*ast.walk(node)]
        if any(isinstance(part, ast.Attribute) and part.attr in SPLITS for part in nodes):
            self._ids = outer | named | _assigned(nodes, outer | named)
        self.generic_visit(node)
        self._ids = outer

    def visit_Call(self, node: ast.Call) -> None:
        split = node.func
        if isinstance(split, ast.Attribute) and split.attr in SPLITS and node.args:
            by = ast.unparse(node.args[0])
            text = any(f"'{mark}" in by for mark in GRAMMAR) or "Kind." in by
            named = ast.unparse(split.value).lower()
            of_id = _is_id(split.value, self._ids)
            if text and (of_id or "arn" in named or (by == "'@'" and split.attr in AT)):
                self.lines.append(node.lineno)
        self.generic_visit(node)


def _says_id(annotation: ast.expr | None) -> bool:
    return annotation is not None and "ResourceId" in ast.unparse(annotation).split("[")[0]


def _assigned(nodes: list[ast.AST], known: set[str]) -> set[str]:
    """Names that a function gives to ids, or to parts of them."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.Assign(targets=[target], value=value) if _is_id(value, known | found):
                found |= {name.id for name in ast.walk(target) if isinstance(name, ast.Name)}
            case (
                ast.comprehension(target=ast.Name(name), iter=values)
                | ast.For(target=ast.Name(name), iter=values)
            ) if "of_kind(" in ast.unparse(values):
                found.add(name)
    return found


def _is_id(node: ast.expr, known: set[str]) -> bool:
    match node:
        case ast.Name(name):
            return name in known
        case ast.Attribute(attr="id" | "resource"):
            return True
        case ast.Call(func=ast.Name(name)) if name in TEXT_OF_IDS:
            return True
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in SPLITS:
            return _is_id(value, known)
        case ast.Subscript(value=value) | ast.Starred(value=value):
            return _is_id(value, known)
        case ast.Tuple(elts=parts):
            return any(_is_id(part, known) for part in parts)
        case _:
            return False


def splits(source: str) -> list[int]:
    if not MAY_SPLIT.search(source):
        return []
    visitor = Splits()
    visitor.visit(parsed(source))
    return visitor.lines


@pytest.mark.parametrize(
    "line",
    [
        'def f(image: ResourceId): return image.rpartition("@")[2]',
        'def f(step): return step.id.partition(":")[0]',
        'def f(image): return key_of(image).split("/", 2)[2]',
        'def f(image: ResourceId):\n    key = key_of(image)\n    return key.partition("/")',
        'def f(image: ResourceId): return image.startswith(f"{Kind.ECR_IMAGE}:")',
        'def f(uri): return uri.rpartition("@")',
        'def f(record): return record.id.startswith("commit:")',
        'def f(trigger): return trigger.function_arn.split(":")',
    ],
)
def test_taking_apart_is_seen(line: str) -> None:
    assert len(splits(line)) == 1


def test_other_text_is_left_alone() -> None:
    assert splits('def f(path: str): return path.partition("/"), ref.split("/", 2)[-1]') == []


def test_no_id_is_taken_apart_outside_records() -> None:
    found = {str(path.relative_to(PACKAGE)): splits(path.read_text()) for path in ELSEWHERE}
    assert {path: lines for path, lines in found.items() if lines} == {}
