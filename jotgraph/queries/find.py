"""Finds the resource that a typed name means, or those that a glob matches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase

from jotgraph.errors import AmbiguousNameError, UnknownNameError
from jotgraph.graph import ResourceGraph, about, of_kind, record
from jotgraph.records import (
    KINDS,
    Commit,
    EcrImage,
    Kind,
    LocalImage,
    ResourceId,
    Trigger,
    commit_id,
    digest_of,
    hex_of,
    key_of,
    kind_of,
    repository_name_of,
    repository_of,
)
from jotgraph.records.kind_traits import Way
from jotgraph.records.names import names_of, ref_names
from jotgraph.records.phrases import counted, listed
from jotgraph.records.references import partial_digest, reference
from jotgraph.records.titles import trigger_title

SHORTEST_PREFIX = 4
_SUGGESTED_FROM = 20_000
_NEAREST = 3
_HEX = re.compile(r"[0-9a-f][0-9a-f-]*")
_ANCESTRY = re.compile(r"(?P<base>.+?)(?P<steps>(?:~\d*|\^)+)")
LISTS = "jotgraph ls --all and jotgraph orphans --all list the resources"
"""Tells people where to find the names."""


def find(graph: ResourceGraph, name: str) -> ResourceId:
    """Return the one resource that ``name`` means.

    Accepted beside names: a unique prefix (4 or more hex digits) of a digest, SHA or trigger's
    UUID, ``kind:name``, and ``~n`` and ``^`` after a commit. Raises UnknownNameError with the
    nearest names, or AmbiguousNameError with the candidates.
    """
    candidates = _candidates(graph, name)
    if not candidates:
        raise UnknownNameError(name, _nearest(graph, name), _advice(name))
    if len(candidates) > 1:
        raise AmbiguousNameError(name, candidates)
    return candidates[0]


def _advice(name: str) -> str:
    """What to type instead of an unknown name, when its form suggests that."""
    if any(sign in name for sign in "*?["):
        return "one name is needed here, not a pattern"
    typed = partial_digest(name)
    if _HEX.fullmatch(typed.hex) and len(typed.hex) < SHORTEST_PREFIX and typed.marked:
        return f"a prefix of a digest needs {SHORTEST_PREFIX} digits or more"
    return LISTS


def find_commit(graph: ResourceGraph, name: str) -> ResourceId:
    """Return the commit, or other resource, that ``name`` means where a commit is expected. Raises
    UnknownNameError, which says how many commits were read, and AmbiguousNameError."""
    try:
        return find(graph, name)
    except UnknownNameError as error:
        repositories = sorted(repository.key for repository in about(graph).git)
        if repositories:
            read = counted(len(of_kind(graph, Kind.COMMIT)), "commit")
            statement = f"no commit {name!r} in {listed(repositories)} ({read} read)"
        else:
            statement = f"no commit {name!r}: no git repository was read (jotgraph scan --git PATH)"
        raise UnknownNameError(name, error.nearest, message=statement) from None


def find_each(graph: ResourceGraph, names: Iterable[str]) -> tuple[ResourceId, ...]:
    """Return what several names and globs mean, in their order, each resource once. Raises as
    ``find_many`` does."""
    return tuple(dict.fromkeys(resource for name in names for resource in find_many(graph, name)))


def find_many(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    """Return what a name or a glob (``*``, ``?``, ``[…]``) means, sorted. Raises UnknownNameError
    when a glob matches nothing, and as ``find`` does for a name."""
    if not any(sign in name for sign in "*?["):
        return (find(graph, name),)
    matches = {
        resource for _, text, resource in _names(graph) if text == name or fnmatchcase(text, name)
    }
    if not matches:
        raise UnknownNameError(name, (), LISTS)
    return tuple(sorted(matches))


def _candidates(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    if name in graph:
        return (ResourceId(name),)
    by_way: dict[int, set[ResourceId]] = {}
    for way, text, resource in _names(graph):
        if text == name:
            by_way.setdefault(way, set()).add(resource)
    if by_way:
        return _one_of_the_same_bytes(by_way[min(by_way)])
    for attempt in (_by_prefix, _by_ancestry, _by_kind, _by_title):
        if candidates := attempt(graph, name):
            return candidates
    return ()


def _names(graph: ResourceGraph) -> Iterator[tuple[Way, str, ResourceId]]:
    """All names of all resources."""
    for resource in graph:
        for way, text in names_of(resource, record(graph, resource)):
            if text:
                yield way, text, resource
    for repository in about(graph).git:
        refs = list(repository.refs)
        if repository.head:
            refs.append(("HEAD", repository.head))
        for ref, sha in refs:
            if commit_id(sha) in graph:
                for text in ref_names(ref):
                    yield Way.PLAIN, text, commit_id(sha)


def _by_title(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    """Find an image by its title in tables, ``shop/checkout:1.4 @1a2b3c4d5`` or
    ``shop/checkout:dev (1a2b3c4d5)``, or a trigger, ``orders → checkout`` or typed
    ``orders->checkout``. Globs do not match titles."""
    named, _, last = name.rpartition(" ")
    if named and (digits := last.strip("@()")) != last:
        repository = reference(named).path if last.startswith("@") else ""
        return _by_prefix(graph, f"{repository}@{digits}")
    asked = name.replace("->", "→").replace(" ", "")
    if "→" not in asked:
        return ()
    return tuple(
        resource
        for resource in of_kind(graph, Kind.TRIGGER)
        if isinstance(node := record(graph, resource), Trigger)
        and trigger_title(node).replace(" ", "") == asked
    )


def _by_prefix(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    """Find resources by ``1a2b``, ``sha256:1a2b`` or ``repo@sha256:1a2b`` (``repo@1a2b``). The
    digits of a trigger's UUID are matched without their groups."""
    return _one_of_the_same_bytes(set(_beginning(graph, name)))


def _beginning(graph: ResourceGraph, name: str) -> Iterator[ResourceId]:
    typed = partial_digest(name)
    if len(typed.hex) < SHORTEST_PREFIX or not _HEX.fullmatch(typed.hex):
        return
    for resource in graph:
        kind = kind_of(resource)
        if not KINDS[kind].by_prefix or not hex_of(resource).startswith(typed.hex):
            continue
        if kind is Kind.ECR_IMAGE:
            hit = typed.name in ("", repository_name_of(resource), key_of(repository_of(resource)))
        else:
            hit = not (typed.name if digest_of(resource) else typed.marked)
        if hit:
            yield resource


def _one_of_the_same_bytes(images: set[ResourceId]) -> tuple[ResourceId, ...]:
    """Prefer the image in ECR when a digest also means its local copy in the containerd store."""
    digests = {digest_of(resource) for resource in images if kind_of(resource) is Kind.ECR_IMAGE}
    return tuple(
        sorted(
            resource
            for resource in images
            if kind_of(resource) is not Kind.LOCAL_IMAGE or digest_of(resource) not in digests
        )
    )


def _by_ancestry(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    """Find a commit by ``main~2`` or ``HEAD^``, along first parents only (gitrevisions)."""
    match = _ANCESTRY.fullmatch(name)
    if match is None:
        return ()
    steps = sum(int(step[1:] or 1) for step in re.findall(r"~\d*|\^", match["steps"]))
    ends = {_ancestor(graph, candidate, steps) for candidate in _candidates(graph, match["base"])}
    return tuple(sorted(end for end in ends if end is not None))


def _ancestor(graph: ResourceGraph, resource: ResourceId, steps: int) -> ResourceId | None:
    for _ in range(steps):
        node = record(graph, resource)
        if not isinstance(node, Commit) or not node.parents:
            return None
        resource = commit_id(node.parents[0])
        if resource not in graph:
            return None
    return resource


def _by_kind(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    """Find a name of one kind, ``role:app``, or a prefix, ``commit:1a2b3c4d5``."""
    kind, colon, rest = name.partition(":")
    if not colon or kind not in tuple(Kind):
        return ()
    by_way: dict[int, set[ResourceId]] = {}
    for way, text, resource in _names(graph):
        if text == rest and kind_of(resource) == kind:
            by_way.setdefault(way, set()).add(resource)
    if by_way:
        return tuple(sorted(by_way[min(by_way)]))
    return tuple(
        sorted(resource for resource in _beginning(graph, rest) if kind_of(resource) == kind)
    )


def _nearest(graph: ResourceGraph, name: str) -> tuple[str, ...]:
    """Similar names: images with that tag, which alone is no name, or else names spelled alike."""
    if tagged := _with_tag(graph, name):
        return tagged[:_NEAREST]
    names: set[str] = set()
    for way, text, _ in _names(graph):
        if way in (Way.FUNCTION, Way.QUALIFIED, Way.LOCAL, Way.PLAIN) and "@" not in text:
            names.add(text)
            if len(names) >= _SUGGESTED_FROM:
                break
    return tuple(get_close_matches(name, sorted(names), n=_NEAREST, cutoff=0.6))


def _with_tag(graph: ResourceGraph, tag: str) -> tuple[str, ...]:
    """Images with a tag, as repository and tag."""
    names = set[str]()
    for resource in of_kind(graph, Kind.ECR_IMAGE, Kind.LOCAL_IMAGE):
        image = record(graph, resource)
        if isinstance(image, EcrImage) and tag in image.tags:
            names.add(f"{image.repository}:{tag}")
        elif isinstance(image, LocalImage):
            names.update(name for name in image.tags if reference(name).tag == tag)
    return tuple(sorted(names))
