"""``jotgraph rules``: what makes links, from the rules' own docstrings."""

from __future__ import annotations

import click

from jotgraph.cli.options import Output, debug, output


@click.command(epilog="Example: jotgraph rules --format json | jq '.rules[] | .name'")
@output("table", "json")
@debug
def rules(output: Output) -> None:
    """List the rules that make links.

    Each rule finds one relation by one kind of proof. PROOF: bytes are equal; STRONG: a full
    revision that resolves where it claims; SUPPORT: abbreviated or partial; HINT: names and times.
    """
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.links import RULES  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.rules import writers  # noqa: PLC0415 -- as above

    listed = sorted(RULES, key=lambda rule: (rule.relation, -rule.grade, rule.name))
    answer.write(listed, output, writers())
