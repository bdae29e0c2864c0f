"""Checks that a handler exists and accepts ``(event, context)``, by its module's syntax tree.

Lambda's Python runtime imports what precedes the last dot and calls what follows it with two
positional arguments. What only running the module could show is unknown, never wrong.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from typing import NamedTuple

from jotgraph.deploy.validation.bindings import Binding, Module, bindings, module_of
from jotgraph.deploy.validation.flaws import flaw, shown
from jotgraph.deploy.validation.modules import Modules
from jotgraph.queries.answers.validation import Flaw, FlawCode, FlawSeverity

_HOPS = 20
_MOST_NAMES = 200
_CERTAIN = (
    "'(' was never closed", "'[' was never closed", "expected ':'", "expected an indented block",
    "unexpected indent", "unindent does not match", "unmatched", "unterminated",
)  # fmt: skip
"""Syntax errors in any version of Python, unless an f-string with quotes of its own kind is
near."""
_FIELDS = re.compile(rb"\b[rR]?[fFtT][rR]?[\"']")


class Handler(NamedTuple):
    """What was found about a handler."""

    file: str
    flaws: tuple[Flaw, ...] = ()


class _Found(NamedTuple):
    flaw: Flaw | None


class Search(NamedTuple):
    """What every step of the search needs."""

    modules: Modules
    certain: bool
    """Whether Lambda's own runtime calls the handler, so that its rules hold."""
    python: int | None
    """The minor version of Python 3 that runs it."""
    seen: dict[tuple[str, str], _Found]
    """The results for names of modules so far."""


def find_handler(handler: str, search: Search) -> Handler:
    """Look for ``module.function``."""
    name, _, function = handler.rpartition(".")
    parts = tuple(part for part in name.replace("/", ".").split(".") if part) or (name,)
    files = search.modules.find(parts)
    if len(files) != 1:
        return Handler("", (_no_module(parts, files, search.modules),))
    module, fault = _parsed(files[0], search)
    if module is None:
        return Handler(files[0], (fault,) if fault else ())
    return Handler(files[0], _look(files[0], parts, module, function, search))


def _look(
    file: str, parts: tuple[str, ...], module: Module, function: str, search: Search
) -> tuple[Flaw, ...]:
    finding = _resolve(_Place(file, parts, module, function), search, _HOPS).flaw
    return (finding,) if finding else ()


class _Place(NamedTuple):
    """A name in a module."""

    file: str
    parts: tuple[str, ...]
    module: Module
    name: str


def _no_module(parts: tuple[str, ...], files: tuple[str, ...], modules: Modules) -> Flaw:
    name = shown(".".join(parts))
    todo = "Correct the handler, or see that the module is copied into the image."
    if files:
        text = f"The file of the module {name} is unknown: {shown(', '.join(files))}."
        return flaw(FlawCode.MODULE_UNKNOWN, FlawSeverity.UNKNOWN, text, todo)
    if ignored := modules.left_out(parts):
        text = f"The module {name} is in the folder, but no COPY takes it, or it is ignored."
        severity = FlawSeverity.UNKNOWN if modules.elsewhere else FlawSeverity.WRONG
        return flaw(FlawCode.MODULE_MISSING, severity, text, todo, ignored)
    if modules.is_compiled(parts):
        text = f"The module {name} is compiled, and only its source is read."
        return flaw(FlawCode.MODULE_UNKNOWN, FlawSeverity.UNKNOWN, text, todo)
    for end in range(len(parts) - 1, 0, -1):
        outer = modules.find(parts[:end])
        if len(outer) == 1 and not outer[0].endswith("__init__.py"):
            inside = shown(".".join(parts[:end]))
            text = f"{name} is inside the module {inside}, and Lambda imports only modules."
            return flaw(
                FlawCode.HANDLER_MISSING,
                FlawSeverity.UNKNOWN if modules.elsewhere else FlawSeverity.WRONG,
                text,
                "Give the module a function of its own that calls it.",
                outer[0],
            )
    if modules.elsewhere:
        text = (
            f"The module {name} is not copied from the folder; the image may have it all the same."
        )
        return flaw(FlawCode.MODULE_MISSING, FlawSeverity.UNKNOWN, text, todo)
    return flaw(FlawCode.MODULE_MISSING, FlawSeverity.WRONG, f"There is no module {name}.", todo)


def _parsed(file: str, search: Search) -> tuple[Module | None, Flaw | None]:
    try:
        data = search.modules.read(file)
    except OSError as error:
        text = f"The module was not read: {shown(error.strerror or str(error))}."
        todo = "See that it is a file of the folder that can be read."
        return None, flaw(FlawCode.MODULE_UNKNOWN, FlawSeverity.UNKNOWN, text, todo, file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return module_of(ast.parse(data)), None
    except SyntaxError as error:
        return None, _no_syntax(error, data, file, search)
    except (ValueError, LookupError, RecursionError, MemoryError, AssertionError):
        text = "The module is too deeply nested, or no text, and was not read."
        todo = "Write it as plain text, without expressions of thousands of parts."
        return None, flaw(FlawCode.MODULE_UNKNOWN, FlawSeverity.UNKNOWN, text, todo, file)


def _no_syntax(error: SyntaxError, data: bytes, file: str, search: Search) -> Flaw:
    """A finding for a syntax error, which a newer Python may accept."""
    ours = sys.version_info.minor
    older = search.python is not None and search.python <= ours
    plain = (error.msg or "").startswith(_CERTAIN) and not _FIELDS.search(data)
    sure = older or plain
    text = f"Python 3.{ours} cannot parse the module: {shown(error.msg or 'invalid syntax')}."
    todo = "Correct the line." if sure else "Correct the line, unless it is of a newer Python."
    severity = FlawSeverity.WRONG if sure else FlawSeverity.UNKNOWN
    return flaw(FlawCode.MODULE_SYNTAX, severity, text, todo, file, error.lineno or None)


def _resolve(place: _Place, search: Search, hops: int) -> _Found:
    """What is wrong with the value of a name, followed through aliases and imports."""
    key = (place.file, place.name)
    if key in search.seen:
        return search.seen[key]
    circle = _Found(_unknown(place, None, "is imported in a circle, or through many modules"))
    if hops == 0 or len(search.seen) >= _MOST_NAMES:
        return circle
    search.seen[key] = circle
    search.seen[key] = found = _bound(place, search, hops)
    return found


def _bound(place: _Place, search: Search, hops: int) -> _Found:
    bound = bindings(place.module, place.name)
    if not bound:
        return _Found(_unbound(place))
    results = [_judged(place, binding, search, hops - 1) for binding in bound]
    codes = {(r.flaw.code, r.flaw.severity) if r.flaw else None for r in results}
    always = any(not binding.conditional for binding in bound)
    if len(codes) == 1 and (always or len(bound) > 1 or codes != {None}):
        last = results[-1].flaw
        if last and last.severity is FlawSeverity.WRONG and place.module.dynamic:
            return _Found(_unknown(place, last.line, "may be made anew when the module runs"))
        return results[-1]
    line = bound[-1].statement.lineno
    return _Found(_unknown(place, line, "is bound under a condition"))


def _unbound(place: _Place) -> Flaw:
    if place.module.dynamic or place.module.stars:
        return _unknown(place, None, "may be made when the module runs, or by an import of *")
    text = f"The module binds no {shown(place.name)}."
    return flaw(
        FlawCode.HANDLER_MISSING,
        FlawSeverity.WRONG,
        text,
        f"Write def {shown(place.name)}(event, context), or correct the handler.",
        place.file,
    )


def _judged(place: _Place, binding: Binding, search: Search, hops: int) -> _Found:
    statement = binding.statement
    line = statement.lineno
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() if statement.decorator_list:
            return _Found(_unknown(place, line, "depends on its decorators"))
        case ast.AsyncFunctionDef():
            text = f"{shown(place.name)} is async; Lambda's Python runtime awaits nothing."
            todo = "Write a plain function that calls asyncio.run()."
            severity = FlawSeverity.WRONG if search.certain else FlawSeverity.UNKNOWN
            return _Found(flaw(FlawCode.HANDLER_ASYNC, severity, text, todo, place.file, line))
        case ast.FunctionDef(args=arguments):
            return _Found(_arguments(place, line, arguments, search))
        case ast.ClassDef():
            return _Found(_unknown(place, line, "is a class, and a call of it makes an object"))
        case (
            ast.Assign(targets=[ast.Name()], value=value)
            | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value)
        ):
            return _assigned(place, line, value, search, hops)
        case ast.ImportFrom():
            return _imported(place, statement, search, hops)
        case _:
            return _Found(_unknown(place, line, "is bound by more than a plain statement"))


def _assigned(place: _Place, line: int, value: ast.expr, search: Search, hops: int) -> _Found:
    match value:
        case ast.Lambda(args=arguments):
            return _Found(_arguments(place, line, arguments, search))
        case ast.Name(id=other) if other != place.name:
            return _resolve(place._replace(name=other), search, hops)
        case ast.Constant() | ast.List() | ast.Dict() | ast.Tuple() | ast.Set() | ast.JoinedStr():
            text = f"{shown(place.name)} is a value, and no function."
            todo = f"Write def {shown(place.name)}(event, context)."
            return _Found(
                flaw(FlawCode.HANDLER_MISSING, FlawSeverity.WRONG, text, todo, place.file, line)
            )
        case _:
            return _Found(
                _unknown(place, line, "is computed by an expression when the module runs")
            )


def _imported(place: _Place, statement: ast.ImportFrom, search: Search, hops: int) -> _Found:
    """Follow ``from module import name`` into a module of the folder."""
    name = next(a.name for a in statement.names if (a.asname or a.name) == place.name)
    package = place.parts if place.file.endswith("__init__.py") else place.parts[:-1]
    up = max(statement.level - 1, 0)
    base = package[: len(package) - up] if statement.level and up <= len(package) else ()
    parts = (*base, *(statement.module or "").split(".")) if statement.module else base
    files = search.modules.find(parts) if parts else ()
    if len(files) != 1:
        text = "is imported from a module that is not in the folder"
        return _Found(_unknown(place, statement.lineno, text))
    module, fault = _parsed(files[0], search)
    if module is None:
        return _Found(fault)
    if not bindings(module, name) and search.modules.find((*parts, name)):
        return _Found(_unknown(place, statement.lineno, "is a module"))
    return _resolve(_Place(files[0], parts, module, name), search, hops)


def _arguments(place: _Place, line: int, given: ast.arguments, search: Search) -> Flaw | None:
    """Whether a call with two positional arguments is possible."""
    positional = [*given.posonlyargs, *given.args]
    needed = len(positional) - len(given.defaults)
    named = [a.arg for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d is None]
    name = shown(place.name)
    if named:
        text = f"{name} needs {shown(named[0])} by name, and Lambda gives (event, context)."
    elif needed > 2:
        text = f"{name} needs {needed} arguments, and Lambda gives (event, context)."
    elif len(positional) < 2 and given.vararg is None:
        text = f"{name} takes {len(positional)} of (event, context), and Lambda gives both."
    elif [a.arg for a in positional[:2]] == ["context", "event"]:
        text = f"{name} names its arguments (context, event), and Lambda gives (event, context)."
        todo = "Exchange them."
        return flaw(FlawCode.HANDLER_ARGUMENTS, FlawSeverity.WARNING, text, todo, place.file, line)
    else:
        return None
    severity = FlawSeverity.WRONG if search.certain else FlawSeverity.UNKNOWN
    todo = f"Write def {name}(event, context)."
    return flaw(FlawCode.HANDLER_ARGUMENTS, severity, text, todo, place.file, line)


def _unknown(place: _Place, line: int | None, what: str) -> Flaw:
    text = f"It is unknown whether {shown(place.name)} takes (event, context): it {what}."
    todo = "See that it does, by a test with an event."
    return flaw(FlawCode.HANDLER_UNKNOWN, FlawSeverity.UNKNOWN, text, todo, place.file, line)
