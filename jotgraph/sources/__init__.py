"""Reads everything that the clients reach into one inventory.

A failed read never raises and never empties a list quietly: it becomes a gap.

Calls of AWS, with N functions, V published versions, A functions that have published versions,
E triggers, R repositories of M_r images, X_r indexes and C_r children of indexes, K roles::

    quick   1 STS a session
          + max(1, ceil((N+V)/50)) ListFunctions + A ListAliases
          + max(1, ceil(E/100)) ListEventSourceMappings
         + max(1, ceil(P/50)) ListCapacityProviders, P of them
          + 1 GetFunction for each function that runs on one
          + max(1, ceil(R/1000)) DescribeRepositories
          + sum over r of max(1, ceil(M_r/1000)) DescribeImages
          + sum over r of ceil(X_r/100) + ceil(C_r/100) BatchGetImage
          + max(1, ceil(K/1000)) GetAccountAuthorizationDetails an account
          + workloads, below
    accounts  by --accounts: 1 AssumeRole and 1 STS each, and 1 DescribeRegions for the caller's
          own and each other, which a full scan makes anyway; of an organization of O accounts
          max(1, ceil(O/20)) ListAccounts
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
             + images + [versions]; bedrock-agentcore p(n,100) + 2 n + [versions]

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

from jotgraph.clients import Clients
from jotgraph.records import Inventory
from jotgraph.sources.aws.calls import Progress
from jotgraph.sources.options import ScanOptions
from jotgraph.sources.scan import SoFar, open_scan
from jotgraph.sources.scope import NOT_SCANNED

__all__ = ["NOT_SCANNED", "Progress", "ScanOptions", "SoFar", "collect"]


def collect(
    options: ScanOptions,
    clients: Clients,
    previous: Inventory | None = None,
    progress: Progress | None = None,
    so_far: SoFar | None = None,
) -> Inventory:
    """Scan everything that the clients reach, and return the inventory.

    ``previous`` is an earlier inventory: it supplies what never changes about known revisions, and
    what it read within the last hour if it was interrupted. ``progress`` is called with ``(what,
    done, total or None)``, one call at a time, from several threads. ``so_far`` is called with what
    the listings contain as soon as they are read, unless that is everything; then from time to time
    with what was added; and, when the scan is interrupted, with everything read so far.
    """
    with open_scan(options, clients, previous, _one_at_a_time(progress)) as scan:
        first = scan.first() if so_far else None
        if so_far is None or first is None or not any(gap.pending for gap in first.gaps):
            return scan.whole()
        try:
            so_far(first)
            return scan.whole(so_far)
        except KeyboardInterrupt:
            so_far(scan.so_far())
            raise


def _one_at_a_time(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    lock = threading.Lock()

    def tell(what: str, done: int, total: int | None) -> None:
        with lock:
            progress(what, done, total)

    return tell
