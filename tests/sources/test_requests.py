"""Every reading call of AWS is made in one place, and nothing but ``sources`` reads."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import jotgraph
from tests.syntax import parsed, walk

PACKAGE = Path(jotgraph.__file__).parent
ASKING = frozenset({"ask", "pages", "_list"})
"""What makes a call: ``place.ask("lambda", "GetAlias", ...)``, or names its action."""
ACTION = re.compile(r"(Batch)?(Get|List|Describe|Check)[A-Z]\w+")
WRITTEN = re.compile(rf"(?s)\b({'|'.join(sorted(ASKING))})\(.*[\"']{ACTION.pattern}[\"']")
"""What stands in every module that makes such a call: to read all others takes seconds."""


def readings(folder: str) -> Iterator[tuple[str, str]]:
    """(service and reading action, file) of every call in a folder."""
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        text = path.read_text()
        for node in walk(parsed(text)) if WRITTEN.search(text) else ():
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else None
                name = node.func.id if isinstance(node.func, ast.Name) else name
                words = [str(w.value) for w in node.args if isinstance(w, ast.Constant)]
                for word in words if name in ASKING else ():
                    if ACTION.fullmatch(word):
                        service = "" if words[0] == word else f"{words[0]}:"
                        yield f"{service}{word}", str(path.relative_to(PACKAGE))


def test_every_action_is_asked_in_one_file() -> None:
    files: dict[str, set[str]] = defaultdict(set)
    for action, file in readings("sources"):
        files[action].add(file)
    assert files["lambda:GetAlias"] == {"sources/functions/requests.py"}
    assert files["ListFunctions"] == {"sources/functions/requests.py"}
    assert {action: asked for action, asked in files.items() if len(asked) > 1} == {}


def test_nothing_but_sources_reads() -> None:
    outside = {file for action, file in readings(".") if not file.startswith("sources/")}
    assert outside == set()
