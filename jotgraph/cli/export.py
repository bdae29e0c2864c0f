"""The command ``jotgraph export``, which writes an inventory as a Parquet dataset."""

from __future__ import annotations

import click

from jotgraph.cli.options import Output, output
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph export --parquet estate --from prod")
@click.option(
    "--parquet",
    "location",
    required=True,
    metavar="DIR|s3://...",
    help="Folder, or prefix of a bucket; needs the extra jotgraph[parquet].",
)
@output("export")
@reading
def export(location: str, output: Output, reading: Reading) -> None:
    """Write an inventory as a Parquet dataset.

    One table for each kind, partitioned by scan, account and region; docs/sql.md lists the columns.
    --from reads the dataset like any other inventory, and jotgraph sql queries it. A scan is
    visible once all of it is written. Exporting the same scan again replaces it.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import about_of  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.export import writers  # noqa: PLC0415 -- as above
    from jotgraph.scale.dataset.export import export_to  # noqa: PLC0415 -- as above

    inventory = world.inventory_of(reading)
    written = export_to(location, inventory)
    about = about_of(inventory, inventory.gaps)
    answer.write(written, output, writers(about))
    answer.finish(about, reading, note=f"written to {location} as scan {written.scan}")
