"""The lineages of one resource, as a tree in the order in which work flows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from jotgraph.graph import ResourceGraph, record
from jotgraph.queries.answers.lineage import Path, Trace
from jotgraph.records import KINDS, Commit, Kind, ResourceId, Workload, WorkloadState, kind_of
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.findings import count_words, finding_lines
from jotgraph.render.answers.labels import label, name, standing_style
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text
    from rich.tree import Tree

Branches: TypeAlias = "dict[ResourceId, Branches]"


def writers(graph: ResourceGraph) -> Writers[Trace]:
    """A writer for each format; ``graph`` names what the answer speaks of."""
    return table_like(partial(as_table, graph), as_json, csv_rows, partial(markdown_rows, graph))


def as_table(graph: ResourceGraph, answer: Trace) -> Group:
    """Return the findings on the lineages of one resource, then these, with the resource marked;
    common beginnings are drawn once."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw

    return Group(*finding_lines(answer.findings, answer.resource), _tree(graph, answer))


def _tree(graph: ResourceGraph, answer: Trace) -> Tree:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw
    from rich.tree import Tree  # noqa: PLC0415 -- as above

    root = Tree(Text(""), guide_style="dim", hide_root=True)
    branches: Branches = {}
    for path in answer.paths:
        branch = branches
        for resource in path.ids:
            branch = branch.setdefault(resource, {})
    paths = {path.ids[0]: path for path in answer.paths if path.ids}
    _grow(graph, answer, root, branches, paths)
    return root


def note(answer: Trace) -> str:
    """Return the number of lineages, and the findings on them."""
    lineages = counted(len(answer.paths), "lineage")
    return f"{lineages}: {count_words(answer.findings, 'nothing wrong')}"


def as_json(answer: Trace) -> str:
    """The lineages of one resource."""
    return answer_text(
        "trace",
        answer.about,
        {
            "resource": answer.resource,
            "findings": answer.findings,
            "paths": answer.paths,
            "hidden_versions": answer.hidden_versions,
        },
    )


def csv_rows(answer: Trace) -> TextTable:
    """Return a row for each lineage, with a column for each kind; an index comes before its
    image."""
    return TextTable(
        (
            *(kind.value.replace("-", "_") for kind in Kind),
            "commits", "standing", "behind", "ref", "conflict", "based_on",
        ),
        [
            (
                *([id_ for id_ in path.ids if kind_of(id_) is kind] for kind in Kind),
                path.count,
                path.standing.state,
                path.standing.behind,
                path.standing.ref,
                path.conflict,
                path.bases,
            )
            for path in answer.paths
        ],
    )  # fmt: skip


def markdown_rows(graph: ResourceGraph, answer: Trace) -> TextTable:
    """Return a row for each lineage, with a column for each kind that occurs."""
    kinds = [
        kind
        for kind in Kind
        if any(kind_of(id_) is kind for path in answer.paths for id_ in path.ids)
    ]
    return TextTable(
        (*(_heading(kind) for kind in kinds), "Lag"),
        [
            (
                *(
                    " ".join(name(graph, id_) for id_ in path.ids if kind_of(id_) is kind)
                    for kind in kinds
                ),
                path.standing.words() if path.count else "commit unknown",
            )
            for path in answer.paths
        ],
    )


def _heading(kind: Kind) -> str:
    title = KINDS[kind].title
    return title[:1].upper() + title[1:]


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
        holds_images = kind_of(resource) in (Kind.ECR_REPO, Kind.ECR_IMAGE)
        branch = tree.add(line)
        if resource in first:
            _grow_bases(graph, branch, first[resource].bases)
        _grow(graph, answer, branch, below, {}, holds_images)


def _say_standing(line: Text, resource: ResourceId, path: Path) -> None:
    if kind_of(resource) is not Kind.COMMIT:
        line.append("  commit unknown", style="dim")
        return
    if path.count > 1:
        line.append(f" +{path.count - 1} alike")
    stands = path.standing
    line.append(f"  {stands.words()}", standing_style(stands))
    if path.conflict:
        line.append(f"  conflict: {path.conflict}", style="bold red")


def _grow_bases(graph: ResourceGraph, tree: Tree, bases: tuple[ResourceId, ...]) -> None:
    """Base images below the first node: several when their layers are equal."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    word = "based on " if len(bases) == 1 else "based on one of "
    for base in bases:
        tree.add(Text(word, "dim").append_text(label(graph, base)))


_STARTS = {
    WorkloadState.NEWEST: "at the next start",
    WorkloadState.ACTIVE: "an older revision, when it is started",
}
"""Details of an image that are shown if nothing is known to run it."""


def _say_subject(graph: ResourceGraph, line: Text, resource: ResourceId) -> None:
    node = record(graph, resource)
    if isinstance(node, Commit):
        line.append(f"  {node.subject}", style="italic")
    if isinstance(node, Workload) and node.state in _STARTS:
        line.append(f"  {_STARTS[node.state]}", style="dim")
