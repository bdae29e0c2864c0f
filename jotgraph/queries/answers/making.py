"""The answers of ``push``, ``deploy``, ``rollback`` and ``promote``: what is where, and what was
there before."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.records import ResourceId


class Made(StrEnum):
    """What happened to a resource in a run that creates or changes things."""

    CREATED = "created"
    CHANGED = "changed"
    THERE = "there"
    """It already was as required."""


class How(StrEnum):
    """The command that moved something."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    PROMOTE = "promote"


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """The image in ECR after ``push``."""

    format: str = "jotgraph/pushed/1"
    run: str
    """The run's name, for ``undo``."""
    image: ResourceId
    repository: ResourceId
    reference: str
    """``host/repository@sha256:…``."""
    tag: str
    digest: str
    result: Made
    """What happened to the image."""
    created_repository: bool
    moved_from: str = ""
    """The digest that the tag named before; empty when there was none."""


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """What runs after a deployment, and what ran before."""

    format: str = "jotgraph/rollout/1"
    run: str
    """The run's name, for ``undo``."""
    how: How = How.DEPLOY
    function: ResourceId
    """The function, or the ECS service."""
    version: str
    """The number of the version, or the task definition."""
    alias: str = ""
    weight: float | None = None
    """Share of the alias' calls that the version gets; None is all of them."""
    before: str = ""
    """Digest that ran before; empty when nothing ran."""
    after: str
    """Digest that runs now."""
    result: Made
    """What happened to the function, the service or, where only that moved, the alias."""
    role: str = ""
    role_created: bool = False
    notes: tuple[str, ...] = ()
    """Remarks, one sentence each."""
