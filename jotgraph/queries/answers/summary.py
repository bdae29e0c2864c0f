"""The answer of ``summary``: what runs, what is wrong, what is unused, and what to do next."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.costs.model import Price, Storage
from jotgraph.analysis.health import Finding
from jotgraph.analysis.health.commands import Command
from jotgraph.graph import About
from jotgraph.records import Kind


class Cost(msgspec.Struct, frozen=True):
    """What ECR stores and costs a month, and how much of that is unused."""

    stored: Storage
    unused: Storage
    unread: tuple[str, ...]
    """What may hide more repositories, images, or their sizes."""
    prices: tuple[Price, ...]
    assumed: tuple[str, ...]
    """Regions without a known price, for which that of us-east-1 is used."""


class Summary(msgspec.Struct, frozen=True):
    """The answers of ``ls``, ``orphans`` and ``costs`` as numbers."""

    about: About
    counts: tuple[tuple[str, int], ...]
    """``deployments``, ``functions``, ``workloads`` and the ``images`` and ``commits`` that they
    run."""
    tested: int
    """Deployments whose image passed all its tests."""
    findings: tuple[Finding, ...]
    """The findings of all deployments in ``ls``, worst first."""
    orphans: tuple[tuple[Kind, int], ...]
    """The number of unused resources of each kind, in the order of the kinds."""
    unknown: int
    """Resources that may be unused: a possible user was not read, or they are new."""
    assumed: tuple[str, ...]
    """Services that the user declared to run none of the images (``--assume-no``)."""
    cost: Cost
    next: Command
    """The recommended command; empty when nothing is to be done."""
