"""How wide the terminal is."""

from __future__ import annotations

import os
import sys

_UNKNOWN = 80


def columns_of_terminal() -> int:
    """As ``shutil.get_terminal_size`` finds it; ``shutil`` itself imports every compression that
    Python knows, which takes as long as all of this package that ``--help`` needs."""
    try:
        columns = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        columns = 0
    if columns <= 0 and sys.__stdout__ is not None:
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns
        except (ValueError, OSError):  # closed, or no terminal
            columns = 0
    return columns if columns > 0 else _UNKNOWN
