"""The engine for verdicts: the options ``--engine``, ``--jobs`` and ``--master``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from jotgraph.cli.options import gather

F = TypeVar("F", bound=Callable[..., Any])

ENGINES = ("auto", "single", "processes", "spark")


class Engine(NamedTuple):
    """The engine for verdicts; the answer is the same for all."""

    name: str = "auto"
    jobs: int = 0
    """Number of processes; 0 for one on each processor."""
    master: str = ""
    """The master of Spark; empty for this machine."""


_OPTIONS = (
    click.option(
        "--engine",
        "name",
        type=click.Choice(ENGINES),
        default="auto",
        show_default=True,
        help="Compute verdicts in one process, in shards on several processes, or on Spark; auto "
        "chooses by size.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(1),
        metavar="N",
        help="Number of processes for --engine processes.  [default: one for each processor]",
    ),
    click.option(
        "--master",
        metavar="URL",
        envvar="SPARK_MASTER",
        show_envvar=True,
        help="Spark master, for --from with a dataset that its machines can reach. Default: this "
        "machine.",
    ),
)


def engine(command: F) -> F:
    """``--engine``, ``--jobs`` and ``--master``; the command gets ``engine``."""
    return gather(command, "engine", Engine, _engine, _OPTIONS)


def _engine(values: dict[str, Any]) -> Engine:
    return Engine(values["name"], values["jobs"] or 0, values["master"] or "")
