"""The labels that say what an image was built from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from jotgraph.errors import OptionError
from jotgraph.records.conventions import (
    DIRTY,
    FOLDER_LABEL,
    HANDLER_LABEL,
    REVISION_LABEL,
    TREE_LABEL,
)
from jotgraph.sources.git.head import Head

_OCI = "org.opencontainers.image."
CREATED = f"{_OCI}created"
_OWN = frozenset({REVISION_LABEL, CREATED, FOLDER_LABEL, HANDLER_LABEL, TREE_LABEL})
"""Labels whose value the commit determines."""


def labels_of(
    head: Head | None, handler: str, given: Mapping[str, str], *, dirty: bool
) -> dict[str, str]:
    """Return the labels of an image, sorted: OCI's (specs.opencontainers.org, annotations),
    jotgraph's, and the user's. Raises OptionError for a label that users may not set."""
    for name in given:
        if name in _OWN or not name or not name.isprintable():
            raise OptionError(f"the label {name!r} is set by what is built; choose another name")
    changes = DIRTY if dirty else ""
    own = {HANDLER_LABEL: handler}
    if head is not None:
        own |= {
            REVISION_LABEL: head.revision + changes,
            CREATED: timestamp(head.committed_at),
            f"{_OCI}source": head.source,
            f"{_OCI}version": head.version and head.version + changes,
            FOLDER_LABEL: head.folder if head.folder.isprintable() else "",
            TREE_LABEL: head.tree and head.tree + changes,
        }
    labels = {name: value for name, value in own.items() if value} | dict(given)
    return dict(sorted(labels.items()))


def timestamp(moment: datetime) -> str:
    """Return a time as in RFC 3339, in UTC."""
    return moment.isoformat().replace("+00:00", "Z")
