"""The command ``jotgraph rules``, which lists the linking rules."""

from __future__ import annotations

import click

from jotgraph.cli import plugged
from jotgraph.cli.defaults import files
from jotgraph.cli.options import Output, debug, output


@click.command(epilog="Example: jotgraph rules --format json | jq '.rules[] | .name'")
@output("rules")
@debug
def rules(output: Output) -> None:
    """List the linking rules.

    Each rule finds one relation by one kind of evidence, and has a grade. PROOF: bytes are equal.
    STRONG: a full revision that exists where it should. SUPPORT: abbreviated, partial, or without a
    repository. HINT: names and times.
    """
    from jotgraph.cli import answer, not_read  # noqa: PLC0415 -- what only a run needs
    from jotgraph.links import RULES  # noqa: PLC0415 -- as above
    from jotgraph.links.conventions import rules_of  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.rules import writers  # noqa: PLC0415 -- as above
    from jotgraph.settings.evidence import merged  # noqa: PLC0415 -- as above

    more = list(rules_of(merged(*(layer.evidence for layer in files()))))
    if plugins := plugged.installed():
        more += plugins.rules
    listed = sorted((*RULES, *more), key=lambda rule: (rule.relation, -rule.grade, rule.name))
    answer.write(listed, output, writers())
    if plugins:
        not_read.tell_gaps(plugins.rule_gaps)
