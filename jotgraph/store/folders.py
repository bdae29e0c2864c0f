"""The folders for this program's files on each platform.

``platformdirs`` follows the XDG base directory specification on Linux (which asks to ignore a
relative ``$XDG_CACHE_HOME`` or ``$XDG_STATE_HOME``) and Apple's and Microsoft's conventions
elsewhere.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_NAME = "jotgraph"


def cache_folder() -> Path:
    """Return the folder for what can be read again: manifests, layers, indexes of repositories.
    ``$XDG_CACHE_HOME/jotgraph``, by default ``~/.cache/jotgraph``."""
    from platformdirs import user_cache_path  # noqa: PLC0415 -- not needed by --help

    return user_cache_path(_NAME, appauthor=False)


def state_folder() -> Path:
    """Return the folder for what cannot be created again: snapshots, journals, backups and this
    machine's key. ``$XDG_STATE_HOME/jotgraph``, by default ``~/.local/state/jotgraph``."""
    from platformdirs import user_state_path  # noqa: PLC0415 -- not needed by --help

    return user_state_path(_NAME, appauthor=False)


def snapshots_folder() -> Path:
    """Return the folder for named snapshots, which has one for each name."""
    return state_folder() / "snapshots"


def unfinished_folder(name: str) -> Path:
    """Return the folder for what a scan of a name or file has read before it is stored."""
    return state_folder() / "scans" / hashlib.sha256(name.encode()).hexdigest()[:16]


def runs_folder() -> Path:
    """Return the folder for journals and backups, which has one for each run."""
    return state_folder() / "runs"
