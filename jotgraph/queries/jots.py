"""Graph -> the table of jots: one row for each code that a function runs, with its commit, local
image, registry copy, role and what is wrong; images that nothing runs on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from jotgraph.claims import Claims, commits_of, copies, saved_copies
from jotgraph.graph import (
    About,
    ResourceGraph,
    about,
    dependencies,
    dependents,
    is_missing,
    of_kind,
    record,
)
from jotgraph.links import Grade, Relation
from jotgraph.records import (
    Alias,
    Commit,
    EcrImage,
    Function,
    ImageType,
    Kind,
    LocalImage,
    Missing,
    ResourceId,
    Version,
    commit_id,
    key_of,
    kind_of,
)
from jotgraph.standing import Refs, Standing, standing

LISTED_COMMITS = 20


class State(StrEnum):
    """What is to be said of a jot, worst first."""

    BROKEN = "broken"
    """The image it runs is gone, archived, or Lambda cannot read it."""
    RESCUABLE = "rescuable"
    """The image it runs is gone or archived, and a copy of it is left, or may be."""
    FAILED = "failed"
    """Lambda says that it, or its last update, failed."""
    DRIFT = "drift"
    """The tag it was deployed from names another digest now."""
    CONFLICT = "conflict"
    """Strong claims about its commit disagree."""
    ROLE_MISSING = "role-missing"
    IMAGE_UNREAD = "image-not-read"
    """It runs an image of a place that was not read, or not read whole."""
    IDLE = "idle"
    """Lambda made it inactive: it was not called for weeks."""
    ZIP = "zip"
    """It has no image."""
    NOT_DEPLOYED = "not-deployed"


class Route(msgspec.Struct, frozen=True):
    """An alias that leads here."""

    alias: str
    share: float
    """Share of the alias's calls, from 0 to 1."""


class JotCommit(msgspec.Struct, frozen=True):
    """The commits an image is believed to come from, and where they stand."""

    commits: tuple[str, ...]
    """SHAs, newest first; the first of ``count``."""
    count: int
    subject: str
    """First line of the newest commit's message."""
    grade: Grade | None
    rule: str
    conflict: str
    """Why claims disagree, or empty."""
    conflict_kind: str
    """``dirty-build``, ``stale-label``…, or empty."""
    standing: Standing


class JotImage(msgspec.Struct, frozen=True):
    """An image in the registry."""

    id: ResourceId
    repository: str
    tags: tuple[str, ...]
    digest: str


class Jot(msgspec.Struct, frozen=True):
    """One row: a function's code with all that leads to it, or an image that nothing runs."""

    id: ResourceId
    """The function (``$LATEST``), the version, or the image."""
    account: str
    region: str
    function: str
    """Name, empty for an image that nothing runs."""
    qualifiers: tuple[str, ...]
    """``$LATEST`` and version numbers that run this same code with this same role."""
    routes: tuple[Route, ...]
    commit: JotCommit
    local_images: tuple[ResourceId, ...]
    local_tags: tuple[str, ...]
    image: JotImage | None
    """What runs, by digest."""
    deployed_tag: str
    """The tag it was deployed by, when it is known."""
    follows: tuple[str, ...]
    """In drift: the digests that the deployed tag names now."""
    role: ResourceId | None
    states: tuple[State, ...]


class Jots(msgspec.Struct, frozen=True):
    """The table, and what it was made from."""

    about: About
    jots: tuple[Jot, ...]
    hidden_versions: int
    """Published versions left out: neither the newest nor behind an alias."""


def jots(
    graph: ResourceGraph,
    *,
    ref: str | None = None,
    all_versions: bool = False,
    undeployed: bool = False,
) -> Jots:
    """Return one row for each different code of each function, sorted by function and version.

    ``ref`` is a branch, tag or full ref to compare with; None is each repository's HEAD. Without
    ``all_versions`` a published version is shown when it is the newest or an alias leads to it.
    ``undeployed`` adds images that no function or version runs.
    """
    refs = Refs(graph, ref)
    rows: list[Jot] = []
    hidden = 0
    for configurations, left_out in _by_function(graph, all_versions):
        hidden += left_out
        rows.extend(_jot(graph, refs, group) for group in configurations)
    if undeployed:
        rows.extend(_images_not_deployed(graph, refs))
    return Jots(about(graph), tuple(rows), hidden)


Configuration = Function | Version


def _by_function(
    graph: ResourceGraph, all_versions: bool
) -> Iterator[tuple[list[list[Configuration]], int]]:
    """For each function its configurations to show, those of equal code together, and how many
    versions are left out."""
    for resource in of_kind(graph, Kind.FUNCTION):
        function = record(graph, resource)
        assert isinstance(function, Function)
        versions = sorted(_versions(graph, resource), key=lambda each: -int(each.number))
        if all_versions:
            every: list[Configuration] = [function, *versions]
            yield [[each] for each in every], 0
            continue
        shown = [
            each
            for position, each in enumerate(versions)
            if position == 0 or dependents(graph, each.id, Relation.ROUTES_TO)
        ]
        groups: dict[tuple[str, str], list[Configuration]] = {}
        together: list[Configuration] = [function, *shown]
        for each in together:
            groups.setdefault((each.code_sha256, each.role_arn), []).append(each)
        yield list(groups.values()), len(versions) - len(shown)
    yield [[each] for each in _stray_versions(graph)], 0


def _versions(graph: ResourceGraph, function: ResourceId) -> Iterator[Version]:
    for resource in dependents(graph, function, Relation.PART_OF):
        node = record(graph, resource)
        if isinstance(node, Version):
            yield node


def _stray_versions(graph: ResourceGraph) -> Iterator[Version]:
    """Versions whose function was not read."""
    for resource in of_kind(graph, Kind.VERSION):
        node = record(graph, resource)
        if isinstance(node, Version) and (
            node.function not in graph or is_missing(graph, node.function)
        ):
            yield node


def _jot(graph: ResourceGraph, refs: Refs, group: list[Configuration]) -> Jot:
    first = group[0]
    claims = commits_of(graph, first.id)
    image = _running(graph, first.id)
    local = _local_copies(graph, image) if image else ()
    follows = {key for each in group for key in _drifts_to(graph, each.id)}
    return Jot(
        id=first.id,
        account=first.account,
        region=first.region,
        function=first.name,
        qualifiers=tuple(_qualifier(each) for each in group),
        routes=tuple(sorted(_routes(graph, group), key=lambda each: (each.alias, -each.share))),
        commit=_commit(graph, refs, claims),
        local_images=local,
        local_tags=_local_tags(graph, local),
        image=_image(graph, image) if image else None,
        deployed_tag=_tag_of(group),
        follows=tuple(sorted(follows)),
        role=next(iter(dependencies(graph, first.id, Relation.ASSUMES)), None),
        states=_states(graph, group, image, claims, drift=bool(follows)),
    )


def _qualifier(each: Configuration) -> str:
    return each.number if isinstance(each, Version) else "$LATEST"


def _routes(graph: ResourceGraph, group: list[Configuration]) -> Iterator[Route]:
    for each in group:
        for resource in dependents(graph, each.id, Relation.ROUTES_TO):
            alias = record(graph, resource)
            if isinstance(alias, Alias):
                shares = dict(alias.weights)
                shares.setdefault(alias.version, 1 - sum(shares.values()))
                yield Route(alias.name, round(shares.get(_qualifier(each), 0.0), 6))


def _running(graph: ResourceGraph, resource: ResourceId) -> ResourceId | None:
    """The image that runs. Of several copies of one digest, one that was read."""
    images = dependencies(graph, resource, Relation.RUNS)
    return min(images, key=lambda each: (is_missing(graph, each), each), default=None)


def _drifts_to(graph: ResourceGraph, resource: ResourceId) -> set[str]:
    """Digests that the deployed tag names now, when the running one is not among them."""
    runs = {_digest(each) for each in dependencies(graph, resource, Relation.RUNS)}
    follows = {_digest(each) for each in dependencies(graph, resource, Relation.FOLLOWS)}
    return follows if follows and runs and not follows & runs else set()


def _digest(image: ResourceId) -> str:
    return key_of(image).rpartition("@")[2]


def _tag_of(group: Iterable[Configuration]) -> str:
    for each in group:
        if each.image_uri and "@" not in each.image_uri:
            return each.image_uri.rpartition("/")[2].partition(":")[2]
    return ""


def _commit(graph: ResourceGraph, refs: Refs, claims: Claims) -> JotCommit:
    newest = commit_id(claims.commits[0]) if claims.commits else None
    node = record(graph, newest) if newest is not None and newest in graph else None
    return JotCommit(
        commits=claims.commits[:LISTED_COMMITS],
        count=claims.count,
        subject=node.subject if isinstance(node, Commit) else "",
        grade=claims.grade,
        rule=claims.rule,
        conflict=claims.reason if claims.conflict else "",
        conflict_kind=claims.kind or "",
        standing=standing(graph, refs, claims.commits, dirty=claims.dirty, content=claims.content),
    )


def _local_copies(graph: ResourceGraph, image: ResourceId) -> tuple[ResourceId, ...]:
    """Local images of the same bytes; of several, those linked by the best grade."""
    found = {
        each: grade
        for each, grade in copies(graph, image).items()
        if kind_of(each) is Kind.LOCAL_IMAGE and not is_missing(graph, each)
    }
    best = max(found.values(), default=Grade.HINT)
    return tuple(sorted(each for each, grade in found.items() if grade == best))


def _local_tags(graph: ResourceGraph, images: Iterable[ResourceId]) -> tuple[str, ...]:
    tags: set[str] = set()
    for image in images:
        node = record(graph, image)
        if isinstance(node, LocalImage):
            tags.update(node.tags)
    return tuple(sorted(tags, key=lambda tag: (".dkr.ecr." in tag, len(tag), tag)))


def _image(graph: ResourceGraph, image: ResourceId) -> JotImage:
    node = record(graph, image)
    name, _, digest = key_of(image).split("/", 2)[2].rpartition("@")
    tags = set(node.tags) if isinstance(node, EcrImage) else set()
    for index in dependents(graph, image, Relation.CONTAINS):
        parent = record(graph, index)
        tags.update(parent.tags if isinstance(parent, EcrImage) else ())
    return JotImage(image, name, tuple(sorted(tags)), digest)


def _states(
    graph: ResourceGraph,
    group: list[Configuration],
    image: ResourceId | None,
    claims: Claims,
    *,
    drift: bool,
) -> tuple[State, ...]:
    found = {State.DRIFT} if drift else set()
    found |= _image_states(graph, image)
    if image and State.BROKEN in found and (_archived(graph, image) or saved_copies(graph, image)):
        found.add(State.RESCUABLE)
    if claims.conflict:
        found.add(State.CONFLICT)
    for each in group:
        if each.package_type != "Image":
            found.add(State.ZIP)
        if each.state_reason in ("ImageDeleted", "ImageAccessDenied", "InvalidImage"):
            found.add(State.BROKEN)
        elif each.state == "Failed" or each.last_update_status == "Failed":
            found.add(State.FAILED)
        elif each.state == "Inactive" or each.state_reason == "Idle":
            found.add(State.IDLE)
        for role in dependencies(graph, each.id, Relation.ASSUMES):
            node = record(graph, role)
            if isinstance(node, Missing) and node.looked:
                found.add(State.ROLE_MISSING)
    return tuple(each for each in State if each in found)


def _image_states(graph: ResourceGraph, image: ResourceId | None) -> set[State]:
    node = record(graph, image) if image else None
    if isinstance(node, Missing):
        return {State.BROKEN if node.looked else State.IMAGE_UNREAD}
    if isinstance(node, EcrImage) and node.status != "ACTIVE":
        return {State.BROKEN}
    return set()


def _archived(graph: ResourceGraph, image: ResourceId) -> bool:
    node = record(graph, image)
    return isinstance(node, EcrImage) and node.status == "ARCHIVED"


def _images_not_deployed(graph: ResourceGraph, refs: Refs) -> Iterator[Jot]:
    """Images in ECR, then local ones without a copy in ECR, that nothing runs."""
    for resource in of_kind(graph, Kind.ECR_IMAGE):
        node = record(graph, resource)
        assert isinstance(node, EcrImage)
        plain = node.type in (ImageType.IMAGE, ImageType.INDEX, ImageType.UNKNOWN)
        if plain and not _deployed(graph, resource) and not _in_index(graph, resource):
            local = _local_copies(graph, resource)
            yield _undeployed(graph, refs, resource, local, _image(graph, resource))
    for resource in of_kind(graph, Kind.LOCAL_IMAGE):
        if not any(kind_of(each) is Kind.ECR_IMAGE for each in copies(graph, resource)):
            yield _undeployed(graph, refs, resource, (resource,), None)


def _deployed(graph: ResourceGraph, image: ResourceId) -> bool:
    """Whether something runs the image or, for an index, an image in it."""
    inside = dependencies(graph, image, Relation.CONTAINS)
    return any(dependents(graph, each, Relation.RUNS) for each in (image, *inside))


def _in_index(graph: ResourceGraph, image: ResourceId) -> bool:
    return bool(dependents(graph, image, Relation.CONTAINS))


def _undeployed(
    graph: ResourceGraph,
    refs: Refs,
    resource: ResourceId,
    local: tuple[ResourceId, ...],
    image: JotImage | None,
) -> Jot:
    node = record(graph, resource)
    place = (node.account, node.region) if isinstance(node, EcrImage) else ("", "")
    claims = commits_of(graph, resource)
    conflict = {State.CONFLICT} if claims.conflict else set()
    return Jot(
        id=resource,
        account=place[0],
        region=place[1],
        function="",
        qualifiers=(),
        routes=(),
        commit=_commit(graph, refs, claims),
        local_images=local,
        local_tags=_local_tags(graph, local),
        image=image,
        deployed_tag="",
        follows=(),
        role=None,
        states=tuple(each for each in State if each in conflict | {State.NOT_DEPLOYED}),
    )
