"""Reads everything that the clients reach into one inventory.

A failed read never raises and never empties a list quietly: it becomes a gap.

Calls of AWS, with N functions, V published versions, A functions that have published versions,
E triggers, R repositories of M_r images, X_r indexes and C_r children of indexes, K roles::

    quick   1 STS a session
          + max(1, ceil((N+V)/50)) ListFunctions + A ListAliases
          + max(1, ceil(E/100)) ListEventSourceMappings
         + max(1, ceil(P/50)) ListCapacityProviders, P of them
          + max(1, ceil(R/1000)) DescribeRepositories
          + sum over r of max(1, ceil(M_r/1000)) DescribeImages
          + sum over r of ceil(X_r/100) + ceil(C_r/100) BatchGetImage
          + max(1, ceil(K/1000)) GetAccountAuthorizationDetails an account
          + workloads, below
    full    quick
          + 2 R policies and lifecycles + max(1, ceil(T/100)) GetResources, T of R with tags
          + 4 DescribeRegistry, GetRegistryPolicy, DescribePullThroughCacheRules and
            ListPullTimeUpdateExclusions + 1 DescribeRegions an account
          + max(1, ceil(G/100)) GetResources where there are functions, G of N with tags
          + 1 ListTags for each trigger that is disabled
          + 1 GetFunction for each image function, each version an alias routes to, and each
            version whose digest is in none or several repositories, unless an earlier
            scan saw its revision and ``refresh`` is off

An image in question for a local one adds to X_r; with a git repository, an image that runs and
matches no local image adds to X_r and 1 GetDownloadUrlForLayer; each attestation attached to an
image (and each signature of one that runs) adds to X_r, and each statement 1 more. What a
digest says is cached for ever, so a second scan makes none of these. Who may not call
GetResources calls ListTagsForResource for each repository, ListTags for each zip function, and
ListTags once when no image function shows a tag. ``--usage`` adds 1
ListAliases for each function without a published version, 1 GetPolicy for each function, alias
and version, 1 ListFunctionUrlConfigs for each function, 1
ListProvisionedConcurrencyConfigs for each with a version or an alias, and 1 GetMetricData for 500
series.

Workloads, in each place where a service is offered; p(n, s) is max(1, ceil(n/s)), and what is
in [brackets] is kept for ever. With C clusters of T_c running tasks, S_c services (X of them
Express) and D_c daemons, V current revisions of services and W of daemons, F active task
definitions and G others that something runs::

    ecs      p(C,100) ListClusters + sum over c of p(T_c,100) ListTasks + ceil(T_c/100)
             DescribeTasks + p(S_c,100) ListServices + ceil(S_c/10) DescribeServices
             + p(D_c,100) ListDaemons + D_c DescribeDaemon + X DescribeExpressGatewayService
             + p(F,100) ListTaskDefinitions + [F + G] DescribeTaskDefinition
             + [ceil(V/20)] DescribeServiceRevisions + [ceil(W/20)] DescribeDaemonRevisions
             + [W] DescribeDaemonTaskDefinition
    others   for n of each: batch p(n,100); codebuild p(n,100) + ceil(n/100); apprunner
             p(n,20) + n; emr-serverless p(n,50) + n; eks p(n,100) + n; gamelift p(n,100)
             + n; sagemaker p(models,100) + [models] + p(endpoints,100) + endpoints
             + p(components,100), if there is an endpoint, + components + p(images,100)
             + images + [versions]; bedrock-agentcore p(n,100) + n + [versions]

``inspector`` adds 1 BatchGetAccountStatus and p(images,200) ListCoverage, where Inspector is.
``logs`` adds max(1, ceil(L/50)) DescribeLogGroups of L groups that Lambda named, 1 for each other
that a function names, and max(1, ceil(T/100)) GetResources, T of them with tags.
``vulnerabilities`` adds 1 DescribeImageScanFindings for each image that runs (of an index that
runs for each that it lists) and whose scan no listing counted, once a digest.

Of each region that is enabled and not read, a full scan makes 1 ListFunctions, 1
ListCapacityProviders and the first call of each listing, 12 where every service is offered, to
know whether anything is there.

The least is 12 calls, where there is nothing. ``quick`` describes the newest revision of each
family alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from jotgraph.clients import Clients
from jotgraph.records import (
    Coverage,
    EcrImage,
    Function,
    Gap,
    Inventory,
    LocalImage,
    Scope,
    Version,
    Workload,
)
from jotgraph.sources.aws.calls import Progress, RegionClient
from jotgraph.sources.aws.inspector import (
    InspectorRead,
    read_inspector,
    users_counted,
    with_last_use,
)
from jotgraph.sources.aws.log_groups import LogGroupRead, read_log_groups
from jotgraph.sources.aws.places import Threads, open_threads, places_of, safely
from jotgraph.sources.aws.probes import probe_regions
from jotgraph.sources.aws.stages import (
    Listings,
    read_function_callers,
    read_function_details,
    read_image_details,
    read_listings,
)
from jotgraph.sources.aws.workload_stage import coverage_of_lambda, start_workloads
from jotgraph.sources.environment import Commits, known_revisions, machine_key
from jotgraph.sources.functions.listing import FunctionRead
from jotgraph.sources.git.folder_trees import with_trees
from jotgraph.sources.local import LocalRead, read_local
from jotgraph.sources.merge import by_id, fold
from jotgraph.sources.options import ScanOptions
from jotgraph.store.evidence import read_tests

__all__ = ["NOT_SCANNED", "Progress", "ScanOptions", "collect"]

NOT_SCANNED = (
    "braket", "cleanroomsml", "ec2", "eks-pods", "elasticbeanstalk", "emr-containers",
    "events", "glue", "greengrass", "imagebuilder", "lambda-core", "lightsail", "omics",
    "sagemaker-jobs", "scheduler", "stepfunctions",
)  # fmt: skip
"""What takes images or roles and is not read (from botocore's service models): services, the pods
of clusters, and jobs and pipelines of SageMaker, which name their image when they start."""


C = TypeVar("C", Function, Version, LocalImage)


def collect(
    options: ScanOptions,
    clients: Clients,
    previous: Inventory | None = None,
    progress: Progress | None = None,
) -> Inventory:
    """Scan everything. ``previous`` is an earlier inventory: the image URIs that it knows of
    unchanged revisions are not asked again.
    ``progress`` is told ``(what, done, total or None)``, one call at a time, from several threads.
    """
    taken_at = datetime.now(UTC)
    tell = _one_at_a_time(progress)
    with open_threads(clients.aws, tell) as threads:
        names = options.revision_names
        reading_local = threads.local.submit(read_local, clients, tell, names)
        aws = _read_aws(options, clients, previous, reading_local, taken_at, threads)
        local = reading_local.result()
    tested = read_tests()
    functions = (function for read in aws.functions for function in read.functions)
    versions = (version for read in aws.functions for version in read.versions)
    inventory = Inventory(
        taken_at=taken_at,
        scope=_scope(options, aws, local),
        gaps=fold((*clients.gaps, *local.gaps, *aws.gaps, *tested.gaps)),
        git=local.git,
        registries=tuple(sorted(aws.listings.registries, key=lambda registry: registry.place)),
        commits=by_id(local.commits),
        local_images=by_id(_without_secrets(local.engine.images, options, local)),
        containers=by_id(local.engine.containers),
        ecr_repositories=by_id(aws.listings.repositories),
        ecr_images=aws.images,
        functions=by_id(_without_secrets(functions, options, local)),
        versions=by_id(_without_secrets(versions, options, local)),
        aliases=by_id(alias for read in aws.functions for alias in read.aliases),
        triggers=by_id(trigger for read in aws.functions for trigger in read.triggers),
        workloads=aws.workloads,
        roles=by_id(aws.listings.roles),
        log_groups=by_id(group for read in aws.logs for group in read.groups),
        tests=tested.tests,
    )
    return with_trees(inventory)


def _without_secrets(records: Iterable[C], options: ScanOptions, local: LocalRead) -> Iterator[C]:
    """The records, of variables that the team names with those alone that are commits."""
    names = options.revision_names
    commits = Commits(local.commits if names else ())
    for record in records:
        env = known_revisions(record.env, names, commits)
        yield record if env == record.env else msgspec.structs.replace(record, env=env)


@dataclass(frozen=True)
class _AwsRead:
    """What all sessions reach."""

    listings: Listings
    functions: tuple[FunctionRead, ...]
    """One for each place, in order."""
    workloads: tuple[Workload, ...]
    images: tuple[EcrImage, ...]
    coverage: tuple[Coverage, ...]
    logs: tuple[LogGroupRead, ...]
    gaps: tuple[Gap, ...]


def _read_aws(
    options: ScanOptions,
    clients: Clients,
    previous: Inventory | None,
    local: Future[LocalRead],
    now: datetime,
    threads: Threads,
) -> _AwsRead:
    key = options.env_key or machine_key()
    places, unknown = places_of(clients.aws, threads)
    places = tuple(replace(place, revision_names=options.revision_names) for place in places)
    asking = start_workloads(places, options, threads)
    listings = read_listings(places, options, key, threads)
    functions = read_function_details(listings, options, previous, key, threads)
    functions = read_function_callers(places, functions, options, now, threads)
    ran = asking.answers()
    probed, unprobed = probe_regions(places, listings.enabled, threads)
    from_files = (workload for read in options.used_by for workload in read.workloads)
    inspected = read_inspector(places, threads) if options.inspector else InspectorRead()
    providers = (provider for read in listings.functions for provider in read.providers)
    workloads = by_id((*ran.workloads, *from_files, *providers))
    counted = users_counted(inspected.covered, listings.images, workloads)
    workloads = by_id((*workloads, *counted))
    images, image_gaps = read_image_details(
        listings, functions, local.result(), workloads, options, key, threads
    )
    images = with_last_use(inspected.covered, images)
    logs = _read_logs(places, functions, threads) if options.logs else ()
    gaps = (*unknown, *listings.gaps, *ran.gaps, *unprobed, *inspected.gaps, *image_gaps)
    return _AwsRead(
        listings=listings,
        functions=functions,
        workloads=workloads,
        images=images,
        coverage=(*ran.coverage, *probed, *map(coverage_of_lambda, places, functions)),
        logs=logs,
        gaps=(*gaps, *(gap for read in functions for gap in read.gaps), *_gaps(logs)),
    )


def _gaps(logs: tuple[LogGroupRead, ...]) -> list[Gap]:
    return [gap for read in logs for gap in read.gaps]


def _read_logs(
    places: tuple[RegionClient, ...], functions: tuple[FunctionRead, ...], threads: Threads
) -> tuple[LogGroupRead, ...]:
    def read(place: RegionClient, found: FunctionRead) -> LogGroupRead:
        named: tuple[Function | Version, ...] = found.functions
        named += found.versions
        answer = safely("logs", place, lambda place: read_log_groups(place, named))
        return LogGroupRead(gaps=(answer,)) if isinstance(answer, Gap) else answer

    return tuple(threads.stages.map(read, places, functions))


def _one_at_a_time(progress: Progress | None) -> Progress:
    if progress is None:
        return lambda what, done, total: None
    lock = threading.Lock()

    def tell(what: str, done: int, total: int | None) -> None:
        with lock:
            progress(what, done, total)

    return tell


def _scope(options: ScanOptions, aws: _AwsRead, local: LocalRead) -> Scope:
    return Scope(
        accounts=aws.listings.accounts,
        places=tuple((place.account, place.region) for place in aws.listings.places),
        enabled=aws.listings.enabled,
        git=tuple(repository.key for repository in local.git),
        engine=local.engine.name,
        quick=options.quick,
        logs=options.logs,
        tests=True,
        window_days=options.usage_days,
        coverage=tuple(sorted(aws.coverage)),
        used_by=tuple(sorted(read.file for read in options.used_by)),
        evidence=tuple(sorted(options.evidence)),
        not_scanned=NOT_SCANNED,
    )
