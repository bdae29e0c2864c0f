"""Where verdicts are computed: the options ``--engine`` and ``--jobs``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from jotgraph.cli.options import gather

F = TypeVar("F", bound=Callable[..., Any])

ENGINES = ("auto", "single", "processes")


class Engine(NamedTuple):
    """Where verdicts are computed; the answer is the same everywhere."""

    name: str = "auto"
    jobs: int = 0
    """Processes; 0 for one on each processor."""


_OPTIONS = (
    click.option(
        "--engine",
        "name",
        type=click.Choice(ENGINES),
        default="auto",
        show_default=True,
        help="Judge in one process, or in shards on several; auto: by size.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(1),
        metavar="N",
        help="Processes of --engine processes.  [default: one for each processor]",
    ),
)


def engine(command: F) -> F:
    """``--engine`` and ``--jobs``; the command gets ``engine``."""
    return gather(command, "engine", Engine, _engine, _OPTIONS)


def _engine(values: dict[str, Any]) -> Engine:
    return Engine(values["name"], values["jobs"] or 0)
