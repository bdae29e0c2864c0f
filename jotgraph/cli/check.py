"""The command ``jotgraph check``, a gate for continuous integration."""

from __future__ import annotations

import click

from jotgraph.cli.options import Output, Reading, output, reading

_DEFAULT = "jotgraph.toml"


@click.command(epilog="Example: jotgraph check --policy jotgraph.toml --from prod --format junit")
@click.option(
    "--policy",
    metavar="FILE",
    default=_DEFAULT,
    show_default=True,
    help="Policy file, TOML or YAML.",
)
@output("check")
@reading
def check(policy: str, output: Output, reading: Reading) -> None:
    """Check an inventory against a policy file.

    Exit codes: 0 no violations, 1 violations, 2 malformed policy file, 3 something was not read
    (with --strict), 4 failed.
    """
    from jotgraph import policy_check  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.records.phrases import counted  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.check import writers  # noqa: PLC0415 -- as above

    rules = policy_check.read_policy(policy)
    found = policy_check.check(world.graph_of(reading), rules)
    answer.write(found, output, writers())
    rule_count, violations = len(found.rules), len(found.violations)
    note = f"{counted(rule_count, 'rule')} checked, {counted(violations, 'violation')}"
    answer.finish(found.about, reading, note=note, found=bool(found.violations))
