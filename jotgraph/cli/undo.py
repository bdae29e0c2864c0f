"""``jotgraph undo``: make again what a run deleted."""

from __future__ import annotations

import click

from jotgraph.cli.lazy import FAILED, Failure
from jotgraph.cli.options import Output, debug, output


@click.command(epilog="Example: jotgraph undo 4da33c78f0ee --region eu-west-1")
@click.argument("run", metavar="RUN")
@click.option("--profile", "profiles", multiple=True, metavar="P", help="AWS profile; repeatable.")
@click.option("--region", "regions", multiple=True, metavar="R", help="AWS region to sign in to.")
@click.option(
    "--docker/--no-docker",
    default=None,
    help="Restore images of the engine too (the default, if the run removed any).",
)
@output("table", "json")
@debug
def undo(
    run: str,
    profiles: tuple[str, ...],
    regions: tuple[str, ...],
    docker: bool | None,
    output: Output,
) -> None:
    """Make again what a run deleted, from its backup.

    RUN is the name in the receipt. Images come back under the same digest. What cannot come back
    is said: version numbers, ids of roles, host names of URLs. Exit code 0 only if all is back.
    """
    from jotgraph import clients  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.apply import undo as undoing  # noqa: PLC0415 -- as above
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.records import Kind  # noqa: PLC0415 -- msgspec
    from jotgraph.render.answers.outcomes import undo_writers  # noqa: PLC0415 -- as above

    kinds = undoing.kinds_of(run)
    local = {Kind.LOCAL_IMAGE, Kind.CONTAINER}
    made = clients.connect(
        use_docker=bool(kinds & local) if docker is None else docker,
        use_aws=bool(kinds - local),
        profiles=profiles,
        regions=regions,
    )
    found = undoing.undo(run, made)
    answer.write(found, output, undo_writers())
    if not found.whole:
        raise Failure("not everything is back; the reasons are above", FAILED)
