"""What a policy file found."""

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
    """What a policy found."""

    about: About
    rules: tuple[str, ...]
    """Rules that were checked, in the order of the policy's fields."""
    violations: tuple[Violation, ...]
    unknown: tuple[Violation, ...]
    """What could not be judged because it was not read; no violation."""
    failed: tuple[Violation, ...] = ()
    """Those of ``unknown`` that keep their rule from passing: a service that the rule needs was
    asked for and not read."""
