"""The answer of ``ls``: the table of deployments (jots)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from jotgraph.analysis.health import Code, Finding
from jotgraph.analysis.lag import Standing
from jotgraph.analysis.lag.model import Source
from jotgraph.analysis.testing.model import Tested
from jotgraph.analysis.vulnerabilities import Vulnerabilities
from jotgraph.graph import About
from jotgraph.links import Grade
from jotgraph.records import Function, ResourceId, Version


class AliasRoute(msgspec.Struct, frozen=True):
    """An alias that routes to the row's code."""

    alias: str
    share: float
    """Share of the alias's calls, from 0 to 1."""


class JotCommit(msgspec.Struct, frozen=True):
    """The commits that an image is believed to come from, and where they stand."""

    commits: tuple[str, ...]
    """SHAs, newest first; the first of ``count``."""
    count: int
    commit: str
    """The one that represents them all, from which the lag is counted; empty when none is known."""
    more: int
    """How many others it may come from."""
    subject: str
    """The first line of its message."""
    grade: Grade | None
    rule: str
    conflict: str
    """Why claims contradict one another; empty when they do not."""
    conflict_kind: str
    """``dirty-build``, ``stale-label``…, or empty."""
    standing: Standing
    modified: int = 0
    """Files of the image that differ from the commit, where they were compared."""
    untracked: int = 0
    """Files that were copied along and that git does not track."""


class JotImage(msgspec.Struct, frozen=True):
    """An image in the registry."""

    id: ResourceId
    repository: str
    tags: tuple[str, ...]
    digest: str
    vulnerabilities: Vulnerabilities


class JotDates(msgspec.Struct, frozen=True):
    """The dates of a deployment; each None where it was not read."""

    committed: datetime | None = None
    """Of the commit that represents all that the image may come from."""
    built: datetime | None = None
    """When the image says it was created; where its config was not read, that of its local copy."""
    pushed: datetime | None = None
    """First push of the image to its repository."""
    deployed: datetime | None = None
    """Last change of a function's code or configuration, publication of a version, or last
    deployment of a workload."""


class Jot(msgspec.Struct, frozen=True):
    """One row: code that a function runs with all that leads to it, an image of a workload, or an
    unused image."""

    id: ResourceId
    """The function (``$LATEST``), version, workload or image."""
    account: str
    region: str
    function: str
    """Name of the function or workload; empty for an image that nothing runs."""
    qualifiers: tuple[str, ...]
    """``$LATEST`` and version numbers that run the same code with the same role."""
    routes: tuple[AliasRoute, ...]
    commit: JotCommit
    local_images: tuple[ResourceId, ...]
    local_tags: tuple[str, ...]
    image: JotImage | None
    """The images that run, by digest."""
    deployed_tag: str
    """The tag it was deployed by; empty when unknown."""
    follows: tuple[str, ...]
    """In case of drift, the digests that the deployed tag names now."""
    role: ResourceId | None
    package: str
    """``image`` or ``zip``; empty when unknown."""
    service: str
    """The service that runs a workload, such as ``ecs``; empty for Lambda."""
    states: tuple[Code, ...]
    """Codes of the findings that are known, worst first."""
    findings: tuple[Finding, ...]
    """The findings and unread facts of all configurations in the row."""
    dates: JotDates = JotDates()
    source: Source = Source()
    tests: Tested = Tested()
    """The newest test result of each case."""


class Jots(msgspec.Struct, frozen=True):
    """The table of deployments, and its scope."""

    about: About
    jots: tuple[Jot, ...]
    hidden_versions: int
    """Number of published versions left out: neither the newest nor behind an alias."""


def counts(rows: Iterable[Jot]) -> tuple[tuple[str, int], ...]:
    """Count the deployments, their functions and workloads, and the images and commits that run.

    All views take these numbers from here. ``rows`` are those of one table without
    ``all_versions``. An image counts once, whatever the repositories that hold it; unused images do
    not count.
    """
    deployed = [row for row in rows if row.function]
    lambdas = [row for row in deployed if not row.service]
    return (
        ("deployments", len(deployed)),
        ("functions", len({(row.account, row.region, row.function) for row in lambdas})),
        ("workloads", len({row.id for row in deployed if row.service})),
        ("images", len({row.image.digest for row in deployed if row.image})),
        ("commits", len({row.commit.commit for row in deployed if row.commit.commit})),
    )


Configuration = Function | Version
"""A configuration that runs: a function's ``$LATEST``, or a published version."""
