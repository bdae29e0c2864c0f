"""Graph and resource -> its lineages, from commit to role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jotgraph.analysis.lag import Refs, standing_of
from jotgraph.analysis.provenance import Claims, commits_of, copies
from jotgraph.graph import (
    ResourceGraph,
    about,
    dependencies,
    dependents,
    evidence,
    is_missing,
    record,
)
from jotgraph.links import Grade, Relation
from jotgraph.queries.answers.lineage import Path, PathLink, Trace
from jotgraph.queries.lineage.ends import images_of, runners_of
from jotgraph.records import Kind, ResourceId, commit_id, key_of, kind_of


def trace(
    graph: ResourceGraph,
    resource: ResourceId,
    *,
    ref: str | None = None,
    all_versions: bool = False,
) -> Trace:
    """Return every lineage through a resource, sorted. Raises KeyError for an unknown id.

    From a commit, an image or a repository: what is made of it and what runs that. From a
    function, its ``$LATEST``, newest version and those behind an alias (``all_versions``: every
    one). From a role: what assumes it. ``ref`` as in ``jots``.
    """
    record(graph, resource)
    refs = Refs(graph, ref)
    runners, hidden = runners_of(graph, resource, all_versions)
    found = {
        _path(graph, refs, head, tail)
        for runner in runners
        for tail in _tails(graph, runner, resource)
        for head in _heads_of(graph, runner, resource)
    }
    if not runners:
        images = images_of(graph, resource)
        heads = [head for image in images for head in _head(graph, image, resource)]
        tail = (resource,) if kind_of(resource) is Kind.CONTAINER else ()
        found = {_path(graph, refs, head, tail) for head in heads}
    if not found:
        found = {_path(graph, refs, ((resource,), Claims()), ())}
    paths = tuple(sorted(found, key=lambda each: each.ids))
    return Trace(about(graph), resource, paths, hidden)


Head = tuple[tuple[ResourceId, ...], Claims]


def _tails(
    graph: ResourceGraph, runner: ResourceId, focus: ResourceId
) -> Iterator[tuple[ResourceId, ...]]:
    """From a function or version on: the aliases that lead to it, one each, then the role."""
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


def _heads_of(graph: ResourceGraph, runner: ResourceId, focus: ResourceId) -> list[Head]:
    """The chains that lead to what a function or version runs."""
    images = dependencies(graph, runner, Relation.RUNS)
    through = set(images_of(graph, focus))
    chosen = [each for each in images if each in through] or images
    return [head for image in chosen for head in _head(graph, image, focus)] or [((), Claims())]


def _head(graph: ResourceGraph, image: ResourceId, focus: ResourceId) -> list[Head]:
    """Commit, local image, repository, index and image, as far as they are known."""
    claims = commits_of(graph, image)
    commit = _one(focus, (commit_id(sha) for sha in claims.commits), Kind.COMMIT)
    if kind_of(focus) is Kind.COMMIT and commit is None:
        commit = (focus,)
    if kind_of(image) is Kind.LOCAL_IMAGE:
        return [((*(commit or ()), image), claims)]
    worth = copies(graph, image)
    local = sorted(
        (each for each in worth if kind_of(each) is Kind.LOCAL_IMAGE),
        key=lambda each: (is_missing(graph, each), -worth[each], each),
    )
    indexes = dependents(graph, image, Relation.CONTAINS)
    return [
        (
            (
                *(commit or ()),
                *(_one(focus, local, Kind.LOCAL_IMAGE) or ()),
                *dependencies(graph, image, Relation.STORED_IN),
                *(_one(focus, indexes, Kind.ECR_IMAGE) or ()),
                image,
            ),
            claims,
        )
    ]


def _one(
    focus: ResourceId, choices: Iterable[ResourceId], kind: Kind
) -> tuple[ResourceId, ...] | None:
    """The resource traced if it is among the choices, else the first."""
    listed = list(choices)
    if kind_of(focus) is kind and focus in listed:
        return (focus,)
    return tuple(listed[:1]) or None


def _path(graph: ResourceGraph, refs: Refs, head: Head, tail: tuple[ResourceId, ...]) -> Path:
    ids, claims = head
    whole = (*ids, *tail)
    links = [
        _link(graph, source, target)
        for source in whole
        for target in whole
        if graph.has_edge(source, target)
    ]
    first = whole[0]
    own = (key_of(first),) if kind_of(first) is Kind.COMMIT else ()
    if kind_of(first) is Kind.COMMIT and not any(each.target == first for each in links):
        links += _commit_link(claims, first)
    return Path(
        ids=whole,
        links=tuple(links),
        commits=claims.commits,
        count=claims.count,
        conflict=claims.reason if claims.conflict else "",
        bases=_bases(graph, whole),
        standing=standing_of(graph, refs, claims, own),
    )


def _bases(graph: ResourceGraph, path: tuple[ResourceId, ...]) -> tuple[ResourceId, ...]:
    """Base images of the images on a path: several where their layers are equal, that which a
    label names as well first."""
    found: dict[ResourceId, tuple[Grade, int]] = {}
    for each in path:
        if kind_of(each) in (Kind.LOCAL_IMAGE, Kind.ECR_IMAGE):
            for base in dependencies(graph, each, Relation.BASED_ON):
                said = evidence(graph, each, base, Relation.BASED_ON)
                worth = max(one.grade for one in said), len(said)
                found[base] = max(worth, found.get(base, worth))
    return tuple(sorted(found, key=lambda each: (-found[each][0], -found[each][1], each)))


def _link(graph: ResourceGraph, source: ResourceId, target: ResourceId) -> PathLink:
    best = evidence(graph, source, target)[0]
    return PathLink(source, target, best.relation, best.grade, best.rule, best.statement)


def _commit_link(claims: Claims, commit: ResourceId) -> list[PathLink]:
    """The best claim for a commit that another resource than those of the path carries."""
    sha = key_of(commit)
    for each in claims.records:
        if sha in each.commits:
            said = each.evidence
            return [PathLink(each.on, commit, said.relation, each.grade, said.rule, said.statement)]
    return []
