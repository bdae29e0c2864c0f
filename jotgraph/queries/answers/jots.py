"""The table of jots: its rows and what they hold."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.analysis.lag import Standing
from jotgraph.graph import About
from jotgraph.links import Grade
from jotgraph.records import Function, ResourceId, Version


class State(StrEnum):
    """What is to be said of a jot, worst first."""

    BROKEN = "broken"
    """The image it runs is gone, archived, or Lambda cannot read it."""
    RESCUABLE = "rescuable"
    """The image it runs is gone or archived, and a copy of it is left, or may be."""
    QUARANTINED = "quarantined"
    """A run of jotgraph put it to sleep, and can release it."""
    FAILED = "failed"
    """Lambda says that it, or its last update, failed."""
    DRIFT = "drift"
    """The tag it was deployed from names another digest now."""
    CONFLICT = "conflict"
    """Strong claims about its commit disagree."""
    ROLE_MISSING = "role-missing"
    IMAGE_UNREAD = "image-not-read"
    """It runs an image of a place that was not read, or not read whole."""
    IDLE = "idle"
    """Lambda made it inactive: it was not called for weeks."""
    ZIP = "zip"
    """It has no image."""
    NOT_DEPLOYED = "not-deployed"


class Route(msgspec.Struct, frozen=True):
    """An alias that leads here."""

    alias: str
    share: float
    """Share of the alias's calls, from 0 to 1."""


class JotCommit(msgspec.Struct, frozen=True):
    """The commits an image is believed to come from, and where they stand."""

    commits: tuple[str, ...]
    """SHAs, newest first; the first of ``count``."""
    count: int
    subject: str
    """First line of the newest commit's message."""
    grade: Grade | None
    rule: str
    conflict: str
    """Why claims disagree, or empty."""
    conflict_kind: str
    """``dirty-build``, ``stale-label``…, or empty."""
    standing: Standing


class JotImage(msgspec.Struct, frozen=True):
    """An image in the registry."""

    id: ResourceId
    repository: str
    tags: tuple[str, ...]
    digest: str


class Jot(msgspec.Struct, frozen=True):
    """One row: a function's code with all that leads to it, or an image that nothing runs."""

    id: ResourceId
    """The function (``$LATEST``), the version, or the image."""
    account: str
    region: str
    function: str
    """Name, empty for an image that nothing runs."""
    qualifiers: tuple[str, ...]
    """``$LATEST`` and version numbers that run this same code with this same role."""
    routes: tuple[Route, ...]
    commit: JotCommit
    local_images: tuple[ResourceId, ...]
    local_tags: tuple[str, ...]
    image: JotImage | None
    """What runs, by digest."""
    deployed_tag: str
    """The tag it was deployed by, when it is known."""
    follows: tuple[str, ...]
    """In drift: the digests that the deployed tag names now."""
    role: ResourceId | None
    states: tuple[State, ...]


class Jots(msgspec.Struct, frozen=True):
    """The table, and what it was made from."""

    about: About
    jots: tuple[Jot, ...]
    hidden_versions: int
    """Published versions left out: neither the newest nor behind an alias."""


Configuration = Function | Version
"""What runs: a function's ``$LATEST``, or a published version."""
