"""The table of jots: its rows and what they hold."""

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
    """An alias that leads here."""

    alias: str
    share: float
    """Share of the alias's calls, from 0 to 1."""


class JotCommit(msgspec.Struct, frozen=True):
    """The commits an image is believed to come from, and where they stand."""

    commits: tuple[str, ...]
    """SHAs, newest first; the first of ``count``."""
    count: int
    commit: str
    """The one that stands for them all, that the lag is counted from; empty when none is known."""
    more: int
    """How many others it may come from as well."""
    subject: str
    """First line of that commit's message."""
    grade: Grade | None
    rule: str
    conflict: str
    """Why claims disagree, or empty."""
    conflict_kind: str
    """``dirty-build``, ``stale-label``…, or empty."""
    standing: Standing
    modified: int = 0
    """Files of the image that differ in it, where they were compared."""
    untracked: int = 0
    """Files that were copied beside them and that git does not track."""


class JotImage(msgspec.Struct, frozen=True):
    """An image in the registry."""

    id: ResourceId
    repository: str
    tags: tuple[str, ...]
    digest: str
    vulnerabilities: Vulnerabilities


class JotDates(msgspec.Struct, frozen=True):
    """When a deployment came about; each None where it was not read."""

    committed: datetime | None = None
    """Of the commit that stands for all that the image may come from."""
    built: datetime | None = None
    """When the image says that it was created; where its config was not read, its local copy."""
    pushed: datetime | None = None
    """First push of the image to its repository."""
    deployed: datetime | None = None
    """Last change of the function's code or configuration, publication of a version, or last
    deployment of a workload."""


class Jot(msgspec.Struct, frozen=True):
    """One row: a function's code with all that leads to it, an image of a workload, or one that
    nothing runs."""

    id: ResourceId
    """The function (``$LATEST``), the version, the workload, or the image."""
    account: str
    region: str
    function: str
    """Name of the function or workload, empty for an image that nothing runs."""
    qualifiers: tuple[str, ...]
    """``$LATEST`` and version numbers that run this same code with this same role."""
    routes: tuple[AliasRoute, ...]
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
    package: str
    """``image`` or ``zip``; empty when the function does not say."""
    service: str
    """Of a workload, the service that runs it: ``ecs``; empty for what Lambda runs."""
    states: tuple[Code, ...]
    """Codes of the findings that are known, worst first."""
    findings: tuple[Finding, ...]
    """What is wrong with any of the configurations of the row, or was not read of it."""
    dates: JotDates = JotDates()
    source: Source = Source()
    tests: Tested = Tested()
    """Of the image: the newest result of each case."""


class Jots(msgspec.Struct, frozen=True):
    """The table, and what it was made from."""

    about: About
    jots: tuple[Jot, ...]
    hidden_versions: int
    """Published versions left out: neither the newest nor behind an alias."""


def counts(rows: Iterable[Jot]) -> tuple[tuple[str, int], ...]:
    """How many deployments there are, of how many functions and workloads, and the images and
    commits that they run: counted here for every view. ``rows`` are those of one table in which
    versions are not listed one by one. An image is counted once, whatever the repositories that
    hold it; those that nothing runs do not count."""
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
"""What runs: a function's ``$LATEST``, or a published version."""
