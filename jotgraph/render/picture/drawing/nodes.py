"""The card of a resource: title, second line, tooltip and address; and the boxes around cards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from jotgraph import graph as graphs
from jotgraph.analysis.health.model import Finding
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.records import (
    Alias,
    Commit,
    EcrImage,
    EcrRepository,
    Function,
    GitRepository,
    Kind,
    Missing,
    ResourceId,
    Version,
    kind_of,
    name_of,
    place_of,
    repository_of,
)
from jotgraph.records import Node as Recorded
from jotgraph.records.ids import NOWHERE
from jotgraph.render import words
from jotgraph.render.picture.drawing import addresses, node_text
from jotgraph.render.picture.drawing.clusters import git_key_of, index_of
from jotgraph.render.picture.drawing.model import Cluster, Drawing, Node
from jotgraph.render.picture.drawing.states import states_of


def node_of(
    graph: ResourceGraph,
    resource: ResourceId,
    cluster: str,
    findings: tuple[Finding, ...],
    refs: tuple[str, ...],
    mark: str,
) -> Node:
    """Return the card of a resource with its findings; ``with_details`` adds its tooltip and
    address. ``refs``: branches and tags of a commit."""
    read = graphs.record(graph, resource)
    account, region = place_of(resource)
    inside = isinstance(read, Function) and cluster == resource
    title = (
        node_text.commit_title(read, refs) if isinstance(read, Commit) else node_text.title(read)
    )
    return Node(
        id=resource,
        kind=kind_of(resource),
        title="$LATEST" if inside else words.clean(title, 80),
        line=words.clean(_line(graph, read), 120),
        name=words.clean(_full_name(read), 300),
        tooltip="\n".join(
            words.clean(f"{finding.word}: {finding.statement}")
            for finding in findings
            if finding.known
        ),
        states=states_of(findings),
        missing=isinstance(read, Missing),
        account=account,
        region=region,
        cluster=cluster,
        mark=mark,
    )


def with_details(graph: ResourceGraph, drawing: Drawing) -> Drawing:
    """Add its tooltip and address to each card, before what folding has written there."""
    return replace(drawing, nodes=tuple(_dressed(graph, node) for node in drawing.nodes))


def _dressed(graph: ResourceGraph, node: Node) -> Node:
    read = graphs.record(graph, node.id)
    git = graphs.about(graph).git
    remotes = addresses.remotes_of(read, git) if isinstance(read, Commit) else ()
    facts = [words.clean(fact) for fact in node_text.facts(read)]
    before = [node.tooltip] if node.tooltip else []
    return replace(
        node,
        tooltip="\n".join([*facts, *before]),
        # a stack leads to no page of one of its cards
        href=addresses.address(read, remotes) if node.count == 1 else "",
    )


def clusters(graph: ResourceGraph, keys: Iterable[ResourceId]) -> Iterator[Cluster]:
    """Return the boxes with these keys."""
    for key in keys:
        index, repository = index_of(key), git_key_of(key)
        known = index or key
        read: Recorded | None = graphs.record(graph, known) if known in graph else None
        account, region = NOWHERE if repository else place_of(known)
        name = node_text.title(read) if index and read else repository or name_of(known)
        yield Cluster(
            key=key,
            kind=key.partition(":")[0],
            title=words.clean(name, 80),
            parent=repository_of(index) if index else "",
            tooltip="\n".join(map(words.clean, node_text.facts(read) if read else (key,))),
            href=addresses.address(read) if read else "",
            account=account,
            region=region,
        )


def refs_of(git: Iterable[GitRepository]) -> dict[ResourceId, tuple[str, ...]]:
    """Return short branch and tag names by commit, branches first."""
    names_by_commit: dict[ResourceId, list[str]] = {}
    for repository in git:
        ranked = sorted(
            repository.refs, key=lambda ref: (not ref[0].startswith("refs/heads/"), ref)
        )
        for ref, sha in ranked:
            if ref.startswith(("refs/heads/", "refs/tags/")):
                name = ref.split("/", 2)[2]
                names = names_by_commit.setdefault(ResourceId(f"commit:{sha}"), [])
                if name not in names:
                    names.append(name)
    return {commit: tuple(names) for commit, names in names_by_commit.items()}


def _line(graph: ResourceGraph, record: Recorded) -> str:
    """The second line; for a repository what it contains."""
    if not isinstance(record, EcrRepository):
        return node_text.line(record)
    images = len(graphs.dependents(graph, record.id, Relation.STORED_IN))
    if images:
        return f"{images:,} image{'' if images == 1 else 's'}"
    unread = any(
        Kind.ECR_IMAGE in gap.hides
        and gap.account in ("", record.account)
        and gap.region in ("", record.region)
        and gap.resource in ("", record.name)
        for gap in graphs.gaps(graph)
    )
    return "its images were not read" if unread else "empty repository"


def _full_name(record: Recorded) -> str:
    """The name that a person would type to find it."""
    if isinstance(record, Version | Alias):
        return name_of(record.id)
    if isinstance(record, EcrImage):
        return " ".join(f"{record.repository}:{tag}" for tag in record.tags) or record.digest
    if isinstance(record, Commit):
        return f"{record.sha} {record.subject}"
    return node_text.title(record)
