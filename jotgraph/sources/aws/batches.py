"""Sequences cut into as much as one call takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Cut a sequence into parts of ``size``, in order; the last one may be shorter."""
    return [items[start : start + size] for start in range(0, len(items), size)]
