"""Tells which files of a directory npm packs, by ``files`` of its ``package.json``.

Beside those, npm always packs some files and never packs others (npm documentation, package.json).
Pure; nothing raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from jotgraph.content.history.dockerignore import ignored
from jotgraph.content.image.npm_document import package_object

_ROOT = re.compile(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/@][^/]*|package")
_PERHAPS = re.compile(
    r"(?:readme|licen[cs]e|changes|changelog|history|notice)(?:[.-].*)?|\.[^/]*|.*\.orig"
    r"|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|node_modules|npm-debug\.log",
    re.IGNORECASE,
)
"""Names that npm packs or not depending on its version, so that their absence means nothing."""


def is_package(directory: str) -> bool:
    """Return whether a directory of an image is one where npm installs a package, or the top of a
    packed archive."""
    return _ROOT.fullmatch(directory) is not None


@lru_cache(maxsize=64)
def not_packed(document: bytes) -> Callable[[str], bool] | None:
    """Return whether npm packs nothing at or below a path of the package with this
    ``package.json``; None when that does not say."""
    package = package_object(document)
    files = package.get("files")
    if not isinstance(files, list) or not all(isinstance(entry, str) for entry in files):
        return None
    wanted = [_pattern(entry) for entry in files if not entry.startswith("!")]
    unwanted = [_pattern(entry[1:]) for entry in files if entry.startswith("!")]
    if not wanted or any("\n" in pattern for pattern in (*wanted, *unwanted)):
        return None
    packed, excluded = (ignored("\n".join(part).encode()) for part in (wanted, unwanted))
    always = frozenset({"package.json", *_named(package)})
    listed = [pattern.split("/") for pattern in (*wanted, *sorted(always))]

    def answer(path: str) -> bool:
        if path in always:
            return False
        if excluded(path) or _PERHAPS.fullmatch(path.rpartition("/")[2]):
            return True
        return not (packed(path) or _leads(path.split("/"), listed))

    return answer


def _pattern(entry: str) -> str:
    return entry.removeprefix(".").strip("/") or "**"


def _leads(parts: list[str], patterns: list[list[str]]) -> bool:
    """Whether a pattern may match something below a path."""
    for pattern in patterns:
        for part, wanted in zip(parts, pattern[:-1], strict=False):
            if wanted == "**":
                return True
            if not fnmatchcase(part, wanted):
                break
        else:
            if len(parts) < len(pattern):
                return True
    return False


def _named(package: Mapping[str, Any]) -> set[str]:
    """The files that ``main`` and ``bin`` name."""
    bins = package.get("bin")
    named = [package.get("main"), *(bins.values() if isinstance(bins, dict) else [bins])]
    return {name.removeprefix("./") for name in named if isinstance(name, str)}
