"""The command line: parse, one library call per stage, echo. Imports click and nothing heavy."""

from __future__ import annotations

import click

from jotgraph.cli.lazy import Command, LazyGroup
from jotgraph.version import __version__

COMMANDS = (
    Command("scan", "jotgraph.cli.scan:scan", "Read the world and store an inventory.", "Read"),
    Command("ls", "jotgraph.cli.ls:ls", "List jots: which commit runs where.", "Ask"),
    Command("show", "jotgraph.cli.show:show", "Show one resource and what it is tied to.", "Ask"),
    Command("trace", "jotgraph.cli.trace:trace", "Trace one lineage, commit to role.", "Ask"),
    Command("why", "jotgraph.cli.why:why", "Show the evidence for a link.", "Ask"),
    Command(
        "content",
        "jotgraph.cli.content:content",
        "Find the commits whose files an image holds.",
        "Ask",
    ),
    Command("render", "jotgraph.cli.render:render", "Draw the estate as a picture.", "Ask"),
    Command(
        "where", "jotgraph.cli.where:where", "Say what contains a commit and what lacks it.", "Ask"
    ),
    Command(
        "orphans",
        "jotgraph.cli.orphans:orphans",
        "Say what nothing uses, what is in doubt and why.",
        "Ask",
    ),
    Command(
        "stale", "jotgraph.cli.stale:stale", "Say what drifted, lags, is broken or idle.", "Ask"
    ),
    Command(
        "rescue",
        "jotgraph.cli.rescue:rescue",
        "Name images that run, are gone from ECR and still exist.",
        "Ask",
    ),
    Command(
        "impact",
        "jotgraph.cli.impact:impact",
        "Say what breaks if a resource goes, and what survives.",
        "Ask",
    ),
    Command(
        "diff",
        "jotgraph.cli.diff:diff",
        "Say what was added, removed and changed between two inventories.",
        "Ask",
    ),
    Command(
        "check",
        "jotgraph.cli.check:check",
        "Hold the estate to a policy file; exit 1 if it does not hold.",
        "Ask",
    ),
    Command("rules", "jotgraph.cli.rules:rules", "List the rules that make links.", "Ask"),
    Command("demo", "jotgraph.cli.demo:demo", "Show it all on an example estate.", "Set up"),
    Command(
        "plan", "jotgraph.cli.plan:plan", "Decide what to delete; nothing is deleted.", "Clean up"
    ),
    Command(
        "apply",
        "jotgraph.cli.apply:apply",
        "Delete, or set aside, what a plan lists; go on with a run that crashed.",
        "Clean up",
    ),
    Command(
        "delete",
        "jotgraph.cli.delete:delete",
        "Delete a whole jot: plan, show, confirm, apply.",
        "Clean up",
    ),
    Command(
        "cleanup",
        "jotgraph.cli.delete:cleanup",
        "Delete what nothing uses: plan, show, confirm, apply.",
        "Clean up",
    ),
    Command(
        "lifecycle",
        "jotgraph.cli.lifecycle:lifecycle",
        "Say what a lifecycle policy will expire, when, and what of it is in use.",
        "Clean up",
    ),
    Command(
        "policy",
        "jotgraph.cli.policy:policy",
        "Print the least IAM policy that a command needs.",
        "Set up",
    ),
    Command(
        "undo",
        "jotgraph.cli.undo:undo",
        "Make again what a run deleted, from its backup.",
        "Clean up",
    ),
    Command(
        "release",
        "jotgraph.cli.release:release",
        "Put back what a run set aside, exactly.",
        "Clean up",
    ),
    Command(
        "sweep",
        "jotgraph.cli.sweep:sweep",
        "List what is in quarantine; plan to delete what was long enough.",
        "Clean up",
    ),
    Command(
        "completion",
        "jotgraph.cli.completion:completion",
        "Print a completion script for a shell.",
        "Set up",
    ),
)
"""Name, where it lives, its summary and its section: ``--help`` needs nothing else. A test holds
each summary equal to the first line of the command's docstring."""


@click.group(
    cls=LazyGroup,
    commands_table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Reading commands scan the world unless --from names a stored inventory. "
    "Try: jotgraph scan -o estate.jsonl && jotgraph ls --from estate.jsonl",
)
@click.version_option(__version__, prog_name="jotgraph")
def cli() -> None:
    """Which commit runs where, what is orphaned, and what is safe to delete.

    Git, Docker, ECR, Lambda and IAM in one graph, every link with its evidence.
    """
