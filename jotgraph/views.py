"""Pictures and pages of a graph: the queries are run here, once, and render draws their answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from jotgraph.analysis.health import of_each
from jotgraph.gc_pause import collector_off
from jotgraph.graph import ResourceGraph, build, is_missing
from jotgraph.links import infer
from jotgraph.queries.answers.deployment import Deployment
from jotgraph.queries.answers.difference import Difference
from jotgraph.queries.jots import jots
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory, Kind, ResourceId, kind_of
from jotgraph.render.files.notebook import Picture
from jotgraph.render.picture.drawing.view import PictureOptions
from jotgraph.render.picture.layout import graphviz_engine


def options(
    graph: ResourceGraph,
    *,
    ref: str | None = None,
    page: bool = False,
    shown: ResourceGraph | None = None,
    **asked: Any,
) -> PictureOptions:
    """Return picture options with the answers of queries about ``graph``.

    The keyword arguments are fields of ``PictureOptions``. Added are the findings of its resources
    and, for a ``page``, its deployments and verdicts. ``shown`` is the graph to draw, if it is
    larger than ``graph`` (``joined``).
    """
    with collector_off():
        findings = of_each(graph, _told(graph), ref)
        if not page:
            return PictureOptions(findings=findings, **asked)
        listed = graph if shown is None else shown
        table = jots(listed, ref=ref, all_versions=True, undeployed=True)
        return PictureOptions(
            findings=findings,
            jots=table.jots,
            deployed=jots(listed, ref=ref).jots,
            judgements=orphans(graph).all(),
            **asked,
        )


def _told(graph: ResourceGraph) -> Iterator[ResourceId]:
    """Everything that can have findings: commits that were read have none."""
    for resource in graph:
        if kind_of(resource) is not Kind.COMMIT or is_missing(graph, resource):
            yield resource


def joined(before: Inventory, after: Inventory, difference: Difference) -> ResourceGraph:
    """Return the graph of ``after`` with what has been removed since ``before``, and its lines."""
    removed = set(difference.removed)
    merged: dict[str, tuple[Any, ...]] = defaultdict(tuple)
    for name in before.__struct_fields__:
        records = getattr(before, name)
        if isinstance(records, tuple):
            gone = tuple(record for record in records if getattr(record, "id", None) in removed)
            if gone:
                merged[name] = (*getattr(after, name), *gone)
    then = [link for link in infer(before) if link.source in removed or link.target in removed]
    return build(msgspec.structs.replace(after, **merged), [*infer(after), *then])


def draw(
    graph: ResourceGraph,
    *,
    focus: Iterable[ResourceId] | Deployment = (),
    depth: int | None = None,
    collapse: bool = False,
    budget: int = 300,
    title: str = "",
    which: str = graphviz_engine.PURE,
) -> Picture:
    """Draw a graph with what the queries know about it. ``focus`` restricts it to the lineage of
    some ids, or of a deployment, up to ``depth`` steps; above ``budget`` cards the picture is
    folded. The layout is computed when it is shown or saved."""
    asked = options(
        graph,
        page=True,
        focus=(focus.root,) if isinstance(focus, Deployment) else tuple(focus),
        depth=depth,
        collapse=collapse,
        budget=budget,
        title=title,
    )
    return Picture(graph, asked, which)
