"""Selects what is shown of a graph, with its words and boxes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from jotgraph import graph as graphs
from jotgraph.analysis.coverage import lacking_words
from jotgraph.analysis.health.model import Finding
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.queries.answers.jots import Jot
from jotgraph.queries.answers.orphans import Judgement
from jotgraph.records import Kind, ResourceId, kind_of, repository_of
from jotgraph.render import words
from jotgraph.render.picture.drawing import node_text
from jotgraph.render.picture.drawing.clusters import cluster_of, index_of
from jotgraph.render.picture.drawing.edges import edges_of, edges_through, with_evidence
from jotgraph.render.picture.drawing.filter import chosen, left_out, local_copies, only_states
from jotgraph.render.picture.drawing.model import Drawing, Edge, Node, Sentence
from jotgraph.render.picture.drawing.nodes import clusters, node_of, refs_of, with_details


class PictureOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a picture."""

    findings: Mapping[ResourceId, tuple[Finding, ...]] = {}
    """The findings of the resources (``analysis/health``)."""
    jots: tuple[Jot, ...] = ()
    """The deployments listed on a page: those of every version, and unused images."""
    deployed: tuple[Jot, ...] = ()
    """The deployments counted on a page, as in ``ls`` and ``summary``."""
    judgements: tuple[Judgement, ...] = ()
    """The verdicts shown on a page."""
    marks: Mapping[ResourceId, str] = {}
    """An overlay: a word of ``style.MARKS`` for each resource."""
    overlay: str = ""
    about: str = ""
    """The subject of the overlay, first in the caption: ``plan: to delete 9``."""
    focus: tuple[ResourceId, ...] = ()
    depth: int | None = None
    """Steps from the focus; None follows the lineage to its ends."""
    kinds: tuple[Kind, ...] = ()
    """Only these kinds, all if empty."""
    words: tuple[str, ...] = ()
    """Only resources in one of these states, and their direct neighbours."""
    collapse: bool = False
    budget: int = 300
    """The most cards to draw; above it the picture is folded, and says so. 0 means no limit."""
    slide: bool = False
    """Whether the picture has to be readable on a slide: it is folded as much as necessary."""
    unlinked_commits: bool = False
    local_copies: bool = False
    """Whether a picture of the whole estate includes local images that are also in ECR, and base
    images."""
    legend: bool = True
    title: str = ""
    """The title; empty for the snapshot, its account and its time."""
    snapshot: str = ""
    """The name of the snapshot: ``prod#42``."""

    @property
    def whole(self) -> bool:
        """Return whether nothing restricts or marks the estate."""
        return not (self.focus or self.kinds or self.words or self.marks)

    @property
    def brief(self) -> bool:
        """Return whether local images that are also in ECR have no card."""
        return self.whole and not self.local_copies


def view(
    graph: ResourceGraph, options: PictureOptions | None = None, *, brief: bool = False
) -> Drawing:
    """Select and word everything that is drawn; nothing is folded here (see ``fold``)."""
    drawing = plain_view(graph, options or PictureOptions(), brief=brief)
    return with_details(graph, with_evidence(graph, drawing))


def copies(graph: ResourceGraph, asked: PictureOptions) -> tuple[Node, ...]:
    """Return the local images and containers without a card in a brief picture, each as one: a page
    finds and describes them all the same."""
    if not asked.brief:
        return ()
    shown = chosen(graph, asked.focus, asked.depth, asked.kinds, asked.unlinked_commits)
    left = sorted(local_copies(graph, shown, asked.findings))
    nodes = (
        node_of(graph, resource, "", asked.findings.get(resource, ()), (), "") for resource in left
    )
    return with_details(graph, Drawing(nodes=tuple(nodes))).nodes


def plain_view(graph: ResourceGraph, asked: PictureOptions, *, brief: bool = False) -> Drawing:
    """Return the view without tooltips and addresses, which few of the cards and lines to be folded
    need. ``with_details`` and ``with_evidence`` add them. ``brief``: without local images that a
    picture of the whole estate need not show."""
    shown = chosen(graph, asked.focus, asked.depth, asked.kinds, asked.unlinked_commits)
    copies = local_copies(graph, shown, asked.findings) if brief else set()
    shown -= copies
    drawing = only_states(_drawn(graph, shown, asked, copies), asked.words)
    sentences = left_out(
        drawing,
        _unlinked(graph, shown),
        sum(kind_of(copy) is Kind.LOCAL_IMAGE for copy in copies),
        (node_text.title(graphs.record(graph, resource)) for resource in asked.focus),
        asked.depth,
        asked.kinds,
        asked.words,
    )
    clean = (Sentence(words.clean(sentence, 300)) for sentence in sentences)
    return replace(drawing, sentences=(*drawing.sentences, *clean))


def _drawn(
    graph: ResourceGraph, resources: set[ResourceId], asked: PictureOptions, copies: set[ResourceId]
) -> Drawing:
    """The selected resources, each in its box; a repository with images is only a box, and the
    lineage passes through omitted local ``copies``."""
    boxes = _boxes(graph, resources)
    full = {*boxes.values(), *(repository_of(image) for image in boxes if index_of(boxes[image]))}
    shown = sorted(
        resource
        for resource in resources
        if not (kind_of(resource) is Kind.ECR_REPO and resource in full)
    )
    refs = refs_of(graphs.about(graph).git)
    nodes = (
        node_of(
            graph,
            resource,
            boxes.get(resource, ""),
            asked.findings.get(resource, ()),
            refs.get(resource, ()),
            asked.marks.get(resource, ""),
        )
        for resource in shown
    )
    edges = edges_of(graph, set(shown), boxes, asked.findings)
    return Drawing(
        title=words.clean(asked.title or _title(graph, asked.snapshot), 80),
        sentences=(*_about(asked), *caption(graph)),
        nodes=tuple(nodes),
        edges=_sorted(edges, edges_through(graph, copies, set(shown), asked.findings)),
        clusters=tuple(clusters(graph, sorted(full))),
        overlay=asked.overlay,
        accounts=_named_accounts(graph),
    )


def _named_accounts(graph: ResourceGraph) -> tuple[tuple[str, str], ...]:
    """Names of accounts, cleaned for drawing."""
    names = graphs.about(graph).scope.names
    return tuple((account, words.clean(name, 40)) for account, name in names)


def _sorted(edges: list[Edge], through: list[Edge]) -> tuple[Edge, ...]:
    """All lines; copies of one image share one line to each commit."""
    known = {(edge.source, edge.target): edge for edge in (*through, *edges)}
    return tuple(known[ends] for ends in sorted(known))


def _title(graph: ResourceGraph, snapshot: str) -> str:
    """The snapshot, its account and the date; the caption has the time."""
    known = graphs.about(graph)
    accounts = sorted({account for account, _ in known.scope.places})
    of = f"account {accounts[0]}" if len(accounts) == 1 else f"{len(accounts)} accounts"
    parts = (snapshot, of if accounts else "", f"{known.taken_at:%Y-%m-%d}")
    return " · ".join(filter(None, parts))


def _boxes(graph: ResourceGraph, shown: set[ResourceId]) -> dict[ResourceId, ResourceId]:
    """The box of each resource that has one."""
    parents = {
        function
        for part, function, _ in graphs.edges(graph, Relation.PART_OF)
        if part in shown and function in shown
    }
    boxes = ((resource, cluster_of(graph, resource, parents)) for resource in shown)
    return {resource: box for resource, box in boxes if box is not None}


def _about(asked: PictureOptions) -> tuple[Sentence, ...]:
    return (Sentence(words.clean(asked.about, 160)),) if asked.about else ()


def _unlinked(graph: ResourceGraph, shown: set[ResourceId]) -> int:
    """How many commits without any link are left out."""
    linked = graphs.linked(graph)
    commits = graphs.known_of_kind(graph, Kind.COMMIT)
    return sum(1 for commit in commits if commit not in shown and commit not in linked)


def caption(graph: ResourceGraph) -> tuple[Sentence, ...]:
    """Return scope, time, gaps, and services that may run images and were not read, in short
    sentences."""
    known = graphs.about(graph)
    regions: dict[str, list[str]] = {}
    for account, region in sorted(known.scope.places):
        regions.setdefault(account, []).append(region)
    names = dict(known.scope.names)
    places = [
        f"{' '.join(filter(None, (account, names.get(account))))} ({', '.join(places[:4])})"
        for account, places in regions.items()
    ]
    scope = [*places[:3], *([f"and {len(places) - 3} more accounts"] if len(places) > 3 else [])]
    if known.scope.git:
        scope.append("git " + ", ".join(known.scope.git[:4]))
    if known.scope.engine:
        scope.append(f"engine {known.scope.engine}")
    sentences = [Sentence(f"scanned {known.taken_at:%Y-%m-%d %H:%M} UTC")]
    if scope:
        sentences.append(Sentence("scope: " + ", ".join(scope)))
    failed = [gap for gap in known.gaps if gap.asked]
    if failed:
        first = failed[0]
        what = f"{first.service} {first.action} {first.why}"
        sentences.append(Sentence(f"not read ({len(failed)}): {what}", unread=True))
    if lacking := lacking_words(known.scope):
        sentences.append(Sentence(f"not read, and may run images: {lacking}", unread=True))
    elif not known.gaps:
        sentences.append(Sentence("no gaps"))
    return tuple(Sentence(words.clean(text, 300), unread) for text, unread in sentences)
