"""What ``push``, ``deploy``, ``rollback`` and ``promote`` answer: what is where by now, and what
was there before."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.records import ResourceId


class Made(StrEnum):
    """What became of a resource in a run that makes things."""

    CREATED = "created"
    CHANGED = "changed"
    THERE = "there"
    """It was as it is wanted."""


class How(StrEnum):
    """Which command moved something."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    PROMOTE = "promote"


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What ECR has."""

    format: str = "jotgraph/pushed/1"
    run: str
    """The name that ``undo`` takes."""
    image: ResourceId
    repository: ResourceId
    reference: str
    """``host/repository@sha256:…``."""
    tag: str
    digest: str
    result: Made
    """What became of the image."""
    created_repository: bool
    moved_from: str = ""
    """The digest that the tag named before."""


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """What runs where by now, and what ran there before."""

    format: str = "jotgraph/rollout/1"
    run: str
    """The name that ``undo`` takes."""
    how: How = How.DEPLOY
    function: ResourceId
    """The function, or the ECS service."""
    version: str
    """The number of the version, or the task definition."""
    alias: str = ""
    weight: float | None = None
    """Share of the alias' calls that the version gets; None is all of them."""
    before: str = ""
    """Digest that ran before; empty where nothing did."""
    after: str
    """Digest that runs by now."""
    result: Made
    """What became of the function, the service or, where only that moved, the alias."""
    role: str = ""
    role_created: bool = False
    notes: tuple[str, ...] = ()
    """What is to be known beside it, a sentence each."""
