"""A parser of what others write, with well-formed inputs and the errors that it may raise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

SHA = "c0ffee" * 6 + "abcd"


class Target(NamedTuple):
    """One parser."""

    parse: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    refuses: tuple[type[Exception], ...] = ()
    """What it says it raises for input that is none."""
