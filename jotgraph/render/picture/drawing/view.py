"""Graph -> Drawing: what is shown of it, under which words, in which quiet boxes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from jotgraph import graph as graphs
from jotgraph.analysis.health.model import Finding
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.queries.answers.jots import Jot
from jotgraph.queries.answers.orphans import Judgement
from jotgraph.records import Kind, ResourceId, kind_of, repository_of
from jotgraph.render import words
from jotgraph.render.picture.drawing.clusters import cluster_of, index_of
from jotgraph.render.picture.drawing.edges import explain, flows
from jotgraph.render.picture.drawing.filter import chosen, left_out, only_states
from jotgraph.render.picture.drawing.model import Drawing
from jotgraph.render.picture.drawing.nodes import card, clusters, dress, refs_of


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked to see."""

    findings: Mapping[ResourceId, tuple[Finding, ...]] = {}
    """What is wrong with the resources, or worth a look (``analysis/health``)."""
    jots: tuple[Jot, ...] = ()
    """The deployments that a page lists: those of every version, and images that nothing runs."""
    judgements: tuple[Judgement, ...] = ()
    """The verdicts that a page tells."""
    marks: Mapping[ResourceId, str] = {}
    """An overlay: a word of ``style.MARKS`` per resource."""
    overlay: str = ""
    about: str = ""
    """What the overlay is about, first in the caption: ``plan: will be deleted 9``."""
    focus: tuple[ResourceId, ...] = ()
    depth: int | None = None
    """Steps from the focus; None follows lineage to its ends."""
    kinds: tuple[Kind, ...] = ()
    """Only these kinds, all if empty."""
    words: tuple[str, ...] = ()
    """Only resources in one of these states, and their direct neighbours."""
    collapse: bool = False
    budget: int = 300
    """Most cards to draw; above it the picture folds itself and says so. 0 is no limit."""
    unlinked_commits: bool = False
    legend: bool = True
    title: str = "jotgraph"


def view(graph: ResourceGraph, options: Options | None = None) -> Drawing:
    """Choose and word everything that is drawn; nothing is folded here (see ``fold``)."""
    return dress(graph, explain(graph, plain_view(graph, options or Options())))


def plain_view(graph: ResourceGraph, asked: Options) -> Drawing:
    """The same without tooltips and addresses, which few of many cards and lines need that are
    to be folded; ``dress`` and ``explain`` add them."""
    found = chosen(graph, asked.focus, asked.depth, asked.kinds, asked.unlinked_commits)
    parents = {
        target
        for source, target, _ in graphs.edges(graph, Relation.PART_OF)
        if source in found and target in found
    }
    boxed = {each: box for each in found if (box := cluster_of(graph, each, parents)) is not None}
    full = set(boxed.values())
    full |= {repository_of(each) for each in boxed if index_of(boxed[each])}
    shown = sorted(each for each in found if not (kind_of(each) is Kind.ECR_REPO and each in full))
    edges = flows(graph, set(shown), boxed, asked.findings)
    commits = refs_of(graphs.about(graph).git)
    nodes = tuple(
        card(
            graph,
            each,
            boxed.get(each, ""),
            asked.findings.get(each, ()),
            commits.get(each, ()),
            asked.marks.get(each, ""),
        )
        for each in shown
    )
    drawing = only_states(
        Drawing(
            title=words.clean(asked.title, 80),
            caption=(*_about(asked), *caption(graph)),
            nodes=nodes,
            edges=tuple(edges),
            clusters=tuple(clusters(graph, sorted(full))),
            overlay=asked.overlay,
        ),
        asked.words,
    )
    said = left_out(
        drawing,
        _unlinked(graph, found),
        (words.title(graphs.record(graph, each)) for each in asked.focus),
        asked.depth,
        asked.kinds,
        asked.words,
    )
    clean = (words.clean(each, 300) for each in said)
    return replace(drawing, caption=(*drawing.caption, *clean))


def _about(asked: Options) -> tuple[str, ...]:
    return (words.clean(asked.about, 160),) if asked.about else ()


def _unlinked(graph: ResourceGraph, found: set[ResourceId]) -> int:
    """How many commits that nothing touches are not among those found."""
    return sum(
        1
        for each in graph
        if kind_of(each) is Kind.COMMIT and each not in found and not graph.degree(each)
    )


def caption(graph: ResourceGraph) -> tuple[str, ...]:
    """Scope, time and gaps in short sentences."""
    known = graphs.about(graph)
    regions: dict[str, list[str]] = {}
    for account, region in sorted(known.scope.places):
        regions.setdefault(account, []).append(region)
    places = [f"{account} ({', '.join(found[:4])})" for account, found in regions.items()]
    scope = [*places[:3], *([f"and {len(places) - 3} more accounts"] if len(places) > 3 else [])]
    if known.scope.git:
        scope.append("git " + ", ".join(known.scope.git[:4]))
    if known.scope.engine:
        scope.append(f"engine {known.scope.engine}")
    said = [f"scanned {known.taken_at:%Y-%m-%d %H:%M} UTC"]
    if scope:
        said.append("scope: " + ", ".join(scope))
    failed = [gap for gap in known.gaps if gap.asked]
    if failed:
        first = failed[0]
        said.append(f"not read ({len(failed)}): {first.service} {first.action} {first.reason}")
    elif not known.gaps:
        said.append("no gaps")
    return tuple(words.clean(each, 160) for each in said)
