"""Graph and resource -> its lineages, each in the order in which work flows: commit, local image,
registry, function, role.

A lineage does not wander: what a function shares with others (a role, a repository, a base image)
ends its chain and does not lead on to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from jotgraph.claims import Claims, commits_of, copies
from jotgraph.graph import (
    About,
    ResourceGraph,
    about,
    dependencies,
    dependents,
    edges,
    evidence,
    grade,
    is_missing,
    record,
)
from jotgraph.links import Grade, Relation
from jotgraph.records import (
    Kind,
    ResourceId,
    Version,
    commit_id,
    key_of,
    kind_of,
)
from jotgraph.standing import Refs, Standing, standing


class PathLink(msgspec.Struct, frozen=True):
    """The best evidence for one link of a path."""

    source: ResourceId
    target: ResourceId
    relation: Relation
    grade: Grade
    rule: str
    statement: str


class Path(msgspec.Struct, frozen=True):
    """One lineage."""

    ids: tuple[ResourceId, ...]
    """From commit to role; what is not known or not there is left out."""
    links: tuple[PathLink, ...]
    """Links between these, and that to the commit (which may lead from a copy, an index or an
    attestation of the image)."""
    commits: tuple[str, ...]
    """All SHAs the image may be built from, newest first; the first of ``count``."""
    count: int
    conflict: str
    standing: Standing
    bases: tuple[ResourceId, ...] = ()
    """Images that the image, or a copy of it, may be based on, best evidence first."""


class Trace(msgspec.Struct, frozen=True):
    """The lineages that go through one resource."""

    about: About
    resource: ResourceId
    paths: tuple[Path, ...]
    hidden_versions: int
    """Published versions left out: neither the newest nor behind an alias."""


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
    runners, hidden = _runners(graph, resource, all_versions)
    found = {
        _path(graph, refs, head, tail)
        for runner in runners
        for tail in _tails(graph, runner, resource)
        for head in _heads_of(graph, runner, resource)
    }
    if not runners:
        images = _images(graph, resource)
        heads = [head for image in images for head in _head(graph, image, resource)]
        tail = (resource,) if kind_of(resource) is Kind.CONTAINER else ()
        found = {_path(graph, refs, head, tail) for head in heads}
    if not found:
        found = {_path(graph, refs, ((resource,), Claims()), ())}
    paths = tuple(sorted(found, key=lambda each: each.ids))
    return Trace(about(graph), resource, paths, hidden)


Head = tuple[tuple[ResourceId, ...], Claims]


def _images(graph: ResourceGraph, resource: ResourceId) -> tuple[ResourceId, ...]:
    """The images that a resource leads to: in ECR, or local where there is no copy in ECR."""
    match kind_of(resource):
        case Kind.COMMIT:
            start = _built_from(graph, resource)
        case Kind.ECR_REPO:
            start = set(dependents(graph, resource, Relation.STORED_IN))
        case Kind.CONTAINER:
            return dependencies(graph, resource, Relation.USES)
        case Kind.LOCAL_IMAGE:
            start = {resource}
        case Kind.ECR_IMAGE:
            inside = dependencies(graph, resource, Relation.CONTAINS)
            described = dependencies(graph, resource, Relation.DESCRIBES)
            return inside or described or (resource,)
        case _:
            return ()
    return tuple(sorted(_in_registry(graph, start)))


def _built_from(graph: ResourceGraph, commit: ResourceId) -> set[ResourceId]:
    sha = key_of(commit)
    carriers = {
        source
        for source, target, found in edges(graph, Relation.BUILT_FROM, Relation.CONTENT_EQUALS)
        if (target == commit or any(sha in each.candidates for each in found))
        and kind_of(source) in (Kind.LOCAL_IMAGE, Kind.ECR_IMAGE)
    }
    inside = {
        image
        for carrier in carriers
        for image in dependencies(graph, carrier, Relation.CONTAINS, Relation.DESCRIBES)
    }
    return {each for each in carriers if not dependencies(graph, each, Relation.DESCRIBES)} | inside


def _in_registry(graph: ResourceGraph, images: Iterable[ResourceId]) -> set[ResourceId]:
    """For each image its copies in ECR, or itself if it has none; indexes by what they contain."""
    found: set[ResourceId] = set()
    for image in images:
        if kind_of(image) is Kind.LOCAL_IMAGE:
            held = {each for each in copies(graph, image) if kind_of(each) is Kind.ECR_IMAGE}
        else:
            held = {image}
        for each in held or {image}:
            inside = [
                child
                for child in dependencies(graph, each, Relation.CONTAINS)
                if not dependencies(graph, child, Relation.DESCRIBES)
            ]
            found.update(inside or (each,))
    return found


def _runners(
    graph: ResourceGraph, resource: ResourceId, all_versions: bool
) -> tuple[tuple[ResourceId, ...], int]:
    """Functions and versions whose code is of the resource's lineage, and how many versions were
    left out."""
    match kind_of(resource):
        case Kind.FUNCTION:
            versions = _versions(graph, resource)
            shown = [
                each
                for position, each in enumerate(versions)
                if all_versions or position == 0 or dependents(graph, each, Relation.ROUTES_TO)
            ]
            return (resource, *shown), len(versions) - len(shown)
        case Kind.VERSION:
            return (resource,), 0
        case Kind.ALIAS:
            return dependencies(graph, resource, Relation.ROUTES_TO), 0
        case Kind.TRIGGER:
            targets = dependencies(graph, resource, Relation.INVOKES)
            routed = [
                end
                for each in targets
                for end in dependencies(graph, each, Relation.ROUTES_TO) or (each,)
            ]
            return tuple(sorted(set(routed))), 0
        case Kind.ROLE:
            return dependents(graph, resource, Relation.ASSUMES), 0
        case _:
            images = _images(graph, resource)
            found = {each for image in images for each in dependents(graph, image, Relation.RUNS)}
            return tuple(sorted(found)), 0


def _versions(graph: ResourceGraph, function: ResourceId) -> list[ResourceId]:
    """Published versions of a function, newest first."""
    found = [
        node
        for each in dependents(graph, function, Relation.PART_OF)
        if isinstance(node := record(graph, each), Version)
    ]
    return [each.id for each in sorted(found, key=lambda each: -int(each.number))]


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
    through = set(_images(graph, focus))
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
    named = claims.commits or ((key_of(first),) if kind_of(first) is Kind.COMMIT else ())
    if kind_of(first) is Kind.COMMIT and not any(each.target == first for each in links):
        links += _commit_link(claims, first)
    return Path(
        ids=whole,
        links=tuple(links),
        commits=claims.commits,
        count=claims.count,
        conflict=claims.reason if claims.conflict else "",
        bases=_bases(graph, whole),
        standing=standing(graph, refs, named, dirty=claims.dirty, content=claims.content),
    )


def _bases(graph: ResourceGraph, path: tuple[ResourceId, ...]) -> tuple[ResourceId, ...]:
    """Base images of the images on a path: several where their layers are equal."""
    found: dict[ResourceId, Grade] = {}
    for each in path:
        if kind_of(each) in (Kind.LOCAL_IMAGE, Kind.ECR_IMAGE):
            for base in dependencies(graph, each, Relation.BASED_ON):
                worth = grade(graph, each, base, Relation.BASED_ON)
                found[base] = max(worth, found.get(base, worth))
    return tuple(sorted(found, key=lambda each: (-found[each], each)))


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
