"""``orphans --by-files``: verdicts on a dataset that exceeds memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jotgraph.cli.engine import Engine
from jotgraph.cli.options import Output
from jotgraph.cli.scan_options import Reading

if TYPE_CHECKING:
    from jotgraph.scale.judging import Question

by_files_option = click.option(
    "--by-files",
    is_flag=True,
    help="For --from with a dataset larger than memory: write the verdicts into it, one file per "
    "shard, and print how many there are.",
)


def judge_by_files(reading: Reading, question: Question, engine: Engine, output: Output) -> None:
    """Judge the dataset that ``reading`` names, shard by shard. Raises UsageError for options that
    need the whole."""
    from jotgraph.cli import plugged, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.words import size  # noqa: PLC0415 -- as above
    from jotgraph.scale.dataset.manifest import manifest_of  # noqa: PLC0415 -- as above
    from jotgraph.scale.dataset.reading import named  # noqa: PLC0415 -- as above
    from jotgraph.scale.slim import plan_parts  # noqa: PLC0415 -- as above
    from jotgraph.scale.tallies import (  # noqa: PLC0415 -- as above
        FOLDER,
        tally_on_processes,
        tally_on_spark,
    )

    if not reading.stored or not world.is_dataset(reading.stored):
        raise click.UsageError("--by-files needs --from a dataset (jotgraph export --parquet)")
    if output.format != "table" or reading.used_by:
        what = "--used-by" if reading.used_by else f"--format {output.format}"
        raise click.UsageError(f"{what} needs the whole inventory, and --by-files never has it")
    packages = plugged.installed()
    if packages is not None and (packages.rules or packages.rule_gaps):
        raise click.UsageError(
            "rules of installed packages need the whole inventory, and --by-files never has it; "
            "--no-plugins leaves them out"
        )
    place, scan = named(reading.stored)
    manifest = manifest_of(place, scan)
    into = f"{FOLDER}/scan={manifest.scan}"
    planned = plan_parts(place, manifest, question)
    tally = (
        tally_on_spark(planned, into, master=engine.master)
        if engine.name == "spark"
        else tally_on_processes(planned, into, jobs=1 if engine.name == "single" else engine.jobs)
    )
    freed = size(tally.ecr, tally.ecr_at_most) if tally.ecr else ""
    click.echo(
        f"{tally.in_use:,} in use, {tally.orphans:,} orphans{f' ({freed})' if freed else ''}, "
        f"{tally.unknown:,} unknown"
    )
    click.echo(f"written to {place.location}/{into}, a file for each shard", err=True)
