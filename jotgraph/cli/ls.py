"""The command ``jotgraph ls``, which lists deployments."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.first import Asked, answered, first_option
from jotgraph.cli.options import Output, output, ref_option
from jotgraph.cli.scan_options import Reading, reading

if TYPE_CHECKING:
    from jotgraph.analysis.health import Code
    from jotgraph.queries.answers.jots import Jots
    from jotgraph.records import Inventory


@click.command(epilog="Example: jotgraph ls --from prod --ref main --format csv > deployments.csv")
@ref_option
@click.option("--all-versions", is_flag=True, help="Every published version, one row each.")
@click.option("--all", "undeployed", is_flag=True, help="Include images that nothing runs.")
@click.option(
    "--where",
    multiple=True,
    type=click.Choice(("local", "remote", "undeployed", "unpushed")),
    help="local: on this machine; remote: in a registry; undeployed: run by nothing; unpushed: "
    "only on this machine. Repeatable: all must apply.",
)
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="CODE",
    help="Only rows with this finding (docs/findings.md): broken, drift, lag; repeatable.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(("function", "version", "workload", "ecr-image", "local-image")),
    help="Only rows of this kind; repeatable.",
)
@click.option("--account", "accounts", multiple=True, metavar="A", help="Only this account.")
@click.option("--in-region", "within", multiple=True, metavar="R", help="Only this region.")
@click.option(
    "--repository",
    "repositories",
    multiple=True,
    metavar="NAME",
    help="Only images of this repository, in ECR or of git: a name or a glob; repeatable.",
)
@click.option("--dates", is_flag=True, help="Add when it was committed, built, pushed, deployed.")
@click.option(
    "--source", is_flag=True, help="Add the folder and package of its files, and the handler."
)
@click.option("--scans", is_flag=True, help="Add what the last scan of each image found.")
@click.option("--tests", is_flag=True, help="Add what the newest tests of each image found.")
@click.option("--tree", is_flag=True, help="Show a tree, from commit to role.")
@min_confidence
@first_option
@output("jots")
@reading
def ls(
    ref: str | None,
    all_versions: bool,
    undeployed: bool,
    where: tuple[str, ...],
    states: tuple[str, ...],
    kinds: tuple[str, ...],
    accounts: tuple[str, ...],
    within: tuple[str, ...],
    repositories: tuple[str, ...],
    dates: bool,
    source: bool,
    scans: bool,
    tests: bool,
    tree: bool,
    confidence: str,
    first: bool | None,
    output: Output,
    reading: Reading,
) -> None:
    """List deployments: which commit runs where.

    One row for each code that a function runs, and for each workload: what is wrong (broken,
    failed, drift: its tag has moved to another digest, lag: its files changed since, idle and
    others, see docs/findings.md), the function with its versions and aliases, the commit its image
    was built from and how far behind that is, the image in the registry and on this machine, and
    the role. The worst rows are first. In a narrow terminal columns are written shorter or left
    out; --format csv has them all.

    In a row, "e57b5bf05 +2" is a commit and two others with the same files. Of the commits that it
    is behind, "58 touching its files" change a file of the image; "same files" says that none does.
    "=2, live 80%" means that version 2 has the same code and alias live sends it 80% of its calls.
    """
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.jots import Only, Whereabouts, jots  # noqa: PLC0415 -- only a run needs it
    from jotgraph.records import Kind  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.jots import Extra, note, writers  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.jots_tree import as_tree  # noqa: PLC0415 -- as above

    only = Only(
        where=tuple(map(Whereabouts, where)),
        states=tuple(map(_code, states)),
        kinds=tuple(map(Kind, kinds)),
        accounts=accounts,
        regions=within,
        repositories=repositories,
    )
    images = undeployed or bool(where) or not {"ecr-image", "local-image"}.isdisjoint(kinds)

    def ask(inventory: Inventory) -> Asked[Jots]:
        graph = graphs.graph_with(inventory, confidence)
        table = jots(graph, ref=ref, all_versions=all_versions, undeployed=images, only=only)
        shown = dict(writers(Extra(scans=scans, dates=dates, tests=tests, source=source)))
        if tree:
            shown["table"] = partial(as_tree, graph)
        return table, shown

    result = answered(reading, output, first, ask)
    answer.finish(
        result.about,
        reading,
        note="; ".join(filter(None, (note(result), _note(result, only != Only())))),
        unused=answer.OF_VERDICTS,
    )


def _code(name: str) -> Code:
    """The code of a finding. Raises OptionError, with the nearest one, for any other word."""
    from difflib import get_close_matches  # noqa: PLC0415 -- only with --state

    from jotgraph.analysis.health import Code  # noqa: PLC0415 -- only a run needs it
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- as above

    codes = [code.value for code in Code]
    if name not in codes:
        near = get_close_matches(name, codes, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(codes)}"
        raise OptionError(f"--state: no finding is called {name!r}; {hint}")
    return Code(name)


def _note(result: Jots, narrowed: bool) -> str:
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs

    if not result.jots:
        return "nothing is as asked" if narrowed else "no functions found in what was read"
    return answer.hidden_versions(result.hidden_versions)
