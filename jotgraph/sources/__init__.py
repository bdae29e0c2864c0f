"""The world in, one inventory out: ``collect`` reads everything its clients reach.

A failed read never raises and never empties a list quietly: it becomes a gap.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from jotgraph.clients import Clients
from jotgraph.records import Gap, Inventory, Record, Scope
from jotgraph.sources.aws import Listings, read_function_details, read_listings, workplace
from jotgraph.sources.calls import Progress, fold
from jotgraph.sources.environment import machine_key
from jotgraph.sources.functions import FunctionRead
from jotgraph.sources.options import ScanOptions

__all__ = ["NOT_SCANNED", "Progress", "ScanOptions", "collect"]

R = TypeVar("R", bound=Record)

NOT_SCANNED = (
    "apprunner", "batch", "bedrock-agentcore", "codebuild", "ec2", "ecs", "eks",
    "elasticbeanstalk", "emr-serverless", "events", "gamelift", "glue", "imagebuilder",
    "lightsail", "omics", "sagemaker", "scheduler", "stepfunctions",
)  # fmt: skip
"""Services that take images or roles and are not read (from botocore's service models)."""


def collect(
    options: ScanOptions,
    clients: Clients,
    previous: Inventory | None = None,
    progress: Progress | None = None,
) -> Inventory:
    """Read the world. ``previous`` is an earlier inventory: what it knows of unchanged function
    revisions is not asked again. ``progress`` is told ``(what, done, total or None)``, one call at
    a time, from several threads.

    Calls of AWS, with N functions, V published versions, A functions that have published versions,
    E triggers, R repositories of M_r images, X_r indexes and C_r children of indexes, K roles::

        quick   1 STS a session
              + max(1, ceil((N+V)/50)) ListFunctions + A ListAliases
              + max(1, ceil(E/100)) ListEventSourceMappings
              + max(1, ceil(R/1000)) DescribeRepositories
              + sum over r of max(1, ceil(M_r/1000)) DescribeImages
              + sum over r of ceil(X_r/100) + ceil(C_r/100) BatchGetImage
              + max(1, ceil(K/1000)) GetAccountAuthorizationDetails
        full    quick
              + 2 R policies and lifecycles + max(1, ceil(T/100)) GetResources, T of R with tags
              + 2 DescribeRegistry and DescribePullThroughCacheRules
              + 1 GetFunction for each image function, each version an alias routes to, and each
                version whose digest is in none or several repositories, if its revision is new
    """
    taken_at = datetime.now(UTC)
    key = options.env_key or machine_key()
    with workplace(clients.aws, _one_at_a_time(progress)) as work:
        listings = read_listings(clients.aws, options, key, work)
        functions = read_function_details(listings, options, previous, key, work)
    return Inventory(
        taken_at=taken_at,
        scope=_scope(options, listings),
        gaps=_gaps(clients, listings, functions),
        registries=tuple(sorted(listings.registries, key=lambda r: (r.account, r.region))),
        ecr_repositories=by_id(listings.repositories),
        ecr_images=by_id(listings.images),
        functions=by_id(f for read in functions for f in read.functions),
        versions=by_id(v for read in functions for v in read.versions),
        aliases=by_id(a for read in functions for a in read.aliases),
        triggers=by_id(t for read in functions for t in read.triggers),
        roles=by_id(listings.roles),
    )


def by_id(records: Iterable[R]) -> tuple[R, ...]:
    """Sort by id and drop doubles: of two records with one id the first is kept."""
    kept: dict[str, R] = {}
    for record in records:
        kept.setdefault(record.id, record)
    return tuple(kept[key] for key in sorted(kept))


def _one_at_a_time(progress: Progress | None) -> Progress:
    if progress is None:
        return lambda what, done, total: None
    lock = threading.Lock()

    def tell(what: str, done: int, total: int | None) -> None:
        with lock:
            progress(what, done, total)

    return tell


def _scope(options: ScanOptions, listings: Listings) -> Scope:
    return Scope(
        accounts=listings.accounts,
        places=tuple((place.account, place.region) for place in listings.places),
        quick=options.quick,
        window_days=options.usage_days,
        not_scanned=NOT_SCANNED,
    )


def _gaps(
    clients: Clients, listings: Listings, functions: tuple[FunctionRead, ...]
) -> tuple[Gap, ...]:
    return fold((*clients.gaps, *listings.gaps, *(gap for read in functions for gap in read.gaps)))
