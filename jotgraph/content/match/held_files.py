"""Compares the files that files of an image embed: sources in source maps, resources in jars.

They form layers of their own above the image's, as if each had been copied alone: a source that is
missing in a bundle means nothing, because bundlers drop unused ones.
"""

from __future__ import annotations

import msgspec

from jotgraph.content.history.index import Index
from jotgraph.content.image.blobs import FileIds, OriginalIds
from jotgraph.content.image.originals import SOURCES
from jotgraph.content.image.whiteouts import PlacedFile
from jotgraph.content.match.view import View


def with_held(image: View, index: Index) -> View:
    """Return the same image with the embedded files. Of jars only files that the repository ever
    contained: builds fill in resources, so other bytes are no sign of a change."""
    holders = [
        placed.ids
        for path, placed in image.files.items()
        if placed.ids.originals and path not in image.deleted
    ]
    # What is committed itself speaks for itself: its sources may be older.
    committed = index.known(ids.plain for ids in holders)
    originals: dict[str, set[OriginalIds]] = {}
    for ids in holders:
        for original in ids.originals if ids.plain not in committed else ():
            originals.setdefault(original.path, set()).add(original)
    if not originals:
        return image
    known = index.known(original.plain for several in originals.values() for original in several)
    layer = len(image.copied)
    files = dict(image.files)
    for path, several in sorted(originals.items()):
        original = min(several, key=lambda original: (original.plain not in known, original.plain))
        source = path.startswith(f"{SOURCES}/")
        # Bundles of several builds may hold one path with different bytes: none speaks.
        if path not in files and (len(several) == 1 if source else original.plain in known):
            original_ids = FileIds(original.size, original.plain, original.lf, ends=original.ends)
            files[path] = PlacedFile(original_ids, layer)
    return msgspec.structs.replace(
        image,
        files=files,
        held=frozenset({layer}),
        copied=(*image.copied, True),
        whole=(*image.whole, False),
        history=(*image.history, ""),
    )
