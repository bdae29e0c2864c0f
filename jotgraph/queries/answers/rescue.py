"""The answer of ``rescue``: images that run and cannot be loaded again, with their remaining
copies."""

from __future__ import annotations

import msgspec

from jotgraph.graph import About
from jotgraph.links import Grade
from jotgraph.records import ResourceId


class Saved(msgspec.Struct, frozen=True):
    """One place to recover a lost image from."""

    id: ResourceId
    """A local image, or the image of another repository in ECR."""
    names: tuple[str, ...]
    grade: Grade
    because: str
    commands: tuple[str, ...]
    """Commands for a POSIX shell, in order; the last one of a push prints the resulting digest.
    Nothing is run."""
    otherwise: tuple[str, ...] = ()
    """Commands for the case that the digest differs: they update the functions."""


class Lost(msgspec.Struct, frozen=True):
    """An image that runs and that Lambda cannot load again."""

    id: ResourceId
    state: str
    """``gone`` or ``archived``."""
    runners: tuple[ResourceId, ...]
    """Functions, versions and workloads that run it."""
    saved: tuple[Saved, ...]
    """Best first; empty when no copy is known."""
    commits: tuple[str, ...]
    """Commits that it may be rebuilt from, newest first (20 at most)."""


class Rescue(msgspec.Struct, frozen=True):
    """Every such image, sorted."""

    about: About
    lost: tuple[Lost, ...]
