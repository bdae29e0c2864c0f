"""Packages that only some installations have."""

from __future__ import annotations

import importlib
from typing import Any

from jotgraph.errors import ExtraError


def needed(module: str, extra: str, what: str) -> Any:
    """Import a module of an extra. Raises ExtraError, which says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ExtraError(
            f"{what} needs {error.name or module}: pip install 'jotgraph[{extra}]'"
        ) from error
