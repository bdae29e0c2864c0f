"""The name of a package, as its manifest in the repository says it. Pure."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

LARGEST = 1 << 20
"""Bytes of a manifest that are read."""
_LONGEST = 214
"""Characters of a name: npm's bound, which is the longest of them."""
_MODULE = re.compile(r"^module[ \t]+\"?([^\s\"]+)", re.M)


def name_in(manifest: str, content: bytes) -> str:
    """The name that the manifest of this file name gives its package; empty where it gives none, or
    is not what its name says."""
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
"""File name -> how it is read; of several in one directory the first that gives a name counts."""
