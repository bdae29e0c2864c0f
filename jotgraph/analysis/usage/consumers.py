"""Doubts that a service beside Lambda uses an image or role without having been read.

ECS, Kubernetes, Batch and others pull from any region and from any account that allows it, so a
service counts as silent only if it was read in every enabled region of an account.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from jotgraph.analysis.coverage import by_service
from jotgraph.analysis.usage.gaps import days
from jotgraph.analysis.usage.index import GraphIndex, index_of
from jotgraph.analysis.usage.model import Doubt, Options, code_of
from jotgraph.graph import ResourceGraph, about, edges, remembered
from jotgraph.links import Relation
from jotgraph.links.index import group
from jotgraph.records import (
    Coverage,
    Pairs,
    Place,
    ResourceId,
    UsedByFile,
    Workload,
    WorkloadState,
    name_of,
)
from jotgraph.records.kinds import CONSUMERS, SERVICES
from jotgraph.records.phrases import age

CONSUMER_TAG = "jotgraph:consumers"
"""Tag of a repository that lists every service which runs its images: ``lambda ecs``. Whoever may
set the tag vouches for it; services that it omits need not be read."""

TRUSTED: Mapping[str, tuple[str, ...]] = {
    "ecs-tasks.amazonaws.com": ("ecs", "batch"),
    "codebuild.amazonaws.com": ("codebuild",),
    "tasks.apprunner.amazonaws.com": ("apprunner",),
    "build.apprunner.amazonaws.com": ("apprunner",),
}
"""Principal of a trust policy -> the services through which it assumes roles, all of which are
read. SageMaker, EMR and GameLift are not among them: their jobs and fleets take roles that no call
here lists."""

USED_BY_DAYS = 1.0
"""A list of a cluster's pods is trusted for a day: it lacks pods that were started since."""
_PLACES_SHOWN = 2


class Unread(NamedTuple):
    """One service that was not read completely in some places of one account."""

    service: str
    places: tuple[Place, ...]
    because: str
    gap: str = ""
    """For a service that a plugin reads, the gap's name: its doubt has no code of its own."""


class _Known(NamedTuple):
    """The services in a scope, indexed once for all accounts."""

    coverage: Mapping[tuple[Place, str], Coverage]
    others: tuple[str, ...]
    """Services that plugins read."""
    enabled: Mapping[str, tuple[Place, ...]]
    """Services by account, as in ``read``."""
    read: Mapping[str, tuple[Place, ...]]


@remembered
def _known_of(graph: ResourceGraph) -> _Known:
    scope = about(graph).scope
    services = {coverage.service for coverage in scope.coverage}
    return _Known(
        coverage=by_service(scope),
        others=tuple(sorted(services - {"lambda", *CONSUMERS})),
        enabled=group((account, Place(account, region)) for account, region in scope.enabled),
        read=group((account, Place(account, region)) for account, region in scope.places),
    )


@remembered
def unread_services(graph: ResourceGraph, account: str) -> tuple[Unread, ...]:
    """Return the services that may run unread workloads of one account, by name."""
    coverage, others, enabled_by_account, read = _known_of(graph)
    enabled = enabled_by_account.get(account, ())
    places = sorted({*enabled, *read.get(account, ())})
    unread = []
    for service in (*CONSUMERS, *others):
        known = [place for place in places if service in CONSUMERS or (place, service) in coverage]
        states = [(place, coverage.get((place, service))) for place in known]
        lacking = [(place, state) for place, state in states if state is None or not state.whole]
        if lacking:
            where = tuple(place for place, _ in lacking)
            because = _because(state for _, state in lacking)
            gap = "" if service in CONSUMERS else _gap_of(graph, service)
            unread.append(Unread(service, where, because, gap))
        elif not enabled and service in CONSUMERS:
            unread.append(Unread(service, (), f"which regions {account} has enabled was not read"))
    return tuple(unread)


def _gap_of(graph: ResourceGraph, service: str) -> str:
    """The name of the gap that a service left."""
    names = (gap.name for gap in about(graph).gaps if gap.service == service)
    return next(names, f"{service}:*")


def _because(coverages: Iterable[Coverage | None]) -> str:
    for coverage in coverages:
        if coverage is not None:
            return coverage.because or coverage.state.value
    return "not asked"


def image_consumers(
    index: GraphIndex, account: str, tags: Pairs | None, options: Options
) -> list[Doubt]:
    """Return doubts that a service runs an image unread, in the owner's or another account."""
    named = _named_consumers(dict(tags or ()).get(CONSUMER_TAG, ""))
    wanted = named - set(options.assume_no)
    doubts = [
        doubt
        for unread, doubt in _services_unread(index.graph, account)
        if unread.service in wanted or (unread.gap and named == set(CONSUMERS))
    ]
    return [*doubts, *(_clusters(index.graph) if "eks" in wanted else ())]


@remembered
def _services_unread(graph: ResourceGraph, account: str) -> tuple[tuple[Unread, Doubt], ...]:
    """The services of an account, and of all others read, that may run unread workloads."""
    return tuple(
        (unread, _doubt(unread, reader))
        for reader in sorted({account, *about(graph).scope.accounts})
        for unread in unread_services(graph, reader)
    )


def _named_consumers(text: str) -> set[str]:
    """The services in a repository's tag; all services when the tag has an unknown word. A mistyped
    ``ecs`` vouches for nothing. AWS does not allow commas in most tags, so blanks separate."""
    named = {word for word in re.split(r"[\s,/:+]+", text.lower()) if word}
    return named if named and named <= set(SERVICES) else set(CONSUMERS)


def _doubt(unread: Unread, account: str) -> Doubt:
    shown = ", ".join(f"{place.account}/{place.region}" for place in unread.places[:_PLACES_SHOWN])
    more = len(unread.places) - _PLACES_SHOWN
    where = f"{shown} and {more} more" if more > 0 else shown or f"account {account}"
    code = "gap" if unread.gap else code_of(unread.service)
    return Doubt(code, f"{unread.service} of {where} was not read ({unread.because})", unread.gap)


@remembered
def _clusters(graph: ResourceGraph) -> tuple[Doubt, ...]:
    """Doubts about pods: AWS lists clusters, not what runs in them (EKS API Reference)."""
    clusters = [workload for workload in index_of(graph).workloads if workload.is_cluster]
    files = about(graph).scope.used_by
    unread = [
        Doubt(
            "cluster-unread",
            f"the pods of EKS cluster {cluster.name} in {cluster.account}/{cluster.region} "
            f"were not read ({_how_to_tell(cluster, clusters, files)})",
        )
        for cluster in clusters
        if not _listed(cluster, clusters, files)
    ]
    return (*unread, *_of_one_namespace(files), *_old(files, about(graph).taken_at))


def _listed(
    cluster: Workload, clusters: Collection[Workload], files: Collection[UsedByFile]
) -> bool:
    """Whether a file lists the pods of a cluster. It names the cluster by ARN or by a unique name,
    or there is exactly one file and one cluster."""
    pods = [file for file in files if file.pods]
    alone = len(clusters) == len(pods) == 1 and not pods[0].cluster
    names = {cluster.arn} if _namesakes(cluster, clusters) else {cluster.arn, cluster.name}
    return alone or any(file.cluster in names for file in pods if file.cluster)


def _namesakes(cluster: Workload, clusters: Collection[Workload]) -> bool:
    """Whether another account or region has a cluster of the same name."""
    return any(other.name == cluster.name and other.id != cluster.id for other in clusters)


def _how_to_tell(
    cluster: Workload, clusters: Collection[Workload], files: Collection[UsedByFile]
) -> str:
    if any(file.cluster == cluster.name for file in files) and _namesakes(cluster, clusters):
        return f"several clusters are named {cluster.name}: --used-by {cluster.arn}=FILE"
    return "pass the list of kubectl by --used-by"


def _of_one_namespace(files: Iterable[UsedByFile]) -> list[Doubt]:
    """Doubts about clusters whose listed pods are all of one namespace. Every EKS cluster runs pods
    in kube-system, so such a list is hardly complete (``kubectl -n``)."""
    namespaces: dict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    for file in sorted(files):
        if file.pods:
            names.setdefault(file.cluster, file.name)
            namespaces[file.cluster].add(file.namespace)
    return [
        Doubt(
            "used-by-namespace",
            f"{names[cluster]} lists pods of namespace {next(iter(listed))} only: what runs in "
            "other namespaces is missing (kubectl get pods -A lists all)",
        )
        for cluster, listed in namespaces.items()
        if len(listed) == 1 and listed != {""}
    ]


def _old(files: Iterable[UsedByFile], now: datetime) -> list[Doubt]:
    return [
        Doubt(
            "used-by-old", f"{file.name} was written {age(since)}: what started since is not in it"
        )
        for file in sorted(files)
        if (since := days(now, file.read_at)) is not None and since > USED_BY_DAYS
    ]


def pulled_window(index: GraphIndex, account: str, options: Options) -> float:
    """Return for how many days a pull keeps an image in doubt. The longer window applies where a
    service was not read, because a pull may then be the only sign of it."""
    if (
        index.about.scope.unread_accounts
        or _services_unread(index.graph, account)
        or _clusters(index.graph)
    ):
        return max(options.pulled_days, options.pulled_days_elsewhere)
    return options.pulled_days


def may_run(index: GraphIndex) -> dict[ResourceId, Doubt]:
    """Return doubts about images that an older revision, or a model without endpoint, names:
    anybody may start it."""
    return {image: starts(workloads[0]) for image, workloads in sorted(starters(index).items())}


def starts(workload: ResourceId) -> Doubt:
    """Return the doubt about an image that a workload runs when started."""
    return Doubt("may-run", f"{name_of(workload)} would run it if started")


def starters(index: GraphIndex) -> dict[ResourceId, tuple[ResourceId, ...]]:
    """Return the workloads that run each image when started, sorted. For a repository, those that
    name any image of it, existing or not."""
    users: dict[ResourceId, set[ResourceId]] = defaultdict(set)
    for source, target, _ in edges(index.graph, Relation.MAY_RUN):
        users[target].add(source)
    for workload in index.workloads:
        if workload.state is WorkloadState.ACTIVE:
            named = index.named
            for target in (*named.images_of(workload), *named.repositories_of(workload)):
                users[target].add(workload.id)
    return {image: tuple(sorted(workloads)) for image, workloads in users.items()}


def unmatched_id(index: GraphIndex) -> Doubt | None:
    """Return a doubt about images of unknown configuration, where a Kubernetes node names its image
    by a configuration digest that no image read has."""
    named = {
        used.image: workload
        for workload in index.workloads
        for used in workload.images
        if used.image.startswith("sha256:")
    }
    if not named:
        return None
    known = {digest for image in index.ecr for digest in (image.digest, image.config_digest)}
    for digest, workload in sorted(named.items()):
        if digest not in known:
            statement = f"{name_of(workload.id)} runs the image id {digest}: it may be this"
            return Doubt("runs-unread", statement, "image-id-unread")
    return None


def role_consumers(
    index: GraphIndex, account: str, principals: Iterable[str], options: Options
) -> Iterator[Doubt]:
    """Return doubts that a service in a role's trust policy assumes the role unread. For a
    principal that is not in the table, every service counts."""
    needed: set[str] = set()
    for name in principals:
        needed.update(TRUSTED.get(name, CONSUMERS))
    for unread in unread_services(index.graph, account):
        anything = unread.gap and needed == set(CONSUMERS)
        if anything or unread.service in needed - set(options.assume_no):
            yield _doubt(unread, account)
