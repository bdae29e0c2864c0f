"""Graph and image (or what runs it) -> the commits it is believed to come from.

Evidence is gathered from the image itself, its copies, the indexes that contain it and the
attestations that describe it, then combined from the best grade down: claims that share commits
are intersected; weaker claims that share none are set aside; claims of STRONG or PROOF that share
none are a conflict, which is kept and explained.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from jotgraph.graph import ResourceGraph, dependencies, dependents, evidence, is_missing, record
from jotgraph.links import Evidence, Grade, Relation
from jotgraph.records import (
    Alias,
    Commit,
    EcrImage,
    Kind,
    LocalImage,
    Pairs,
    ResourceId,
    commit_id,
    key_of,
    kind_of,
    version_id,
)

_DIRTY = re.compile(r"[-+.]dirty\b")


class Claim(msgspec.Struct, frozen=True):
    """One claim about the commits of one image."""

    on: ResourceId
    """The resource that carries it: the image, a copy, an index, an attestation."""
    commits: tuple[str, ...]
    """SHAs it allows, newest first; the first of ``count``."""
    count: int
    grade: Grade
    """The evidence's grade, or that of the link to ``on`` if it is worth less."""
    evidence: Evidence


class Claims(msgspec.Struct, frozen=True):
    """What is believed of the commits of one image."""

    images: tuple[ResourceId, ...] = ()
    """The images asked about: one, or none when nothing that runs an image was named."""
    commits: tuple[str, ...] = ()
    """SHAs that all the claims kept allow, newest first. Empty: nothing is known."""
    count: int = 0
    """Size of the set; more than ``len(commits)`` when a claim lists only its first."""
    grade: Grade | None = None
    relation: Relation | None = None
    rule: str = ""
    """The rule of the best claim."""
    conflict: bool = False
    reason: str = ""
    """In a conflict: what disagrees, and why that may be."""
    dirty: bool = False
    """Something says that the work tree had changes."""
    records: tuple[Claim, ...] = ()
    """Every claim, best first, those that were set aside too."""


def commits_of(graph: ResourceGraph, resource: ResourceId) -> Claims:
    """Return the commits that an image is believed to come from.

    ``resource`` is an image, or a function, version or alias (then: the image it runs; for an
    alias the image of its main version). Anything else has no claims. Raises KeyError for an id
    that is not in the graph.
    """
    images = image_of(graph, resource)
    carriers: dict[ResourceId, Grade] = {}
    for image in images:
        carriers.update(_carriers(graph, image))
    records = _records(graph, carriers)
    commits, count, against = _combine(records)
    return Claims(
        images=images,
        commits=commits,
        count=count,
        grade=records[0].grade if records else None,
        relation=records[0].evidence.relation if records else None,
        rule=records[0].evidence.rule if records else "",
        conflict=against is not None,
        reason=_reason(graph, records[0], against) if against else "",
        dirty=any(_says_dirty(graph, each) for each in carriers),
        records=records,
    )


def image_of(graph: ResourceGraph, resource: ResourceId) -> tuple[ResourceId, ...]:
    """The image that a resource is or runs; of several copies in ECR all are returned."""
    kind = kind_of(resource)
    if kind in (Kind.ECR_IMAGE, Kind.LOCAL_IMAGE):
        return (resource,)
    if kind is Kind.ALIAS:
        node = record(graph, resource)
        if isinstance(node, Alias):
            where = node.account, node.region, node.function_name
            main = version_id(*where, node.version)
            resource = node.function if node.version == "$LATEST" else main
    if resource in graph and kind in (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS):
        return dependencies(graph, resource, Relation.RUNS)
    if kind is Kind.CONTAINER:
        return dependencies(graph, resource, Relation.USES)
    return ()


def copies(graph: ResourceGraph, image: ResourceId) -> dict[ResourceId, Grade]:
    """The image and its copies, local and in ECR, each with the grade of the weakest link on the
    way to it."""
    found = {image: Grade.PROOF}
    todo = [image]
    while todo:
        here = todo.pop(0)
        ways = [(here, other) for other in dependencies(graph, here, Relation.COPY_OF)]
        ways += [(other, here) for other in dependents(graph, here, Relation.COPY_OF)]
        for source, target in ways:
            other = target if source == here else source
            worth = min(found[here], _best(evidence(graph, source, target, Relation.COPY_OF)))
            if other not in found or found[other] < worth:
                found[other] = worth
                todo.append(other)
    return found


def _carriers(graph: ResourceGraph, image: ResourceId) -> dict[ResourceId, Grade]:
    """What may speak for an image: its copies, the indexes that contain them, and what describes
    any of these."""
    found = copies(graph, image)
    for here, worth in list(found.items()):
        for relation in (Relation.CONTAINS, Relation.DESCRIBES):
            for other in dependents(graph, here, relation):
                grade = min(worth, _best(evidence(graph, other, here, relation)))
                found[other] = max(grade, found.get(other, grade))
    return found


def _records(graph: ResourceGraph, carriers: dict[ResourceId, Grade]) -> tuple[Claim, ...]:
    """Every claim of the carriers, best first. What one rule read in one place of one carrier is
    one claim, whichever commits it leads to."""
    grouped: dict[tuple[ResourceId, str, str, str], list[tuple[str, Evidence]]] = {}
    for carrier in carriers:
        for relation in (Relation.CONTENT_EQUALS, Relation.BUILT_FROM):
            for target in dependencies(graph, carrier, relation):
                for each in evidence(graph, carrier, target, relation):
                    key = (carrier, relation.value, each.rule, each.read_from)
                    grouped.setdefault(key, []).append((key_of(target), each))
    claims = [_claim(graph, key[0], carriers[key[0]], said) for key, said in grouped.items()]
    return tuple(sorted(claims, key=_order))


def _claim(
    graph: ResourceGraph, carrier: ResourceId, worth: Grade, said: list[tuple[str, Evidence]]
) -> Claim:
    shas = {sha for sha, _ in said}.union(*(each.candidates for _, each in said))
    best = max((each for _, each in said), key=lambda each: (each.grade, each.statement))
    return Claim(
        on=carrier,
        commits=_newest_first(graph, shas),
        count=max([len(shas), *(each.count for _, each in said)]),
        grade=min(best.grade, worth),
        evidence=best,
    )


def _order(claim: Claim) -> tuple[int, str, int, str, ResourceId, str]:
    said = claim.evidence
    content_first = str(said.relation is not Relation.CONTENT_EQUALS)
    return (-claim.grade, content_first, claim.count, said.rule, claim.on, said.statement)


def _combine(records: tuple[Claim, ...]) -> tuple[tuple[str, ...], int, Claim | None]:
    """(commits, size of the set, the first strong claim that contradicts them)."""
    if not records:
        return (), 0, None
    kept, count = records[0].commits, records[0].count
    against: Claim | None = None
    for claim in records[1:]:
        shared = tuple(sha for sha in kept if sha in set(claim.commits))
        if shared:
            kept, count = shared, len(shared) if _whole(claim) else min(count, claim.count)
        elif against is None and claim.grade >= Grade.STRONG and _whole(claim):
            against = claim
    return kept, count, against


def _whole(claim: Claim) -> bool:
    """Whether a claim lists all its commits, so that one that is not listed is not meant."""
    return claim.count <= len(claim.commits)


def _reason(graph: ResourceGraph, best: Claim, other: Claim) -> str:
    """Why two strong claims may disagree; by the first explanation that fits."""
    pair = sorted((best, other), key=lambda each: each.evidence.relation is Relation.BUILT_FROM)
    content, label = pair
    named = f"{label.evidence.rule} says {label.commits[0][:12]}"
    if content.evidence.relation is not Relation.CONTENT_EQUALS:
        return f"{named}, {content.evidence.rule} says {content.commits[0][:12]}"
    found = f"the files are those of {content.commits[0][:12]}"
    if all(_unread(graph, sha) for sha in label.commits):
        return (
            f"{named}, which no repository read has; {found}: rewritten history or a merge commit"
        )
    return f"{named}; {found}: a stale label (build cache), or one inherited from the base"


def _unread(graph: ResourceGraph, sha: str) -> bool:
    return commit_id(sha) not in graph or is_missing(graph, commit_id(sha))


def _newest_first(graph: ResourceGraph, shas: Iterable[str]) -> tuple[str, ...]:
    def age(sha: str) -> tuple[float, str]:
        node = record(graph, commit_id(sha)) if commit_id(sha) in graph else None
        return (-node.committed_at.timestamp() if isinstance(node, Commit) else 0.0, sha)

    return tuple(sorted(shas, key=age))


def _says_dirty(graph: ResourceGraph, resource: ResourceId) -> bool:
    """``-dirty`` of git describe or of BuildKit's vcs revision, in a tag or a label."""
    node = record(graph, resource)
    if not isinstance(node, EcrImage | LocalImage):
        return False
    described: Pairs = node.labels + (node.annotations if isinstance(node, EcrImage) else ())
    texts = (*node.tags, *(value for _, value in described))
    return any(_DIRTY.search(each) for each in texts)


def _best(found: tuple[Evidence, ...]) -> Grade:
    return max(each.grade for each in found)
