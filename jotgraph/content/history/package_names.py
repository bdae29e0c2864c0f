"""The name of a package from its manifest in the repository. Pure."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

LARGEST = 1 << 20
"""The largest manifest that is read, in bytes."""
_LONGEST = 214
"""The longest name, in characters: npm's limit, which is the longest of all."""
_MODULE = re.compile(r"^module[ \t]+\"?([^\s\"]+)", re.M)


def name_in(manifest: str, content: bytes) -> str:
    """Return the package name in a manifest with this file name; empty when there is none or it
    cannot be parsed."""
    if len(content) > LARGEST:
        return ""
    try:
        name = MANIFESTS[manifest](content.decode())
    except (ValueError, RecursionError, configparser.Error):
        return ""
    return name.strip()[:_LONGEST] if isinstance(name, str) else ""


def _pyproject(text: str) -> object:
    """PEP 621, or Poetry's own table."""
    document = tomllib.loads(text)
    return _at(document, "project", "name") or _at(document, "tool", "poetry", "name")


def _cargo(text: str) -> object:
    return _at(tomllib.loads(text), "package", "name")


def _json(text: str) -> object:
    return _at(json.loads(text), "name")


def _go(text: str) -> object:
    match = _MODULE.search(text)
    return match[1] if match else ""


def _setup(text: str) -> object:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    return parser.get("metadata", "name", fallback="")


def _at(document: Any, *names: str) -> object:
    for name in names:
        if not isinstance(document, dict):
            return ""
        document = document.get(name)
    return document


MANIFESTS: Mapping[str, Any] = MappingProxyType(
    {
        "pyproject.toml": _pyproject,
        "setup.cfg": _setup,
        "package.json": _json,
        "go.mod": _go,
        "Cargo.toml": _cargo,
        "composer.json": _json,
    }
)
"""File name -> parser; of several in one directory the first with a name counts."""
