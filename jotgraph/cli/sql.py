"""The command ``jotgraph sql``, which asks a Parquet dataset in SQL."""

from __future__ import annotations

import click

from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.saying import say


@click.command(
    epilog='Example: jotgraph sql "select region, count(*) from images group by 1" --from estate'
)
@click.argument("question", metavar="SELECT")
@click.option(
    "--from",
    "location",
    required=True,
    metavar="DIR|s3://...",
    help="What jotgraph export --parquet wrote; DIR#SCAN names a scan that is not the newest.",
)
@click.option("--every-scan", is_flag=True, help="Query all scans of the dataset, not the newest.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    metavar="N",
    help="Rows to print; 0 for all.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    metavar="S",
    help="Seconds that the answer may take.  [default: no limit]",
)
@output("sql")
@debug
def sql(
    question: str,
    location: str,
    every_scan: bool,
    limit: int,
    timeout: float | None,
    output: Output,
) -> None:
    """Query a Parquet dataset in SQL.

    DuckDB answers (extra jotgraph[sql]). docs/sql.md lists the tables and their columns, with ten
    worked questions. SQL cannot decide what is unused; jotgraph orphans --from DIR does.
    """
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import About  # noqa: PLC0415 -- only a run needs it
    from jotgraph.records.phrases import counted  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.sql import writers  # noqa: PLC0415 -- as above
    from jotgraph.scale.dataset.manifest import manifest_of  # noqa: PLC0415 -- as above
    from jotgraph.scale.dataset.reading import named  # noqa: PLC0415 -- as above
    from jotgraph.scale.sql import ask  # noqa: PLC0415 -- as above

    selected = ask(location, question, limit=limit, every_scan=every_scan, timeout=timeout)
    manifest = manifest_of(*named(location))
    about = About(
        manifest.taken_at, manifest.scope, manifest.gaps, manifest.git, manifest.registries
    )
    answer.write(selected, output, writers(about))
    left = f" and {selected.left_out:,} more (--limit 0)" if selected.left_out else ""
    say(f"{counted(len(selected.rows), 'row')}{left} of scan {selected.scan}")
