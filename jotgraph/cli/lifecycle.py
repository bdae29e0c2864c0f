"""The command ``jotgraph lifecycle``, which previews what ECR itself will expire."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.names import names
from jotgraph.cli.options import Output, output
from jotgraph.cli.scan_options import Reading, reading

if TYPE_CHECKING:
    from jotgraph.graph import ResourceGraph
    from jotgraph.records import ResourceId


@click.command(epilog="Example: jotgraph lifecycle shop/checkout --policy new.json --check")
@click.argument("repository", metavar="REPO", shell_complete=names)
@click.option(
    "--policy",
    "proposed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Evaluate this policy instead of the repository's own.",
)
@click.option("--suggest", is_flag=True, help="Print a policy that keeps what is in use now.")
@click.option(
    "--older-than",
    type=click.IntRange(1),
    default=90,
    show_default=True,
    metavar="DAYS",
    help="For --suggest: the age of tagged images that nothing uses.",
)
@click.option("--check", is_flag=True, help="Exit 1 if an image in use will expire.")
@output("lifecycle")
@reading
def lifecycle(
    repository: str,
    proposed: Path | None,
    suggest: bool,
    older_than: int,
    check: bool,
    output: Output,
    reading: Reading,
) -> None:
    """Show what a lifecycle policy will expire, and what of it is in use.

    A lifecycle policy knows tags, times and counts, but not what is running. Dates assume that
    nothing more is pushed. With --suggest the policy is printed instead of a table.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 -- what only a run needs

    from jotgraph.analysis.gates import DEPLOYED, unread  # noqa: PLC0415 -- as above
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- as above
    from jotgraph.cli.lazy import CommandError  # noqa: PLC0415 -- as above
    from jotgraph.cli.texts import lifecycle_policy  # noqa: PLC0415 -- as above
    from jotgraph.queries.lifecycle import lifecycle as query  # noqa: PLC0415 -- as above
    from jotgraph.records import Kind  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.lifecycle import note, writers  # noqa: PLC0415 -- as above

    graph = graphs.graph_of(reading)
    result = query(
        graph,
        _repository(graph, repository),
        now=datetime.now(UTC),
        policy=lifecycle_policy(proposed) if proposed else None,
        suggest=suggest,
        days=older_than,
    )
    text = note(result)
    if result.suggestion and output.format == "table":
        text = "\n".join(result.suggestion.notes)
        if result.suggestion.policy is None:
            raise CommandError(f"no lifecycle policy is safe for {repository}:\n{text}")
        click.echo(result.suggestion.policy, nl=False)
    else:
        answer.write(result, output, writers(partial(titled, graph)))
    answer.finish(
        result.about,
        reading,
        note=text,
        any_found=check and bool(result.in_use),
        unread=unread(result.about, (*DEPLOYED, Kind.WORKLOAD)) if check else (),
        unused=answer.OF_BYTES,
    )


def _repository(graph: ResourceGraph, name: str) -> ResourceId:
    """The repository of that name, even if a function has it too. Raises CommandError when it may
    exist unread, UnknownNameError when it does not exist."""
    from difflib import get_close_matches  # noqa: PLC0415 -- only after a mistake

    from jotgraph.cli import not_read  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli.lazy import CommandError  # noqa: PLC0415 -- as above
    from jotgraph.errors import UnknownNameError  # noqa: PLC0415 -- as above
    from jotgraph.graph import gaps, of_kind  # noqa: PLC0415 -- as above
    from jotgraph.queries.find import LISTS, find  # noqa: PLC0415 -- as above
    from jotgraph.records import Kind, repository_name_of  # noqa: PLC0415 -- as above

    try:
        return find(graph, name if ":" in name else f"ecr-repo:{name}")
    except UnknownNameError:
        hiding = tuple(gap for gap in gaps(graph) if Kind.ECR_REPO in gap.hides)
        if not hiding:
            known = [repository_name_of(repo) for repo in of_kind(graph, Kind.ECR_REPO)]
            near = tuple(get_close_matches(name, known, n=3))
            statement = f"no repository {name!r} in ECR"
            raise UnknownNameError(name, near, LISTS, message=statement) from None
        not_read.tell_gaps(hiding)
        raise CommandError(f"repository {name} was not read") from None
