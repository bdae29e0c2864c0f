"""Images that run and cannot be loaded again, with the copies that are left of them."""

from __future__ import annotations

import msgspec

from jotgraph.graph import About
from jotgraph.links import Grade
from jotgraph.records import ResourceId


class Saved(msgspec.Struct, frozen=True):
    """Where a lost image can be had from."""

    id: ResourceId
    """A local image, or the image of another repository in ECR."""
    names: tuple[str, ...]
    grade: Grade
    because: str
    commands: tuple[str, ...]
    """For a POSIX shell, in order; the last one of a push prints the digest it came to. Nothing is
    run."""
    otherwise: tuple[str, ...] = ()
    """What to run then if that is another digest: functions are pointed to it."""


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
    """What it may be built from again, newest first (of at most 20)."""


class Rescue(msgspec.Struct, frozen=True):
    """Every such image, sorted."""

    about: About
    lost: tuple[Lost, ...]
