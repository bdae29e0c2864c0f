"""Read the ``RECORD`` that an installer of Python packages leaves beside what it installed.

Each line is a path, relative to the directory the packages are in, with its hash and its size
(packaging.python.org, Recording installed projects). Pure; nothing raises.
"""

from __future__ import annotations

import csv
import posixpath

RECORD = ".dist-info/RECORD"
_LARGEST = 4 << 20
_LINES = 50_000


def recorded(path: str, data: bytes) -> tuple[str, ...]:
    """What a ``RECORD`` says was installed: directories that hold files of the package (they end
    in ``/``), and files beside them. Scripts and the like outside are left out."""
    if not path.endswith(RECORD) or len(data) > _LARGEST:
        return ()
    places: set[str] = set()
    try:
        for number, row in enumerate(csv.reader(data.decode().splitlines())):
            if number == _LINES:
                return ()
            name = posixpath.normpath(row[0]) if row else ".."
            if name == "." or name.startswith(("..", "/")):
                continue
            directory, _, base = name.rpartition("/")
            if not directory.endswith((".dist-info", "__pycache__")):
                places.add(f"{directory}/" if directory else base)
    except (UnicodeDecodeError, csv.Error):
        return ()
    return tuple(sorted(places))
