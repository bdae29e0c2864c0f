"""Finds where a program decides by sentences, or takes them apart, instead of carrying a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined] # how re reads a pattern
from typing import Any, NamedTuple

from tests.syntax import FIELDS, children, parsed, statements, uncollected, walk

CUTS = frozenset(
    {"startswith", "endswith", "replace", "split", "rsplit", "partition", "rpartition",
     "removeprefix", "removesuffix", "find", "rfind", "index", "rindex", "count", "get"}
)  # fmt: skip
PATTERNS = frozenset(
    {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
)
SAID = frozenset({"because", "detail", "message", "sentence", "statement", "why", "words"})
"""Members, and ends of names of functions, that hold what people read."""
SHOWN = SAID | {"title", "word"}
"""Members alone that do."""
_WORD = r"[^\W\d_]{2,}"
_PROSE = re.compile(
    rf"{_WORD}[,;:.)'\"]* [('\"]*{_WORD}"  # two words
    rf"|^ {_WORD}|{_WORD}[:,;.]? $"  # a word at the end of a cut
    r"|^(?:[;:,.] | \(|\) | [-·→] )$"  # what stands between parts of a sentence
)


class Decision(NamedTuple):
    """One place where a text decides, or is taken apart."""

    path: str
    line: int
    code: str
    texts: tuple[str, ...]


class Module(NamedTuple):
    """What a module says of its names."""

    tree: ast.Module
    constants: Mapping[str, ast.expr]
    imported: Mapping[str, tuple[str, str]]


def is_prose(text: str) -> bool:
    """Whether a text is of a sentence: words with a blank between or beside them."""
    return _PROSE.search(text) is not None


def decisions(package: Path) -> list[Decision]:
    """Every such place of a package, in order."""
    paths = {_name(package, path): path for path in sorted(package.rglob("*.py"))}
    with uncollected():
        modules = {name: _module(package, path) for name, path in paths.items()}
        return [
            decision
            for name, path in paths.items()
            for decision in _of(modules, name, str(path.relative_to(package)))
        ]


def _name(package: Path, path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _module(package: Path, path: Path) -> Module:
    tree = parsed(path.read_text(encoding="utf-8"))
    constants: dict[str, ast.expr] = {}
    imported: dict[str, tuple[str, str]] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                constants[name] = value
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
                constants[name] = value
            case _:
                pass
    for inner in statements(tree):
        if isinstance(inner, ast.ImportFrom) and (inner.module or "").startswith(package.name):
            for alias in inner.names:
                imported[alias.asname or alias.name] = (str(inner.module), alias.name)
    return Module(tree, constants, imported)


def _of(modules: Mapping[str, Module], name: str, path: str) -> Iterator[Decision]:
    tree = modules[name].tree
    for node, own in _deciding(tree):
        found = _decided(modules, name, node, own)
        if found or _says(node):
            yield Decision(path, node.lineno, ast.unparse(node), tuple(dict.fromkeys(found)))


Names = Callable[[], Mapping[str, list[ast.expr]]]
"""What the names of a function are bound to, of a parameter nothing; looked for when asked."""
DECIDING = frozenset({ast.Compare, ast.MatchValue, ast.Call, ast.Subscript})


def _no_names() -> Mapping[str, list[ast.expr]]:
    return {}


def _deciding(tree: ast.Module) -> Iterator[tuple[Any, Names]]:
    """What may decide, in order, each with the names of the function around it."""
    nodes: list[tuple[ast.AST, Names]] = [(tree, _no_names)]
    while nodes:
        node, own = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not own():
            own = cache(partial(_bound, node))
        if node.__class__ in DECIDING:
            yield node, own
        nodes += [(child, own) for child in reversed(children(node)) if FIELDS[child.__class__]]


def _bound(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
) -> Mapping[str, list[ast.expr]]:
    arguments = function.args
    names: dict[str, list[ast.expr]] = {
        argument.arg: [] for argument in (*arguments.args, *arguments.kwonlyargs)
    }
    for node in walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                names.setdefault(name, []).append(value)
            case (
                ast.For(target=ast.Name(name), iter=value)
                | ast.comprehension(target=ast.Name(name), iter=value)
                | ast.For(target=ast.Tuple([ast.Name(name), *_]), iter=ast.Call() as value)
                | ast.comprehension(
                    target=ast.Tuple([ast.Name(name), *_]), iter=ast.Call() as value
                )
            ):
                names.setdefault(name, []).append(value)
            case _:
                pass
    return names


def _decided(modules: Mapping[str, Module], name: str, node: ast.AST, own: Names) -> list[str]:
    """The prose by which a node decides, or cuts."""
    texts = [text for operand in _operands(node) for text in held(modules, name, operand, own)]
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name("re"), attr=attr)) if attr in PATTERNS:
            verbose = any("VERBOSE" in ast.unparse(flags) for flags in node.args[1:])
            patterns = [
                text for argument in node.args[:1] for text in held(modules, name, argument, own)
            ]
            texts = [part for pattern in patterns for part in literals(pattern, verbose=verbose)]
        case ast.Subscript(value=ast.Name(table), slice=ast.Name() | ast.Attribute() | ast.Call()):
            values = [*own().get(table, ()), *filter(None, [modules[name].constants.get(table)])]
            tables = [
                value
                for value in values
                if ast.unparse(value).startswith(("{", "MappingProxyType"))
            ]
            texts = [text for mapping in tables for text in held(modules, name, mapping, own)]
        case _:
            pass
    return [text for text in texts if is_prose(text)]


def _operands(node: ast.AST) -> list[ast.expr]:
    """What a text is compared with, cut by, or looked up in."""
    match node:
        case ast.Compare(ops=ops) if any(
            isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for operator in ops
        ):
            return [node.left, *node.comparators]
        case ast.MatchValue(value=value):
            return [value]
        case ast.Call(func=ast.Attribute(value=table, attr="get")):
            return [table]
        case ast.Call(func=ast.Attribute(attr=attr)) if attr in CUTS:
            return node.args
    return []


def held(
    modules: Mapping[str, Module],
    name: str,
    node: ast.AST,
    own: Names,
    depth: int = 0,
) -> Iterator[str]:
    """The texts that an expression holds; of a table its keys."""

    def inside(parts: Iterable[ast.AST]) -> Iterator[str]:
        for part in parts if depth < 6 else ():
            yield from held(modules, name, part, own, depth + 1)

    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.Constant(value=bytes() as data):
            yield data.decode("latin-1")
        case ast.JoinedStr(values=values):
            yield from inside(values)
        case ast.FormattedValue(value=value) | ast.Starred(value=value):
            yield from inside([value])
        case ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.List(elts=parts):
            yield from inside(parts)
        case ast.Dict(keys=keys):
            yield from inside(key for key in keys if key is not None)
        case ast.BinOp(left=left, right=right):
            yield from inside([left, right])
        case ast.IfExp(body=left, orelse=right):
            yield from inside([left, right])
        case ast.Call(func=ast.Name("frozenset" | "tuple" | "set" | "MappingProxyType")):
            yield from inside(node.args)
        case ast.Call(func=ast.Attribute(value=table, attr="items" | "keys" | "lower")):
            yield from inside([table])
        case ast.Name(local) if local in own():
            yield from inside(own()[local])
        case ast.Name(constant):
            yield from _constant(modules, name, constant, depth)
        case ast.Attribute(value=ast.Name(module), attr=constant):
            above, of = modules[name].imported.get(module, ("", ""))
            yield from _constant(modules, f"{above}.{of}", constant, depth)
        case _:
            pass


def _constant(modules: Mapping[str, Module], name: str, constant: str, depth: int) -> Iterator[str]:
    """What a name of a module holds, wherever it is defined."""
    module = modules.get(name)
    if module is None or depth > 6:
        return
    if constant in module.constants:
        yield from held(modules, name, module.constants[constant], _no_names, depth + 1)
    elif constant in module.imported:
        above, of = module.imported[constant]
        yield from _constant(modules, above, of, depth + 1)


def literals(pattern: str, *, verbose: bool = False) -> list[str]:
    """The texts that a regular expression asks for, word by word."""
    parts = [""]

    def walk(items: Any) -> None:
        for what, value in items:
            if what is _constants.LITERAL:
                parts[-1] += chr(value)
                continue
            parts.append("")
            if what is _constants.SUBPATTERN:
                walk(value[3])
            elif what is _constants.BRANCH:
                for branch in value[1]:
                    walk(branch)
                    parts.append("")
            elif what in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
                walk(value[2])
            elif what in (_constants.ASSERT, _constants.ASSERT_NOT):
                walk(value[1])
            parts.append("")

    try:
        walk(_parser.parse(pattern, re.VERBOSE if verbose else 0))
    except re.error:  # it is made of parts that are not known here
        return [pattern]
    return [text for text in parts if text]


def _says(node: ast.AST) -> bool:
    """Whether something decides by, or cuts, what a member says to people, or an error's text."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others) if any(
            isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for operator in ops
        ):
            sides = [left, *others]
            return not any(map(_is_typeset, sides)) and any(map(_is_said, sides))
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="structs"))):
            return False  # msgspec.structs.replace
        case ast.Call(func=ast.Attribute(value=receiver, attr=attr), args=[cut, *_]):
            if attr in CUTS - {"get"} and not _is_typeset(cut):
                return _is_said(receiver) or _is_said(cut)
            return attr in PATTERNS and any(_is_said(argument) for argument in node.args)
        case _:
            return False


def _is_typeset(node: ast.AST) -> bool:
    """Whether it is no word: nothing, a blank, the end of a line."""
    return isinstance(node, ast.Constant) and not re.search(r"[^\W\d_]", str(node.value or ""))


def _is_said(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=attr):
            return attr in SHOWN
        case ast.Call(func=ast.Name("str"), args=[ast.Name(name)]):
            return name.endswith("error")
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(name)):
            return name.rpartition("_")[2] in SAID
        case _:
            return False
