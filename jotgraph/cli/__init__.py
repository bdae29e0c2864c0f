"""The command line. Importing it imports click and nothing heavy."""

from __future__ import annotations

import click

from jotgraph.cli.lazy import WIDEST, Command, LazyGroup
from jotgraph.cli.plugged import switch
from jotgraph.version import __version__

COMMANDS = (
    Command(
        "scan",
        "jotgraph.cli.scan:scan",
        "Scan git, Docker and AWS, and store an inventory.",
        "Read",
    ),
    Command("ls", "jotgraph.cli.ls:ls", "List deployments: which commit runs where.", "Ask"),
    Command("show", "jotgraph.cli.show:show", "Show one resource and its links.", "Ask"),
    Command(
        "trace", "jotgraph.cli.trace:trace", "Trace a resource from its commit to its role.", "Ask"
    ),
    Command("why", "jotgraph.cli.why:why", "Show the evidence for a link.", "Ask"),
    Command(
        "content",
        "jotgraph.cli.content:content",
        "Find the commits whose files an image contains.",
        "Ask",
    ),
    Command("render", "jotgraph.cli.render:render", "Draw a picture, or a page to explore.", "Ask"),
    Command(
        "where", "jotgraph.cli.where:where", "List what contains a commit and what does not.", "Ask"
    ),
    Command(
        "orphans",
        "jotgraph.cli.orphans:orphans",
        "List unused resources, and why they are or may be unused.",
        "Ask",
    ),
    Command(
        "stale", "jotgraph.cli.stale:stale", "List drift, lag, and broken or idle functions.", "Ask"
    ),
    Command(
        "rescue",
        "jotgraph.cli.rescue:rescue",
        "List images in use that are gone from ECR or archived, and how to save them.",
        "Ask",
    ),
    Command(
        "summary",
        "jotgraph.cli.summary:summary",
        "Summarize in five lines what runs, what is wrong, and what is unused.",
        "Ask",
    ),
    Command(
        "costs",
        "jotgraph.cli.costs:costs",
        "List what each ECR repository costs a month, and what its unused images cost.",
        "Ask",
    ),
    Command(
        "impact",
        "jotgraph.cli.impact:impact",
        "Show what breaks if a resource is deleted, and what survives.",
        "Ask",
    ),
    Command(
        "diff",
        "jotgraph.cli.diff:diff",
        "Compare two inventories.",
        "Ask",
    ),
    Command(
        "history",
        "jotgraph.cli.history:history",
        "Show what a function, alias or service ran over time, and since when a finding holds.",
        "Ask",
    ),
    Command(
        "check",
        "jotgraph.cli.check:check",
        "Check an inventory against a policy file.",
        "Ask",
    ),
    Command(
        "export",
        "jotgraph.cli.export:export",
        "Write an inventory as a Parquet dataset.",
        "Ask",
    ),
    Command("sql", "jotgraph.cli.sql:sql", "Query a Parquet dataset in SQL.", "Ask"),
    Command("rules", "jotgraph.cli.rules:rules", "List the linking rules.", "Ask"),
    Command(
        "validate",
        "jotgraph.cli.validate:validate",
        "Validate a folder and its handler before an image is built.",
        "Deploy",
    ),
    Command(
        "build",
        "jotgraph.cli.build:build",
        "Build an image of a folder, with labels that name its commit.",
        "Deploy",
    ),
    Command(
        "test",
        "jotgraph.cli.testing:test",
        "Run an image with events, and compare what it answers.",
        "Deploy",
    ),
    Command(
        "invoke",
        "jotgraph.cli.testing:invoke",
        "Invoke a function that is deployed, and compare what it answers.",
        "Deploy",
    ),
    Command(
        "push",
        "jotgraph.cli.push:push",
        "Push an image to ECR, and verify the digest that ECR stores.",
        "Deploy",
    ),
    Command(
        "deploy",
        "jotgraph.cli.deploy:deploy",
        "Deploy an image of ECR to a function or an ECS service.",
        "Deploy",
    ),
    Command(
        "promote",
        "jotgraph.cli.moving:promote",
        "Give all calls of an alias to the version that has a share of them now.",
        "Deploy",
    ),
    Command(
        "rollback",
        "jotgraph.cli.moving:rollback",
        "Move an alias or an ECS service back to what it ran before.",
        "Deploy",
    ),
    Command(
        "up",
        "jotgraph.cli.up:up",
        "Validate, build, test, push and deploy a folder, and invoke the function.",
        "Deploy",
    ),
    Command(
        "settings",
        "jotgraph.cli.settings:settings",
        "Show the default of each setting, and where it comes from.",
        "Set up",
    ),
    Command(
        "demo",
        "jotgraph.cli.demo:demo",
        "Run everything on an example estate, without an AWS account.",
        "Set up",
    ),
    Command("plan", "jotgraph.cli.plan:plan", "Plan what to delete. Deletes nothing.", "Clean up"),
    Command(
        "apply",
        "jotgraph.cli.apply:apply",
        "Carry out a plan, or resume a run that crashed.",
        "Clean up",
    ),
    Command(
        "delete",
        "jotgraph.cli.delete:delete",
        "Delete a deployment: plan, show, confirm, apply.",
        "Clean up",
    ),
    Command(
        "cleanup",
        "jotgraph.cli.delete:cleanup",
        "Delete unused resources: plan, show, confirm, apply.",
        "Clean up",
    ),
    Command(
        "lifecycle",
        "jotgraph.cli.lifecycle:lifecycle",
        "Show what a lifecycle policy will expire, and what of it is in use.",
        "Clean up",
    ),
    Command(
        "policy",
        "jotgraph.cli.policy:policy",
        "Print the minimal IAM policy for a command.",
        "Set up",
    ),
    Command(
        "undo",
        "jotgraph.cli.undo:undo",
        "Restore what a run deleted, or take back what it made.",
        "Clean up",
    ),
    Command(
        "release",
        "jotgraph.cli.release:release",
        "Restore what a run put in quarantine.",
        "Clean up",
    ),
    Command(
        "sweep",
        "jotgraph.cli.sweep:sweep",
        "List what is in quarantine, and plan to delete it.",
        "Clean up",
    ),
    Command(
        "purge",
        "jotgraph.cli.purge:purge",
        "Remove the backups of old runs, which can then no longer be undone.",
        "Clean up",
    ),
    Command(
        "snapshot",
        "jotgraph.cli.snapshot:snapshot",
        "List, prune, copy and redact stored inventories.",
        "Clean up",
    ),
    Command("man", "jotgraph.cli.man:man", "Print the manual page.", "Set up"),
    Command(
        "doctor",
        "jotgraph.cli.doctor:doctor",
        "Check access, this machine, and what jotgraph assumes about AWS.",
        "Set up",
    ),
    Command(
        "completion",
        "jotgraph.cli.completion:completion",
        "Print a shell completion script.",
        "Set up",
    ),
)
"""Name, location, summary and section of each command: ``--help`` needs nothing else. A test
compares each summary with the first line of the command's docstring."""

START = (
    ("jotgraph demo", "See it all on an example, without AWS."),
    ("jotgraph doctor", "Check sign-in and permissions."),
    ("jotgraph scan --name prod", "Read git, Docker and AWS. Changes nothing."),
    ("jotgraph summary --from prod", "What runs, is wrong, is unused; what to do."),
)
"""What a newcomer types first, in this order."""


@click.group(
    cls=LazyGroup,
    commands_table=COMMANDS,
    start=START,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
    epilog="Commands that read scan first, unless --from names a stored inventory.",
)
@switch
@click.version_option(__version__, prog_name="jotgraph")
def cli() -> None:
    """Which commit runs where, what is orphaned, and what is safe to delete.

    Git, Docker, ECR, Lambda and IAM in one graph, every link with its evidence.
    """
