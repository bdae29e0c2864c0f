"""The command ``jotgraph render``, which draws an inventory or exports it as a graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.kind_choice import EVERY, KindOption
from jotgraph.cli.options import NewFile, pictures, ref_option
from jotgraph.cli.scan_options import Reading, reading

if TYPE_CHECKING:
    from jotgraph.graph import ResourceGraph
    from jotgraph.records import Inventory, ResourceId
    from jotgraph.render.picture.drawing.view import PictureOptions

_OVERLAYS = ("plan", "diff", "where")


@click.command(
    epilog="Example: jotgraph render -o checkout.svg --focus checkout-api --from prod\n\n"
    "Formats, by suffix: .svg .png .pdf .html (a page to explore) .dot .mmd (Mermaid) "
    ".graphml .json (node-link) .cyjs (Cytoscape) .zip (openCypher CSV)."
)
@click.option(
    "-o",
    "path",
    required=True,
    type=NewFile(pictures),
    metavar="FILE",
    help="File to write; its suffix is the format.",
)
@click.option(
    "--focus", multiple=True, metavar="NAME", help="Only the lineage of this resource; repeatable."
)
@click.option(
    "--depth", type=click.IntRange(0), metavar="N", help="Only so many steps from --focus."
)
@click.option("--kind", "kinds", cls=KindOption, type=EVERY, help="Only this kind; repeatable.")
@click.option(
    "--state",
    "words",
    multiple=True,
    metavar="WORD",
    help="Only resources in this state: drift, broken, orphan…; repeatable.",
)
@click.option("--orphans", is_flag=True, help="Only orphans; the same as --state orphan.")
@click.option("--collapse", is_flag=True, help="Fold versions, unused images and identical chains.")
@click.option(
    "--budget",
    type=click.IntRange(0),
    default=300,
    show_default=True,
    help="Fold the picture if it has more cards than this. 0: never.",
)
@click.option(
    "--slide",
    is_flag=True,
    help="Fit a slide of 1920x1080: fold, healthy resources first, until the smallest type is 11 "
    "px.",
)
@click.option("--all-commits", is_flag=True, help="Include commits that no image was built from.")
@click.option(
    "--local-copies",
    is_flag=True,
    help="Include local images that are in ECR too, and base images.",
)
@ref_option
@click.option(
    "--plan",
    "plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Mark what this plan deletes, keeps and is blocked by.",
)
@click.option("--diff", metavar="FILE|REF", help="Mark what changed since this inventory.")
@click.option("--where", metavar="COMMITISH", help="Mark what contains this commit.")
@click.option(
    "--engine",
    type=click.Choice(("pure", "dot")),
    default="pure",
    show_default=True,
    help="Layout engine: graphviz-pure, or the system's dot.",
)
@click.option("--legend/--no-legend", default=True, help="Add a legend.")
@click.option("--title", metavar="TEXT", help="Title. Default: the snapshot, its account and time.")
@min_confidence
@reading
def render(path: Path, engine: str, confidence: str, reading: Reading, **asked: Any) -> None:
    """Draw a picture, or a page to explore.

    From left to right: commit, local image, registry image, function, role. The shape is the kind,
    the word the state, and the line style how sure a link is. Only what is wrong is red. A large
    picture is folded, and says so in its caption.
    """
    from jotgraph.cli import answer, graphs, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import about  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.files import export  # noqa: PLC0415 -- as above
    from jotgraph.store.writing import write_answer  # noqa: PLC0415 -- as above

    _one_overlay(asked)
    inventory = world.inventory_of(reading)
    graph = graphs.graph_with(inventory, confidence)
    overlay = _overlay(inventory, graph, asked)
    suffix = path.suffix.lower()
    asked["snapshot"] = world.snapshot_name(reading)
    options = _options(graph, overlay, asked, page=suffix == ".html")
    written = export.render(overlay.shown, suffix, options, engine)
    write_answer(path, written)
    note = "\n".join(filter(None, (f"wrote {path}", overlay.note)))
    answer.finish(about(graph), reading, note=note, unused=answer.OF_VERDICTS)


def _one_overlay(asked: dict[str, Any]) -> None:
    if sum(bool(asked[name]) for name in _OVERLAYS) > 1:
        raise click.UsageError("use only one of --plan, --diff and --where")


class _Overlay(NamedTuple):
    """The marks of a picture, what they are about, and the graph that has all that is marked."""

    shown: ResourceGraph
    marks: Mapping[ResourceId, str] = MappingProxyType({})
    about: str = ""
    note: str = ""
    """What is to be said beside the picture."""


def _overlay(inventory: Inventory, graph: ResourceGraph, asked: dict[str, Any]) -> _Overlay:
    from jotgraph import views  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import record  # noqa: PLC0415 -- as above
    from jotgraph.queries.difference import difference  # noqa: PLC0415 -- as above
    from jotgraph.queries.find import find_commit  # noqa: PLC0415 -- as above
    from jotgraph.queries.where import where  # noqa: PLC0415 -- as above
    from jotgraph.render.picture.drawing import overlays  # noqa: PLC0415 -- as above
    from jotgraph.render.picture.drawing.node_text import title  # noqa: PLC0415 -- as above

    if asked["plan"]:
        return _of_plan(inventory, graph, asked["plan"])
    if asked["where"]:
        commit = find_commit(graph, asked["where"])
        marks = overlays.where(where(graph, commit))
        about = f"commit {title(record(graph, commit))}"
        return _Overlay(graph, marks, overlays.counts(about, marks, commit))
    if asked["diff"]:
        before = world.stored(asked["diff"])
        changes = difference(before, inventory)
        marks = overlays.diff(changes)
        about = f"since the scan of {before.taken_at:%Y-%m-%d %H:%M} UTC"
        shown = views.joined(before, inventory, changes)
        return _Overlay(shown, marks, overlays.counts(about, marks))
    return _Overlay(graph)


def _of_plan(inventory: Inventory, graph: ResourceGraph, path: Path) -> _Overlay:
    """The marks of a plan, which says so if it was made from another inventory. Raises PlanError,
    and OptionError for a plan that speaks of nothing that is drawn."""
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- what only a run needs
    from jotgraph.plan.file import parse  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.picture.drawing import overlays  # noqa: PLC0415 -- as above

    made = parse(path.read_bytes(), str(path))
    marks = overlays.plan(made)
    drawn = {resource: mark for resource, mark in marks.items() if resource in graph}
    scanned = f"{made.taken_at:%Y-%m-%d %H:%M} UTC"
    if marks and not drawn:
        raise OptionError(
            f"{path} was made from the scan of {scanned}, and nothing that it speaks of is in this "
            "inventory: draw it with --from that one"
        )
    if made.taken_at == inventory.taken_at:
        return _Overlay(graph, marks, overlays.counts("plan", marks))
    absent = f", not here {len(marks) - len(drawn):,}" if len(drawn) < len(marks) else ""
    about = f"{overlays.counts(f'plan from the scan of {scanned}', drawn)}{absent}"
    note = (
        f"{path} was made from the scan of {scanned}, and this inventory is of "
        f"{inventory.taken_at:%Y-%m-%d %H:%M} UTC: make the plan again to see what it deletes now"
    )
    return _Overlay(graph, drawn, about, note)


def _options(
    graph: ResourceGraph, overlay: _Overlay, asked: dict[str, Any], *, page: bool
) -> PictureOptions:
    from jotgraph import views  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.deployment import resources  # noqa: PLC0415 -- as above
    from jotgraph.records import Kind  # noqa: PLC0415 -- msgspec

    orphans = ("orphan",) if asked["orphans"] else ()
    return views.options(
        graph,
        ref=asked["ref"],
        page=page,
        shown=overlay.shown,
        marks=overlay.marks,
        overlay=next((name for name in _OVERLAYS if asked[name]), ""),
        about=overlay.about,
        focus=resources(overlay.shown, asked["focus"]),
        depth=asked["depth"],
        kinds=tuple(Kind(kind) for kind in asked["kinds"]),
        words=(*asked["words"], *orphans),
        collapse=asked["collapse"],
        budget=asked["budget"],
        slide=asked["slide"],
        unlinked_commits=asked["all_commits"],
        local_copies=asked["local_copies"],
        legend=asked["legend"],
        title=asked["title"] or "",
        snapshot=asked["snapshot"],
    )
