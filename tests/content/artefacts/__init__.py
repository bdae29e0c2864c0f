"""What the tools of others built from the folder ``shop``: see ``make.sh``, which made it.

A commit of that folder, by the author and at the time that the script sets, is the ``REVISION``
that some of the files name.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
REVISION = (FOLDER / "revision").read_text().strip()


def artefact(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def sources() -> dict[str, bytes]:
    """The files of ``shop`` by path, as a commit holds them."""
    shop = FOLDER / "shop"
    return {
        path.relative_to(shop).as_posix(): path.read_bytes()
        for path in sorted(shop.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
