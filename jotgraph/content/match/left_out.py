"""Tell which tracked files an image should have and does not.

What a ``.dockerignore``, or ``files`` of a ``package.json``, leaves out it need not have. Pure but
for the tree reader it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from jotgraph.content.directories import relative, under
from jotgraph.content.history.dockerignore import has_exceptions, ignored
from jotgraph.content.history.npm_package import not_packed
from jotgraph.content.match.refine import LackingFile, ReadTree
from jotgraph.content.match.view import View


class Rule(NamedTuple):
    """What is left out of a directory of the repository."""

    top: str
    leaves_out: Callable[[str], bool]
    """Of a path relative to ``top``."""
    exceptions: bool
    """Something below what is left out may not be."""


def rule_of(name: str, text: bytes) -> Rule | None:
    """The rule that a ``.dockerignore`` or a ``package.json`` is; None where it says nothing."""
    top, _, file = name.rpartition("/")
    if file == ".dockerignore":
        return Rule(top, ignored(text), has_exceptions(text))
    leaves_out = not_packed(text)
    return Rule(top, leaves_out, False) if leaves_out else None


def lacks(item: LackingFile, image: View, rules: Sequence[Rule], read: ReadTree) -> bool:
    """Whether the image should have the file (or any file of the directory) and does not."""
    path = item.path.rstrip("/")
    directory = item.path.endswith("/")
    if any(under(path, rule.top) and rule.leaves_out(relative(path, rule.top)) for rule in rules):
        if not directory or not any(rule.exceptions for rule in rules):
            return False
    elif not directory:
        gone = image.removed.get(item.image_path)
        return gone is None or item.oid not in gone.tracked_as()
    if not (rules or image.removed):
        return True
    return any(
        lacks(
            LackingFile(
                item.map,
                item.path + name + ("/" if below else ""),
                oid,
                item.image_path + name + ("/" if below else ""),
            ),
            image,
            rules,
            read,
        )
        for name, below, oid in read(item.oid)
        if oid
    )
