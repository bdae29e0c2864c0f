"""The lineages of a resource, from commit to role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jotgraph.analysis.health import Code, Finding, findings, order
from jotgraph.analysis.lag.origin import Origin, origin
from jotgraph.analysis.provenance import Claims, copies
from jotgraph.analysis.provenance.carriers import images_started
from jotgraph.graph import (
    ResourceGraph,
    about,
    dependencies,
    dependents,
    evidence,
    has_edge,
    is_missing,
    record,
)
from jotgraph.links import Grade, Relation
from jotgraph.queries.answers.deployment import Deployment
from jotgraph.queries.answers.lineage import Path, PathLink, Trace
from jotgraph.queries.lineage.ends import images_of, runners_of
from jotgraph.records import Kind, ResourceId, commit_id, key_of, kind_of


def trace(
    graph: ResourceGraph,
    resource: ResourceId | Deployment,
    *,
    ref: str | None = None,
    all_versions: bool = False,
) -> Trace:
    """Return every lineage through a resource, sorted.

    From a commit, an image or a repository: what is made of it and what runs that. From a function:
    its ``$LATEST``, its newest version and those behind an alias (``all_versions``: every one).
    From a role: what assumes it. ``ref`` is as in ``jots``. Raises KeyError for an unknown id.
    """
    if isinstance(resource, Deployment):
        resource = resource.root
    record(graph, resource)
    runners, hidden = runners_of(graph, resource, all_versions)
    chains = {
        _path(graph, head, tail)
        for runner in runners
        for tail in _tails(graph, runner, resource)
        for head in _heads_of(graph, runner, resource, ref)
    }
    if not runners:
        images = images_of(graph, resource)
        heads = [_head(graph, image, resource, origin(graph, image, ref)) for image in images]
        tail = (resource,) if kind_of(resource) is Kind.CONTAINER else ()
        chains = {_path(graph, head, tail) for head in heads}
    if not chains:
        chains = {_path(graph, ((resource,), origin(graph, resource, ref)), ())}
    paths = tuple(sorted(chains, key=lambda path: path.ids))
    return Trace(about(graph), resource, paths, _findings(graph, resource, paths, ref), hidden)


def _findings(
    graph: ResourceGraph, resource: ResourceId, paths: Iterable[Path], ref: str | None
) -> tuple[Finding, ...]:
    """The findings of the requested resource, then those of everything else on the paths. Each is
    reported where its cause is: an image's not again for the function, a version's not again for
    the alias."""
    own = findings(graph, resource, ref)
    own_faults = {(finding.code, finding.about) for finding in own}
    on_paths = {resource for path in paths for resource in path.ids}
    others: list[Finding] = []
    for other in sorted(on_paths - {resource}):
        for finding in findings(graph, other, ref):
            is_repeated = (finding.code, finding.about) in own_faults or _inherited(
                graph, finding, ref
            )
            if not is_repeated and finding.code is not Code.ORPHAN:  # use is no part of a lineage
                others.append(finding)
    return (*own, *sorted(others, key=order))


def _inherited(graph: ResourceGraph, finding: Finding, ref: str | None) -> bool:
    """Whether the resource with the cause has the same finding."""
    if finding.about == finding.resource:
        return False
    same = (other.code is finding.code for other in findings(graph, finding.about, ref))
    return kind_of(finding.resource) is Kind.ALIAS or any(same)


Head = tuple[tuple[ResourceId, ...], Origin]


def _tails(
    graph: ResourceGraph, runner: ResourceId, focus: ResourceId
) -> Iterator[tuple[ResourceId, ...]]:
    """The chains after a function or version: an alias each, then the role."""
    function = dependencies(graph, runner, Relation.PART_OF)
    roles = dependencies(graph, runner, Relation.ASSUMES) or ((),)
    aliases: tuple[ResourceId | tuple[()], ...] = dependents(graph, runner, Relation.ROUTES_TO)
    if kind_of(focus) is Kind.ALIAS:
        aliases = (focus,)
    trigger = (focus,) if kind_of(focus) is Kind.TRIGGER else ()
    for alias in aliases or ((),):
        for role in roles:
            called = (alias,) if isinstance(alias, str) else ()
            last = (role,) if isinstance(role, str) else ()
            yield (*function, runner, *called, *trigger, *last)


def _heads_of(
    graph: ResourceGraph, runner: ResourceId, focus: ResourceId, ref: str | None
) -> list[Head]:
    """The chains before what a function or version runs."""
    images = dependencies(graph, runner, Relation.RUNS)
    if kind_of(runner) is Kind.WORKLOAD:
        images = images_started(graph, runner)
    through = set(images_of(graph, focus))
    chosen = [image for image in images if image in through] or images
    traced = origin(graph, runner, ref)
    return [_head(graph, image, focus, traced) for image in chosen] or [
        (_commit(graph, focus, traced), traced)
    ]


def _head(graph: ResourceGraph, image: ResourceId, focus: ResourceId, traced: Origin) -> Head:
    """Commit, local image, repository, index and image, as far as known."""
    commit = _commit(graph, focus, traced)
    if kind_of(image) is Kind.LOCAL_IMAGE:
        return (*commit, image), traced
    worth = copies(graph, image)
    local = sorted(
        (image for image in worth if kind_of(image) is Kind.LOCAL_IMAGE),
        key=lambda image: (is_missing(graph, image), -worth[image], image),
    )
    indexes = dependents(graph, image, Relation.CONTAINS)
    ids = (
        *commit,
        *(_one(focus, local, Kind.LOCAL_IMAGE) or ()),
        *dependencies(graph, image, Relation.STORED_IN),
        *(_one(focus, indexes, Kind.ECR_IMAGE) or ()),
        image,
    )
    return ids, traced


def _commit(graph: ResourceGraph, focus: ResourceId, traced: Origin) -> tuple[ResourceId, ...]:
    """The traced commit, else the one that represents all that it may be built from."""
    if kind_of(focus) is Kind.COMMIT:
        return (focus,)
    commit = commit_id(traced.commit)
    return (commit,) if traced.commit and commit in graph else ()


def _one(
    focus: ResourceId, choices: Iterable[ResourceId], kind: Kind
) -> tuple[ResourceId, ...] | None:
    """The traced resource if it is among the choices, else the first."""
    listed = list(choices)
    if kind_of(focus) is kind and focus in listed:
        return (focus,)
    return tuple(listed[:1]) or None


def _path(graph: ResourceGraph, head: Head, tail: tuple[ResourceId, ...]) -> Path:
    ids, traced = head
    claims, whole = traced.claims, (*ids, *tail)
    links = [
        _link(graph, source, target)
        for source in whole
        for target in whole
        if has_edge(graph, source, target)
    ]
    first = whole[0]
    if kind_of(first) is Kind.COMMIT and not any(link.target == first for link in links):
        links += _commit_link(claims, first)
    return Path(
        ids=whole,
        links=tuple(links),
        commits=claims.commits,
        count=claims.count,
        conflict=claims.reason if claims.conflict else "",
        bases=_bases(graph, whole),
        standing=traced.lag,
    )


def _bases(graph: ResourceGraph, path: tuple[ResourceId, ...]) -> tuple[ResourceId, ...]:
    """Base images of the images on a path; of those with equal layers the labelled one first."""
    worth_of: dict[ResourceId, tuple[Grade, int]] = {}
    for resource in path:
        if kind_of(resource) in (Kind.LOCAL_IMAGE, Kind.ECR_IMAGE):
            for base in dependencies(graph, resource, Relation.BASED_ON):
                pieces = evidence(graph, resource, base, Relation.BASED_ON)
                worth = max(piece.grade for piece in pieces), len(pieces)
                worth_of[base] = max(worth, worth_of.get(base, worth))
    return tuple(sorted(worth_of, key=lambda base: (-worth_of[base][0], -worth_of[base][1], base)))


def _link(graph: ResourceGraph, source: ResourceId, target: ResourceId) -> PathLink:
    best = evidence(graph, source, target)[0]
    return PathLink(source, target, best.relation, best.grade, best.rule, best.statement)


def _commit_link(claims: Claims, commit: ResourceId) -> list[PathLink]:
    """The best claim for a commit, carried by a resource that is not on the path."""
    sha = key_of(commit)
    for claim in claims.records:
        if sha in claim.commits:
            piece = claim.evidence
            return [
                PathLink(claim.on, commit, piece.relation, claim.grade, piece.rule, piece.statement)
            ]
    return []
