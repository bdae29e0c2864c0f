"""The command ``jotgraph validate``, which looks at a folder before it is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from jotgraph.cli.declared import declared, options_of
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.saying import say

DOCKERFILE = declared(
    "--dockerfile",
    metavar="FILE",
    default="",
    help="Dockerfile, relative to PATH.  [default: Dockerfile, if there is one]",
)
ALLOW_DIRTY = declared(
    "--allow-dirty",
    is_flag=True,
    help="Allow files that are in no commit; the labels of the image record it.",
)
VALIDATE = (
    DOCKERFILE,
    ALLOW_DIRTY,
    declared(
        "--strict",
        is_flag=True,
        help="Exit 3 if something could not be checked.",
        left_out="unknown findings do not stop a build: jotgraph validate --strict is a gate",
    ),
)
"""The options for examining a folder."""


@click.command(epilog="Example: jotgraph validate services/checkout:app.handler")
@click.argument("target", metavar="PATH[:MODULE.FUNCTION]")
@options_of("looking", VALIDATE)
@output("validate")
@debug
def validate(target: str, looking: Mapping[str, Any], output: Output) -> None:
    """Validate a folder and its handler before an image is built.

    Checks that the handler exists and takes (event, context), by reading its source, which is never
    imported; that the Dockerfile starts it on a pinned base image; that the work tree is clean; and
    that the size fits Lambda. Without a handler, the one that the Dockerfile starts is checked.
    Needs neither AWS nor Docker.

    Exit codes: 0 nothing is wrong, 1 something is, 2 no such folder, or no handler is named, 3
    something could not be checked (with --strict), 4 failed.
    """
    from jotgraph import deploy  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli import answer  # noqa: PLC0415 -- as above
    from jotgraph.queries.answers.validation import FlawSeverity  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.validate import note, writers  # noqa: PLC0415 -- as above

    root, handler = deploy.split_target(target)
    result = deploy.validate(
        root,
        handler,
        dockerfile=looking["dockerfile"],
        allow_dirty=looking["allow_dirty"],
    )
    answer.write(result, output, writers())
    say(note(result))
    if result.count(FlawSeverity.WRONG):
        raise click.exceptions.Exit(answer.FOUND)
    if looking["strict"] and result.count(FlawSeverity.UNKNOWN):
        raise click.exceptions.Exit(answer.GAPS)
