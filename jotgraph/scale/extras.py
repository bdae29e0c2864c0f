"""Packages that come with an extra."""

from __future__ import annotations

import importlib
from typing import Any

from jotgraph.errors import ExtraError


def needed(module: str, extra: str, what: str) -> Any:
    """Import a module of an extra. Raises ExtraError, which says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = (error.name or module).partition(".")[0]
        install = f"pip install 'jotgraph[{extra}]'"
        raise ExtraError(f"{what} needs {package}: {install}") from error
