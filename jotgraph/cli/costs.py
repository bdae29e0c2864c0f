"""The command ``jotgraph costs``, which lists what images in ECR cost."""

from __future__ import annotations

import click

from jotgraph.cli.options import (
    Keeping,
    Output,
    assume_no,
    ignore_option,
    keeping,
    output,
    usage_options,
)
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph costs --from prod --format csv")
@keeping
@ignore_option
@assume_no
@output("costs")
@reading
def costs(
    keeping: Keeping,
    ignore: tuple[str, ...],
    assume_no: tuple[str, ...],
    output: Output,
    reading: Reading,
) -> None:
    """List what each ECR repository costs a month, and what its unused images cost.

    Bytes are the bytes of layers. Each layer counts once in its repository, as ECR stores it. If
    the manifest of an image was not read, the sum is an upper bound (≤); scan with --labels all to
    read the manifests. Unused is what deleting the orphans would free (jotgraph orphans).

    Dollars are for storage alone, by a price that is printed with its date; no AWS call is made for
    it. Scanning, transfer and KMS are not included.
    """
    from jotgraph.analysis.coverage import assumption  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import costs as query  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.costs import note, writers  # noqa: PLC0415 -- as above

    options = usage_options(keeping, ignore, assume_no)
    result = query.costs(graphs.graph_of(reading), options=options)
    answer.write(result, output, writers())
    summary = "\n".join(filter(None, (note(result), assumption(assume_no))))
    answer.finish(result.about, reading, note=summary, unused=answer.OF_BYTES)
