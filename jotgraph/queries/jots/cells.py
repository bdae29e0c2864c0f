"""The commit and the copies of an image, for a row of the table of deployments."""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.analysis.lag.origin import origin
from jotgraph.analysis.provenance import copies
from jotgraph.analysis.vulnerabilities import vulnerabilities
from jotgraph.graph import ResourceGraph, dependents, is_missing, record
from jotgraph.links import Grade, Relation
from jotgraph.queries.answers.jots import Configuration, JotCommit, JotDates, JotImage
from jotgraph.records import (
    Commit,
    EcrImage,
    Kind,
    LocalImage,
    ResourceId,
    Workload,
    commit_id,
    digest_of,
    kind_of,
    repository_name_of,
)
from jotgraph.records.references import reference

LISTED_COMMITS = 20


def tag_of(group: Iterable[Configuration]) -> str:
    """Return the first known tag that a group of configurations was deployed by; empty for none."""
    for configuration in group:
        if configuration.image_uri and not reference(configuration.image_uri).digest:
            return reference(configuration.image_uri).tag
    return ""


def commit_of(graph: ResourceGraph, resource: ResourceId, ref: str | None) -> JotCommit:
    """Return the commits that a resource is believed to come from, and where they stand."""
    traced = origin(graph, resource, ref)
    claims, shown = traced.claims, commit_id(traced.commit)
    node = record(graph, shown) if shown in graph else None
    match = next(iter(claims.matches), None)
    return JotCommit(
        commits=claims.commits[:LISTED_COMMITS],
        count=claims.count,
        commit=traced.commit,
        more=traced.more,
        subject=node.subject if isinstance(node, Commit) else "",
        grade=claims.grade,
        rule=claims.rule,
        conflict=claims.reason if claims.conflict else "",
        conflict_kind=claims.kind or "",
        standing=traced.lag,
        modified=match.modified_count if match else 0,
        untracked=match.unexplained_count if match else 0,
    )


def local_copies(graph: ResourceGraph, image: ResourceId) -> tuple[ResourceId, ...]:
    """Return local images with the same bytes; of several, those linked with the best grade."""
    grades = {
        local: grade
        for local, grade in copies(graph, image).items()
        if kind_of(local) is Kind.LOCAL_IMAGE and not is_missing(graph, local)
    }
    best = max(grades.values(), default=Grade.HINT)
    return tuple(sorted(local for local, grade in grades.items() if grade == best))


def local_tags(graph: ResourceGraph, images: Iterable[ResourceId]) -> tuple[str, ...]:
    """Return all tags of local images; the shortest without a registry comes first."""
    tags: set[str] = set()
    for image in images:
        node = record(graph, image)
        if isinstance(node, LocalImage):
            tags.update(node.tags)
    return tuple(sorted(tags, key=lambda tag: (".dkr.ecr." in tag, len(tag), tag)))


def image_of(graph: ResourceGraph, image: ResourceId) -> JotImage:
    """Return an ECR image with its own tags and those of its indexes."""
    node = record(graph, image)
    tags = set(node.tags) if isinstance(node, EcrImage) else set()
    for index in dependents(graph, image, Relation.CONTAINS):
        parent = record(graph, index)
        tags.update(parent.tags if isinstance(parent, EcrImage) else ())
    return JotImage(
        image,
        repository_name_of(image),
        tuple(sorted(tags)),
        digest_of(image),
        vulnerabilities(graph, image),
    )


def dates_of(
    graph: ResourceGraph,
    runs: Configuration | Workload | None,
    image: ResourceId | None,
    local: Iterable[ResourceId],
    commit: JotCommit,
) -> JotDates:
    """Return the times of the commit, the image, its push and its deployment."""
    sha = commit_id(commit.commit)
    made = record(graph, sha) if commit.commit and sha in graph else None
    stored = record(graph, image) if image else None
    local_records = [record(graph, image) for image in local]
    built = [
        image.created_at
        for image in local_records
        if isinstance(image, LocalImage) and image.created_at
    ]
    in_ecr = stored if isinstance(stored, EcrImage) else None
    changed = (
        None
        if runs is None
        else (runs.changed_at if isinstance(runs, Workload) else runs.last_modified)
    )
    return JotDates(
        committed=made.committed_at if isinstance(made, Commit) else None,
        built=(in_ecr.created_at if in_ecr else None) or min(built, default=None),
        pushed=in_ecr.pushed_at if in_ecr else None,
        deployed=changed,
    )
