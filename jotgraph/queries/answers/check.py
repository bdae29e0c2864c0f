"""The answer of ``check``: the violations of a policy file."""

from __future__ import annotations

import msgspec

from jotgraph.graph import About


class Violation(msgspec.Struct, frozen=True, order=True):
    """One rule that does not hold, for one resource or for the whole inventory."""

    rule: str
    resource: str
    """An id, or empty when it is about the whole inventory."""
    because: str


class Checked(msgspec.Struct, frozen=True):
    """The result of checking an inventory against a policy file."""

    about: About
    rules: tuple[str, ...]
    """Rules that were checked, in the order of the policy's fields."""
    violations: tuple[Violation, ...]
    unknown: tuple[Violation, ...]
    """What could not be judged because it was not read; these are no violations."""
    failed: tuple[Violation, ...] = ()
    """Those of ``unknown`` that make their rule fail: a needed service was requested and not
    read."""
