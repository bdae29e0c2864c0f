"""The command ``jotgraph summary``, five lines for a chat or a job."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.first import Asked, answered, first_option
from jotgraph.cli.options import (
    Keeping,
    Output,
    assume_no,
    ignore_option,
    keeping,
    output,
    ref_option,
    usage_options,
)
from jotgraph.cli.scan_options import Reading, reading

if TYPE_CHECKING:
    from jotgraph.queries.answers.summary import Summary
    from jotgraph.records import Inventory


@click.command(epilog='Example: jotgraph summary --from prod --format md >> "$GITHUB_STEP_SUMMARY"')
@ref_option
@keeping
@ignore_option
@assume_no
@first_option
@min_confidence
@output("summary")
@reading
def summary(
    ref: str | None,
    keeping: Keeping,
    ignore: tuple[str, ...],
    assume_no: tuple[str, ...],
    confidence: str,
    first: bool | None,
    output: Output,
    reading: Reading,
) -> None:
    """Summarize in five lines what runs, what is wrong, and what is unused.

    The lines are for a chat or the summary of a job: what runs; what is wrong with it (as in ls);
    what is unused (as in orphans) and what that costs a month (as in costs); what was not read; and
    the command to run next.
    """
    from jotgraph.cli import answer, graphs, plan  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import summary as query  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.summary import as_terminal, writers  # noqa: PLC0415 -- as above

    options = usage_options(keeping, ignore, assume_no)

    def ask(inventory: Inventory) -> Asked[Summary]:
        graph = graphs.graph_with(inventory, confidence)
        about: Mapping[str, Any] = {"stored": reading.stored or "", "now": plan.now()}
        shown = writers(**about)
        if sys.stdout.isatty():
            shown = {**shown, "text": partial(as_terminal, **about)}
        return query.summary(graph, ref=ref, options=options), shown

    result = answered(reading, output, first, ask)
    answer.finish(result.about, reading, unused=answer.OF_BYTES, in_answer=True)
