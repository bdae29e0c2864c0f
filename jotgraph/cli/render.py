"""The command ``jotgraph render``, which draws an inventory or exports it as a graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jotgraph.cli.options import Reading, reading

if TYPE_CHECKING:
    from jotgraph.graph import ResourceGraph
    from jotgraph.records import ResourceId
    from jotgraph.render.picture.drawing.view import Options

_KINDS = (
    "commit", "local-image", "container", "ecr-repo", "ecr-image",
    "function", "version", "alias", "trigger", "role",
)  # fmt: skip
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
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write; its suffix is the format.",
)
@click.option(
    "--focus", multiple=True, metavar="NAME", help="Only the lineage of this resource; repeatable."
)
@click.option(
    "--depth", type=click.IntRange(0), metavar="N", help="Only so many steps from --focus."
)
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="Only this kind; repeatable."
)
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
@click.option("--all-commits", is_flag=True, help="Include commits that no image was built from.")
@click.option("--ref", metavar="REF", help="Compare commits with this branch or tag.")
@click.option(
    "--plan",
    "plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Mark what this plan deletes, keeps and is blocked by.",
)
@click.option("--diff", metavar="FILE|REF", help="Mark what changed since this inventory.")
@click.option("--where", metavar="COMMITISH", help="Mark what contains this commit.")
@click.option("--engine", type=click.Choice(("pure", "dot")), default="pure", show_default=True)
@click.option("--legend/--no-legend", default=True, help="Add a legend.")
@click.option("--title", default="jotgraph", metavar="TEXT", help="Title of the picture.")
@reading
def render(path: Path, engine: str, reading: Reading, **asked: Any) -> None:
    """Draw a picture, or a page to explore.

    From left to right: commit, local image, registry image, function, role. The shape is the kind,
    the word the state, and the line style how sure a link is. Only what is wrong is red. A large
    picture is folded, and says so in its caption.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import about, build, record  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.queries.find import find  # noqa: PLC0415 -- as above
    from jotgraph.render.files import export  # noqa: PLC0415 -- as above
    from jotgraph.render.picture.drawing import overlays  # noqa: PLC0415 -- as above
    from jotgraph.render.words import title  # noqa: PLC0415 -- as above

    _one_overlay(asked)
    inventory = world.inventory_of(reading)
    graph = build(inventory)
    marks: dict[ResourceId, str] = {}
    shown, said = graph, ""
    if asked["plan"]:
        marks = overlays.plan(asked["plan"].read_bytes())
        said = overlays.counts("plan", marks)
    elif asked["where"]:
        commit = find(graph, asked["where"])
        marks = overlays.where(graph, commit)
        said = overlays.counts(f"commit {title(record(graph, commit))}", marks, commit)
    elif asked["diff"]:
        before = world.stored(asked["diff"])
        marks, shown = overlays.diff(before, inventory), overlays.both(before, inventory)
        said = overlays.counts(f"since the scan of {before.taken_at:%Y-%m-%d %H:%M} UTC", marks)
    asked["about"] = said
    written = export.render(
        shown, path.suffix.lower(), _options(graph, shown, marks, asked), engine
    )
    if isinstance(written, str):
        path.write_text(written, encoding="utf-8")
    else:
        path.write_bytes(written)
    answer.finish(about(graph), reading, note=f"wrote {path}", unused=answer.OF_VERDICTS)


def _one_overlay(asked: dict[str, Any]) -> None:
    if sum(bool(asked[each]) for each in _OVERLAYS) > 1:
        raise click.UsageError("use only one of --plan, --diff and --where")


def _options(
    graph: ResourceGraph, shown: ResourceGraph, marks: dict[ResourceId, str], asked: dict[str, Any]
) -> Options:
    """``shown`` may hold what ``graph``, whose states count, has no more."""
    from jotgraph.queries.find import find_many  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.records import Kind  # noqa: PLC0415 -- msgspec
    from jotgraph.render.picture.drawing.states import states  # noqa: PLC0415 -- as above
    from jotgraph.render.picture.drawing.view import Options  # noqa: PLC0415 -- as above

    orphans = ("orphan",) if asked["orphans"] else ()
    return Options(
        states=states(graph, asked["ref"]),
        marks=marks,
        overlay=next((each for each in _OVERLAYS if asked[each]), ""),
        about=asked["about"],
        focus=tuple(each for name in asked["focus"] for each in find_many(shown, name)),
        depth=asked["depth"],
        kinds=tuple(Kind(each) for each in asked["kinds"]),
        words=(*asked["words"], *orphans),
        collapse=asked["collapse"],
        budget=asked["budget"],
        unlinked_commits=asked["all_commits"],
        legend=asked["legend"],
        title=asked["title"],
        ref=asked["ref"],
    )
