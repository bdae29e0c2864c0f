"""An estate in five lines: what runs, what is wrong, what is unused, and what to do next."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.costs.model import Price, Storage
from jotgraph.analysis.health import Finding
from jotgraph.analysis.health.commands import Command
from jotgraph.graph import About
from jotgraph.records import Kind


class Cost(msgspec.Struct, frozen=True):
    """What ECR stores and costs a month, and what of that is unused."""

    stored: Storage
    unused: Storage
    unread: tuple[str, ...]
    """What hides more repositories, images, or their sizes."""
    prices: tuple[Price, ...]
    assumed: tuple[str, ...]
    """Regions whose price was not looked up: that of us-east-1 is taken."""


class Summary(msgspec.Struct, frozen=True):
    """The answers of ``ls``, ``orphans`` and ``costs``, counted."""

    about: About
    counts: tuple[tuple[str, int], ...]
    """``deployments``, ``functions``, ``workloads`` and the ``images`` and ``commits`` they run."""
    tested: int
    """Deployments whose image was tested, and no test of it failed."""
    findings: tuple[Finding, ...]
    """Of everything that ``ls`` lists as deployed, the worst first."""
    orphans: tuple[tuple[Kind, int], ...]
    """How many of each kind nothing uses, in the order of the kinds."""
    unknown: int
    """Resources that may be unused: something that could use them was not read, or they are new."""
    assumed: tuple[str, ...]
    """Services of which the user says that they run none of the images (``--assume-no``)."""
    cost: Cost
    next: Command
    """The command to run next; none where there is nothing to do."""
