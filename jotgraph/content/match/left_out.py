"""Tells which tracked files an image should have and lacks.

What a ``.dockerignore``, or ``files`` of a ``package.json``, excludes need not be there. Pure
except for the tree reader.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import msgspec

from jotgraph.content.directories import relative, under
from jotgraph.content.history.dockerignore import has_exceptions, ignored
from jotgraph.content.history.npm_package import not_packed
from jotgraph.content.match.refine import LackingFile, ReadTree
from jotgraph.content.match.view import View


class IgnoreRule(NamedTuple):
    """What is excluded from a directory of the repository."""

    top: str
    leaves_out: Callable[[str], bool]
    """Of a path relative to ``top``."""
    exceptions: bool
    """Whether something below an excluded directory may be included."""


def without_earlier(image: View, explained: Collection[str]) -> View:
    """The same image, with those of its deleted files that this build may have copied: deleted
    after all that is explained was copied, or copied by a layer of which other files are left. What
    was deleted before, of another build below, does not say why a file is absent."""
    layers = {image.files[path].layer for path in explained}
    own = layers - image.older - image.overlaid
    removed = {
        path: placed
        for path, placed in image.removed.items()
        if placed.layer in own or image.removed_by[path] > max(layers)
    }
    return msgspec.structs.replace(image, removed=removed)


def rule_of(name: str, text: bytes) -> IgnoreRule | None:
    """Return the rule in a ``.dockerignore`` or ``package.json``; None when it says nothing."""
    top, _, file = name.rpartition("/")
    if file == ".dockerignore":
        return IgnoreRule(top, ignored(text), has_exceptions(text))
    leaves_out = not_packed(text)
    return IgnoreRule(top, leaves_out, False) if leaves_out else None


def lacks(item: LackingFile, image: View, rules: Sequence[IgnoreRule], read: ReadTree) -> bool:
    """Return whether the image should have the file (or any file of the directory) and lacks it."""
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
