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
    """Read git repositories by path, the Docker engine, and AWS by profile and region (``all``:
    every enabled one).

    ``accounts`` is a file of accounts, or ``organization``; each is read by the role of it that
    ``role_arns`` names, a pattern with ``{account}``, and ``external_id`` is sent with it.
    ``content`` compares the files in images and zip packages with the commits. ``quick`` leaves
    out what asks a call for each function; ``days`` of invocations are read, 0 for none. What
    cannot be read is a gap of the inventory. With ``refresh=False``, ``previous`` spares calls for
    unchanged functions, whose states are then not read.
    ``used_by`` are files that say what is used elsewhere (``FILE``, ``CLUSTER=FILE``, ``-``).
    ``labels="all"`` reads manifests and labels of images that nothing runs, too, which ECR records
    as pulls unless the scanning role is excluded from them.
    ``vulnerabilities`` asks a call for each image that runs and whose scan no listing tells;
    ``inspector`` asks Inspector which images ECS and EKS use; ``logs`` lists the log groups of
    functions. ``so_far`` is told, as soon as the listings are read, what can be said without the
    details, whose gaps have the reason ``not-yet``, and what there is when the scan is interrupted;
    with ``details=False`` that is the answer. ``consumers`` are read beside the services that are
    known; ``evidence`` names labels, tags and variables that hold revisions. ``unfinished`` is a
    folder in which what was read is kept: a scan that was interrupted goes on from what is there.
    Raises SourceError for such a file that cannot be used, and OptionError for a profile that does
    not exist, when AWS is to be read and no region is known, or for accounts and roles that do not
    fit together; SourceError when nobody may say which accounts or regions there are.
    """
    from jotgraph.clients import connect  # noqa: PLC0415 -- only a scan needs clients
    from jotgraph.sources import ScanOptions, collect  # noqa: PLC0415 -- as above
    from jotgraph.sources.accounts import (  # noqa: PLC0415 -- as above
        AccountChoice,
        in_every_account,
    )
    from jotgraph.sources.aws.everywhere import in_every_region  # noqa: PLC0415 -- as above
    from jotgraph.sources.used_by import read_all  # noqa: PLC0415 -- as above

    told = read_all(used_by, datetime.now(UTC))
    clients = connect(git=git, use_docker=docker, use_aws=aws, profiles=profiles, regions=regions)
    choice = AccountChoice(accounts, tuple(role_arns), external_id)
    clients = in_every_region(in_every_account(clients, choice), quick=quick)
    options = ScanOptions(
        quick=quick,
        refresh=refresh,
        details=details,
        usage_days=days,
        used_by=told,
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
    found = collect(options, clients, previous, progress, early)

    return with_content(found, clients, progress=progress)


def __getattr__(name: str) -> object:
    """Import a public name from its home. Raises AttributeError for any other."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return list(__all__)
