"""What all records share: how they are frozen, and frozen mappings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from jotgraph.records.ids import Place

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""A frozen mapping of text to text: sorted ``(key, value)`` pairs."""


def pairs(mapping: Mapping[str, str] | None) -> Pairs:
    """Freeze a mapping (``None`` is an empty one) into sorted pairs."""
    return tuple(sorted((mapping or {}).items()))


class Fields(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The base of every record. Fields are in the order of the API they come from; see each source
    for what fills them."""


class Regional(Fields, frozen=True, kw_only=True, gc=False):
    """The base of every record of a resource that belongs to one account and region."""

    account: str
    region: str

    @property
    def place(self) -> Place:
        return Place(self.account, self.region)
