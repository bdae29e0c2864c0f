"""Lineages -> a tree for a terminal, in the order in which work flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from jotgraph.graph import ResourceGraph, dependents, record
from jotgraph.links import Relation
from jotgraph.queries.answers.lineage import Path, Trace
from jotgraph.records import (
    Alias,
    Commit,
    EcrImage,
    Kind,
    LocalImage,
    Missing,
    ResourceId,
    key_of,
    kind_of,
)
from jotgraph.render.answers.tables import STANDING_STYLE, short_digest, short_sha, within

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

_TAGS = 40
"""Characters of tags shown: in 80 columns the digest behind them is still on the line."""

Branches: TypeAlias = "dict[ResourceId, Branches]"

KIND_WORDS = {
    Kind.COMMIT: "commit",
    Kind.LOCAL_IMAGE: "local image",
    Kind.CONTAINER: "container",
    Kind.ECR_REPO: "repository",
    Kind.ECR_IMAGE: "image",
    Kind.FUNCTION: "function",
    Kind.VERSION: "version",
    Kind.ALIAS: "alias",
    Kind.TRIGGER: "trigger",
    Kind.ROLE: "role",
}


def trace(graph: ResourceGraph, answer: Trace) -> Tree:
    """The lineages of one resource, which is marked; common beginnings are drawn once."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw
    from rich.tree import Tree  # noqa: PLC0415 -- as above

    root = Tree(Text(""), guide_style="dim", hide_root=True)
    branches: Branches = {}
    for path in answer.paths:
        here = branches
        for each in path.ids:
            here = here.setdefault(each, {})
    paths = {path.ids[0]: path for path in answer.paths if path.ids}
    _grow(graph, answer, root, branches, paths)
    return root


def _grow(
    graph: ResourceGraph,
    answer: Trace,
    tree: Tree,
    branches: Branches,
    first: dict[ResourceId, Path],
    in_repository: bool = False,
) -> None:
    """Draw the branches below a node; ``first`` holds the paths that begin here."""
    for resource, below in branches.items():
        line = label(graph, resource, in_repository)
        if resource == answer.resource:
            line.stylize("bold", 0, len(line))
            line.append(" ◀", style="cyan")
        if resource in first:
            _say_standing(line, resource, first[resource])
        _say_subject(graph, line, resource)
        held = kind_of(resource) in (Kind.ECR_REPO, Kind.ECR_IMAGE)
        branch = tree.add(line)
        if resource in first:
            _grow_bases(graph, branch, first[resource].bases)
        _grow(graph, answer, branch, below, {}, held)


def _say_standing(line: Text, resource: ResourceId, path: Path) -> None:
    if kind_of(resource) is not Kind.COMMIT:
        line.append("  commit unknown", style="dim")
        return
    if path.count > 1:
        line.append(f" +{path.count - 1} alike")
    stands = path.standing
    doubtful = stands.dirty or stands.doubt
    line.append(f"  {stands.words()}", "yellow" if doubtful else STANDING_STYLE[stands.state])
    if path.conflict:
        line.append(f"  conflict: {path.conflict}", style="bold red")


def _grow_bases(graph: ResourceGraph, tree: Tree, bases: tuple[ResourceId, ...]) -> None:
    """Base images below the first node: several when their layers are equal."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    word = "based on " if len(bases) == 1 else "based on one of "
    for each in bases:
        tree.add(Text(word, "dim").append_text(label(graph, each)))


def label(graph: ResourceGraph, resource: ResourceId, in_repository: bool = False) -> Text:
    """One line for a resource: its kind, its name (without the repository's, below it), and
    whether it is missing."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    node = record(graph, resource)
    line = Text(f"{KIND_WORDS[kind_of(resource)]} ", style="", no_wrap=True, overflow="ellipsis")
    line.stylize("dim")
    if kind_of(resource) is Kind.ECR_IMAGE and not in_repository:
        line.append(f"{key_of(resource).split('/', 2)[2].rpartition('@')[0]} ")
    line.append(name(graph, resource))
    if isinstance(node, Missing):
        absent = node.looked and kind_of(resource) is not Kind.COMMIT
        line.append("  missing" if absent else "  not read", "bold red" if absent else "yellow")
    elif isinstance(node, EcrImage) and node.status != "ACTIVE":
        line.append(f"  {node.status.lower()}", "bold red")
    return line


def _say_subject(graph: ResourceGraph, line: Text, resource: ResourceId) -> None:
    node = record(graph, resource)
    if isinstance(node, Commit):
        line.append(f"  {node.subject}", style="italic")


def name(graph: ResourceGraph, resource: ResourceId) -> str:
    """A short name, with tags and weights."""
    node = record(graph, resource)
    match node:
        case Commit():
            return short_sha(node.sha)
        case LocalImage():
            return f"{within(node.tags, _TAGS) or 'untagged'} {short_digest(node.image_id)}"
        case EcrImage():
            kind = "" if node.type.value in ("image", "unknown") else f" {node.type.value}"
            tags = node.tags or _index_tags(graph, resource)
            return f"{within(tags, _TAGS) or 'untagged'} @{short_digest(node.digest)}{kind}"
        case Alias():
            return f"{node.function_name}:{node.name}{_weights(node)}"
        case _:
            return _name_of_id(resource)


def _index_tags(graph: ResourceGraph, image: ResourceId) -> tuple[str, ...]:
    """Tags of the indexes that an image is in, as the table of jots has them."""
    indexes = (record(graph, each) for each in dependents(graph, image, Relation.CONTAINS))
    found = {tag for each in indexes if isinstance(each, EcrImage) for tag in each.tags}
    return tuple(sorted(found))


def _name_of_id(resource: ResourceId) -> str:
    key = key_of(resource)
    match kind_of(resource):
        case Kind.COMMIT:
            return short_sha(key)
        case Kind.ECR_IMAGE:
            return f"@{short_digest(key.rpartition('@')[2])}"
        case Kind.LOCAL_IMAGE | Kind.CONTAINER:
            return short_digest(key)
        case Kind.ROLE:
            return key.partition("/")[2]
        case _:
            return key.split("/", 2)[2]


def _weights(alias: Alias) -> str:
    if not alias.weights:
        return ""
    shares = [(alias.version, 1 - sum(share for _, share in alias.weights)), *alias.weights]
    return f" ({', '.join(f'{share:.0%} to {number}' for number, share in shares)})"
