"""Where a team's own builds leave a revision: what it has set, as a scan keeps it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Carrier(StrEnum):
    """What carries the revision."""

    LABEL = "label"
    """A label or annotation of an image, by its name."""
    TAG = "tag"
    """A tag of an image: a regular expression with a group ``revision``."""


class Convention(msgspec.Struct, frozen=True, kw_only=True, gc=False, order=True):
    """One place where revisions are written. It becomes a linking rule of its name."""

    name: str
    carrier: Carrier
    pattern: str
    """The name of the label, or the expression."""
    file: str
    """The file of settings that says so."""
