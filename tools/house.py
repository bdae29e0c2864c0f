"""Count what the shape of the code costs: files that an extension touches, lines, the largest.

Every number is computed from the code under ``--root``, each by the rule that is printed with it.
The sandbox and vendored scripts count as lines, not as files that an extension touches. A guide,
not a fence: where a number would make the code worse, keep the code.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

DELETION = ("apply", "plan")
"""Packages that only deletion needs."""
LOOKING_AGAIN = ("read.py", "describe.py", "single.py")
"""Modules elsewhere that look again at one resource, which only deletion does."""


class Module(NamedTuple):
    """One Python file of the package."""

    path: Path
    """Below the package."""
    lines: int
    tree: ast.Module
    words: frozenset[str]
    """Names, and the words in strings; comments and docstrings left out."""
    strings: frozenset[str]
    """Whole strings."""

    @property
    def package(self) -> str:
        return self.path.parts[0]

    @property
    def is_of_deletion(self) -> bool:
        return self.package in DELETION or self.path.name in LOOKING_AGAIN


class Kind(NamedTuple):
    """A kind of resource, with what in the code names it."""

    record: str
    tag: str
    field: str
    """Of the inventory."""

    @property
    def words(self) -> set[str]:
        """Its record, its member of ``Kind``, the maker of its ids, its field."""
        name = self.tag.replace("-", "_")
        return {self.record, name.upper(), f"{name}_id", self.field} - {""}


KIND_HEADING = "## Add a kind of resource"
"""Of the section of CONTRIBUTING.md that lists the files of a new kind."""


class Extension(NamedTuple):
    """How many files one kind of extension touches."""

    files: int
    what: str
    rule: str


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1])
    root = parser.parse_args().root
    print("\n".join(report(root / "jotgraph", root / "CONTRIBUTING.md")))


def report(package: Path, contributing: Path) -> Iterator[str]:
    modules = [read(path, package) for path in sorted(package.rglob("*.py"))]
    yield "Files that an extension touches"
    for extension in (*extensions(modules, package), *listed_kind(contributing)):
        yield f"  {extension.files:4}  {extension.what:38} {extension.rule}"
    yield "\nLines of Python"
    lines: Counter[str] = Counter()
    for module in modules:
        lines[module.package] += module.lines
    yield from (f"  {count:6,}  {name}" for name, count in lines.most_common())
    yield f"  {sum(lines.values()):6,}  in all"
    biggest = max(modules, key=lambda module: module.lines)
    length, name, where = max(functions(modules))
    yield f"\nLargest file: {biggest.lines} lines, {biggest.path}"
    yield f"Largest function: {length} lines, {name} in {where}"
    entries = [path.name for path in package.iterdir() if path.name != "__pycache__"]
    yield f"Entries at the top of the package: {len(entries)}"


def read(path: Path, package: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return Module(
        path.relative_to(package),
        text.count("\n"),
        tree,
        frozenset(words(tree)),
        frozenset(string for string in strings if isinstance(string, str)),
    )


def words(tree: ast.Module) -> Iterator[str]:
    """Every identifier of the code, and every word of its strings but for docstrings."""
    alone = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Name(name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.ImportFrom(module=module, names=names):
                yield from (module or "").split(".")
                yield from (alias.name for alias in names)
            case ast.Constant(value=str(text)) if id(node) not in alone:
                yield from re.findall(r"[\w.$-]+", text)


def extensions(modules: Iterable[Module], package: Path) -> Iterator[Extension]:
    """What each kind of extension costs."""
    product = [module for module in modules if module.package != "sandbox"]
    rules = [count(product, {name}) for name in linking_rules(product)]
    counted_by = f"with its name; the median of {len(rules)} rules"
    yield Extension(round(median(rules)), "a linking rule", counted_by)
    for kind in kinds(product):
        counted_by = f"with {', '.join(sorted(kind.words))}, or kind-{kind.tag} in the page"
        page = page_files(package, kind)
        if kind.record in ("Trigger", "Workload"):
            reading = [module for module in product if not module.is_of_deletion]
            files = count(reading, kind.words) + page
            what = f"all that reads or shows a {kind.record}"
            yield Extension(files, what, f"{counted_by}; not those of deletion")
        if kind.record == "Trigger":
            files = count(product, kind.words) + page
            yield Extension(files, f"the same with what deletes a {kind.record}", counted_by)
    for query in ("impact", "rescue"):
        what = f"a query with its command, as {query}"
        yield Extension(count(product, {query}), what, f"with the word {query}")
    for label, name in (("an output format of answers", "csv"), ("a picture format", ".mmd")):
        files = sum(1 for module in product if name in module.strings)
        yield Extension(files, f"{label}, as {name}", f"with the string {name!r}")


def listed_kind(contributing: Path) -> Iterator[Extension]:
    """What a new kind costs where everything follows from its row in the table of kinds. A commit
    before CONTRIBUTING.md has no such list."""
    if not contributing.exists():
        return
    _, _, section = contributing.read_text(encoding="utf-8").partition(KIND_HEADING)
    rows = re.findall(r"^\|([^|]+)\|", section.partition("\n## ")[0], re.MULTILINE)
    files = sum(1 for row in rows if "`jotgraph/" in row)
    what = "a new kind that is only read"
    yield Extension(files, what, "with a row in the list of CONTRIBUTING.md; tests, docs left out")


def count(modules: Iterable[Module], named: set[str]) -> int:
    return sum(1 for module in modules if named & module.words)


def page_files(package: Path, kind: Kind) -> int:
    """Files of the HTML page that name a kind."""
    written = [path for suffix in ("css", "js", "html") for path in package.rglob(f"*.{suffix}")]
    own = (path.read_text(encoding="utf-8") for path in written if "vendor" not in path.parts)
    return sum(1 for text in own if re.search(rf"\bkind-{kind.tag}\b", text))


def linking_rules(product: Iterable[Module]) -> set[str]:
    """Functions below ``@rule(…)``."""
    return {
        node.name
        for module in product
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(decorator).startswith("rule(") for decorator in node.decorator_list)
    }


def kinds(product: Iterable[Module]) -> list[Kind]:
    """Every record with a tag, and the field of ``Inventory`` that holds such records."""
    classes = {
        node.name: node
        for module in product
        if module.package == "records"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }
    fields = {
        ast.unparse(field.annotation): ast.unparse(field.target)
        for field in classes["Inventory"].body
        if isinstance(field, ast.AnnAssign)
    }
    return [
        Kind(name, keyword.value.value, fields.get(f"tuple[{name}, ...]", ""))
        for name, node in classes.items()
        for keyword in node.keywords
        if keyword.arg == "tag"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    ]


def functions(modules: Iterable[Module]) -> Iterator[tuple[int, str, str]]:
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                yield node.end_lineno - node.lineno + 1, node.name, str(module.path)


if __name__ == "__main__":
    main()
