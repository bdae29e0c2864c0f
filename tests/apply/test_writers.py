"""Whatever takes something away goes through the one method that looks at the copy first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jotgraph import apply

TAKES = re.compile(r"(Batch)?(Delete|Detach|Remove)[A-Z]\w+")
PUTS_BACK = {"DeleteFunctionConcurrency"}
"""Gives a function the concurrency back that it had: none was reserved."""


def calls() -> Iterator[tuple[str, str]]:
    """(method, action) of each call in apply that names an action."""
    for path in sorted(Path(apply.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                for word in node.args:
                    if isinstance(word, ast.Constant) and isinstance(word.value, str):
                        yield node.func.attr, word.value


def test_nothing_is_taken_but_by_destroy() -> None:
    taking = [(method, action) for method, action in calls() if TAKES.fullmatch(action)]
    assert ("destroy", "DeleteRole") in taking
    assert {action for method, action in taking if method != "destroy"} == PUTS_BACK
