"""The folders this program keeps files in, as each platform has them.

``platformdirs`` follows the XDG base directory specification on Linux (a relative
``$XDG_CACHE_HOME`` or ``$XDG_STATE_HOME`` is ignored, as it asks) and Apple's and Microsoft's
customs elsewhere.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_NAME = "jotgraph"


def cache_folder() -> Path:
    """What can be read again: manifests, layers, indexes of repositories.

    ``$XDG_CACHE_HOME/jotgraph``, by default ``~/.cache/jotgraph``.
    """
    from platformdirs import user_cache_path  # noqa: PLC0415 -- not needed by --help

    return user_cache_path(_NAME, appauthor=False)


def state_folder() -> Path:
    """What cannot be made again: snapshots, journals, backups and this machine's key.

    ``$XDG_STATE_HOME/jotgraph``, by default ``~/.local/state/jotgraph``.
    """
    from platformdirs import user_state_path  # noqa: PLC0415 -- not needed by --help

    return user_state_path(_NAME, appauthor=False)


def snapshots_folder() -> Path:
    """Named snapshots, a folder for each name."""
    return state_folder() / "snapshots"


def unfinished_folder(name: str) -> Path:
    """What a scan of that name or file has read, until all of it is stored."""
    return state_folder() / "scans" / hashlib.sha256(name.encode()).hexdigest()[:16]


def runs_folder() -> Path:
    """Journals and backups, a folder for each run of ``apply``, a sweep or a release."""
    return state_folder() / "runs"
