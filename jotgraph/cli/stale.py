"""``jotgraph stale``: what is out of date or broken."""

from __future__ import annotations

import click

from jotgraph.cli.options import Output, Reading, output, reading


@click.command(epilog="Example: jotgraph stale --from prod --ref main --check")
@click.option("--ref", metavar="REF", help="Compare with this branch or tag; default: HEAD.")
@click.option("--all", "everything", is_flag=True, help="What is well too.")
@click.option("--check", is_flag=True, help="Exit 1 if anything is out of date or broken.")
@output("table", "json", "csv", "md")
@reading
def stale(ref: str | None, everything: bool, check: bool, output: Output, reading: Reading) -> None:
    """Say what drifted, lags, is broken or idle.

    For every function, version and alias, each kept apart: drift (its tag names another image
    now), lag (commits behind), broken (image gone, archived or refused; role gone; state
    Failed), idle, and roles that were made again.

    After scan --content, of a lag: how many commits touch what is in the image, and how many what
    it is built by (its Dockerfile, say). "same files" is no lag. See which with show NAME.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.staleness import staleness  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.render.answers.stale import note, writers  # noqa: PLC0415 -- as above

    found = staleness(world.graph_of(reading), ref)
    answer.write(found, output, writers(everything=everything))
    wrong = any(each.states for each in found.functions)
    answer.finish(found.about, reading, note=note(found), found=check and wrong)
