"""Which commit runs where: git, Docker, ECR, Lambda and IAM as one graph, with evidence.

The public names are imported when first used, so that ``import jotgraph`` costs nothing::

    import jotgraph

    inventory = jotgraph.load("estate.jsonl")
    graph = jotgraph.build(inventory)
    print(jotgraph.trace(graph, jotgraph.find(graph, "checkout")))
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jotgraph.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from jotgraph.analysis.provenance import commits_of as commits_of
    from jotgraph.analysis.usage import Options as Options
    from jotgraph.deploy import build_image as build_image
    from jotgraph.deploy import validate as validate
    from jotgraph.deploy.build import BuildOptions as BuildOptions
    from jotgraph.errors import JotgraphError as JotgraphError
    from jotgraph.graph import ResourceGraph as ResourceGraph
    from jotgraph.graph import build as build
    from jotgraph.links import Evidence as Evidence
    from jotgraph.links import Grade as Grade
    from jotgraph.links import Link as Link
    from jotgraph.links import Relation as Relation
    from jotgraph.links import infer as infer
    from jotgraph.policy_check import check as check
    from jotgraph.policy_check import read_policy as read_policy
    from jotgraph.queries.answers.deployment import Deployment as Deployment
    from jotgraph.queries.costs import costs as costs
    from jotgraph.queries.deployment import deployment as deployment
    from jotgraph.queries.difference import difference as difference
    from jotgraph.queries.explain import show as show
    from jotgraph.queries.explain import why as why
    from jotgraph.queries.find import find as find
    from jotgraph.queries.impact import impact as impact
    from jotgraph.queries.jots import jots as jots
    from jotgraph.queries.lineage import trace as trace
    from jotgraph.queries.orphans import orphans as orphans
    from jotgraph.queries.staleness import staleness as staleness
    from jotgraph.queries.summary import summary as summary
    from jotgraph.queries.where import where as where
    from jotgraph.records import Convention
    from jotgraph.records import Gap as Gap
    from jotgraph.records import Inventory as Inventory
    from jotgraph.records import Kind as Kind
    from jotgraph.records import ResourceId as ResourceId
    from jotgraph.records import Scope as Scope
    from jotgraph.sources import Progress as Progress
    from jotgraph.sources import SoFar as SoFar
    from jotgraph.sources.consumers import Consumer
    from jotgraph.store import load as load
    from jotgraph.store import save as save
    from jotgraph.views import draw as draw

_HOMES = {
    "BuildOptions": "jotgraph.deploy.build",
    "build_image": "jotgraph.deploy",
    "validate": "jotgraph.deploy",
    "Deployment": "jotgraph.queries.answers.deployment",
    "Options": "jotgraph.analysis.usage",
    "check": "jotgraph.policy_check",
    "costs": "jotgraph.queries.costs",
    "deployment": "jotgraph.queries.deployment",
    "difference": "jotgraph.queries.difference",
    "impact": "jotgraph.queries.impact",
    "orphans": "jotgraph.queries.orphans",
    "read_policy": "jotgraph.policy_check",
    "staleness": "jotgraph.queries.staleness",
    "summary": "jotgraph.queries.summary",
    "where": "jotgraph.queries.where",
    "Evidence": "jotgraph.links",
    "Gap": "jotgraph.records",
    "Grade": "jotgraph.links",
    "Inventory": "jotgraph.records",
    "JotgraphError": "jotgraph.errors",
    "Kind": "jotgraph.records",
    "Link": "jotgraph.links",
    "Relation": "jotgraph.links",
    "ResourceGraph": "jotgraph.graph",
    "ResourceId": "jotgraph.records",
    "Scope": "jotgraph.records",
    "build": "jotgraph.graph",
    "commits_of": "jotgraph.analysis.provenance",
    "Progress": "jotgraph.sources",
    "SoFar": "jotgraph.sources",
    "draw": "jotgraph.views",
    "find": "jotgraph.queries.find",
    "infer": "jotgraph.links",
    "jots": "jotgraph.queries.jots",
    "load": "jotgraph.store",
    "save": "jotgraph.store",
    "show": "jotgraph.queries.explain",
    "trace": "jotgraph.queries.lineage",
    "why": "jotgraph.queries.explain",
}

__all__ = ["__version__", *sorted([*_HOMES, "scan"])]


def scan(
    *,
    git: Iterable[str] = (),
    docker: bool = True,
    aws: bool = True,
    profiles: Iterable[str] = (),
    regions: Iterable[str] = (),
    accounts: str = "",
    role_arns: Iterable[str] = (),
    external_id: str = "",
    content: bool = False,
    quick: bool = False,
    refresh: bool = True,
    details: bool = True,
    days: int = 0,
    used_by: Iterable[str] = (),
    labels: str = "running",
    vulnerabilities: bool = False,
    inspector: bool = False,
    consumers: Iterable[Consumer] = (),
    logs: bool = False,
    evidence: Iterable[Convention] = (),
    previous: Inventory | None = None,
    unfinished: Path | None = None,
    progress: Progress | None = None,
    so_far: SoFar | None = None,
) -> Inventory:
    """Scan git repositories, the Docker engine and AWS, and return an inventory.

    Where to look:

    - ``git``: paths of repositories. ``docker``, ``aws``: whether to read these at all.
    - ``profiles``, ``regions``: profiles of the AWS configuration, and regions (``all``: every
      enabled one).
    - ``accounts``: a file that lists accounts, or ``organization``. Each is read with the role in
      ``role_arns``, which may contain ``{account}``; ``external_id`` is passed along.
    - ``used_by``: files that list what is used elsewhere (``FILE``, ``CLUSTER=FILE``, ``-``).
    - ``consumers``: further services that run images. ``evidence``: labels, tags and variables in
      which a team's builds record revisions.

    What to read:

    - ``content``: compare the files in images and zip packages with commits.
    - ``quick``: make no call for a single function. ``details=False``: return the listings alone.
    - ``days``: read this many days of invocations; 0 for none.
    - ``labels="all"``: read manifests and labels also of images that nothing runs. ECR records
      that as pulls, unless the scanning role is excluded from them.
    - ``vulnerabilities``: call ECR for each running image whose scan the listing does not contain.
      ``inspector``: ask Inspector which images ECS and EKS use. ``logs``: list the log groups of
      functions.
    - ``previous`` with ``refresh=False``: make no calls for functions unchanged since that
      inventory; their states are then unknown.

    How to go on: ``unfinished`` is a folder for partial results, from which an interrupted scan
    resumes. ``so_far`` is called with an inventory as soon as the listings are read, in which
    missing details are gaps with the reason ``not-yet``, and again when the scan is interrupted.
    ``progress`` is called with what is being read.

    What cannot be read becomes a gap of the inventory. Raises SourceError for a ``used_by`` file
    that cannot be used and when the accounts or regions cannot be listed; OptionError for an
    unknown profile, for accounts and roles that do not fit together, and when AWS is to be read
    and no region is known.
    """
    from jotgraph.clients import connect  # noqa: PLC0415 -- only a scan needs clients
    from jotgraph.sources import ScanOptions, collect  # noqa: PLC0415 -- as above
    from jotgraph.sources.accounts import (  # noqa: PLC0415 -- as above
        AccountChoice,
        in_every_account,
    )
    from jotgraph.sources.aws.everywhere import in_every_region  # noqa: PLC0415 -- as above
    from jotgraph.sources.used_by import read_all  # noqa: PLC0415 -- as above

    files = read_all(used_by, datetime.now(UTC))
    clients = connect(git=git, use_docker=docker, use_aws=aws, profiles=profiles, regions=regions)
    choice = AccountChoice(accounts, tuple(role_arns), external_id)
    clients = in_every_region(in_every_account(clients, choice), quick=quick)
    options = ScanOptions(
        quick=quick,
        refresh=refresh,
        details=details,
        usage_days=days,
        used_by=files,
        all_labels=labels == "all",
        vulnerabilities=vulnerabilities,
        inspector=inspector,
        consumers=tuple(consumers),
        logs=logs,
        evidence=tuple(evidence),
        unfinished=unfinished,
    )
    if not content:
        return collect(options, clients, previous, progress, so_far)
    from jotgraph.content.inventory import with_content  # noqa: PLC0415 -- only with content
    from jotgraph.content.unread import not_yet  # noqa: PLC0415 -- as above

    early = None if so_far is None else lambda read: so_far(not_yet(read))
    inventory = collect(options, clients, previous, progress, early)
    return with_content(inventory, clients, progress=progress)


def __getattr__(name: str) -> object:
    """Import a public name when it is first used. Raises AttributeError for any other."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return list(__all__)
