"""Options of the commands that plan a deletion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from jotgraph.cli.apply_options import limits_of
from jotgraph.cli.kind_choice import DELETABLE, KindOption
from jotgraph.cli.options import KEEPING, Keeping, assume_no_typed, days, gather

if TYPE_CHECKING:
    from jotgraph.plan import Limits

F = TypeVar("F", bound=Callable[..., Any])


STALE = ("broken", "refused", "failed", "role-missing", "idle")
"""Findings of functions and versions that a cleanup may act on; a test compares them with the
codes."""


class Deciding(NamedTuple):
    """What protects, whatever the request."""

    keep: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    max_count: int | None = None
    max_percent: float | None = None
    max_both: bool = False
    assume_no: tuple[str, ...] = ()
    without_copy: tuple[str, ...] = ()
    keep_tags: tuple[str, ...] = ()
    keep_images: int | None = None
    keep_days: float = 0

    @property
    def keeping(self) -> Keeping:
        """Return the rollback windows."""
        return Keeping(self.keep_tags, self.keep_images, self.keep_days)

    def limits(self, policy: Path | None) -> Limits:
        """Return what the same command allows when it applies the plan."""
        return limits_of(policy, self.max_count, self.max_percent, max_both=self.max_both)


class Cleaning(NamedTuple):
    """What a cleanup deletes."""

    orphans: bool = False
    stale: tuple[str, ...] = ()
    versions: bool = False
    keep_last: int | None = None
    local: bool = False
    older_than: float = 0
    kinds: tuple[str, ...] = ()


_DECIDING = (
    click.option("--keep", multiple=True, metavar="NAME", help="Keep this resource; repeatable."),
    click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        help="Keep what matches this pattern; repeatable.",
    ),
    click.option(
        "--ignore-doubt",
        "ignore",
        multiple=True,
        metavar="CODE",
        help="Ignore this reason for doubt (the code in square brackets); repeatable.",
    ),
    assume_no_typed,
    click.option(
        "--without-copy",
        multiple=True,
        metavar="NAME",
        help="Delete this even though it cannot be backed up (an archived image); repeatable.",
    ),
    *KEEPING,
    click.option(
        "--max-count", type=click.IntRange(0), help="Refuse a plan with more steps than this."
    ),
    click.option(
        "--max-percent",
        type=click.FloatRange(0, 100),
        help="Refuse a plan that deletes more than this share of a kind.",
    ),
    click.option("--max-both", is_flag=True, help="Refuse only what exceeds both limits."),
)
_CLEANING = (
    click.option("--orphans", is_flag=True, help="All unused resources (the default)."),
    click.option(
        "--stale",
        multiple=True,
        type=click.Choice(STALE),
        help="Functions with this finding of jotgraph stale that nobody calls (needs --usage); "
        "repeatable.",
    ),
    click.option("--versions", is_flag=True, help="Old published versions; with --keep-last."),
    click.option(
        "--keep-last",
        type=click.IntRange(0),
        metavar="N",
        help="Newest versions of each function to keep.",
    ),
    click.option("--local", is_flag=True, help="Images and containers of the Docker engine."),
    click.option(
        "--older-than",
        callback=days,
        default="0",
        metavar="D",
        help="Only what is older than this: 30d, 4w.",
    ),
    click.option(
        "--kind",
        "kinds",
        cls=KindOption,
        type=DELETABLE,
        help="Only this kind; repeatable.",
    ),
)


def deciding(command: F) -> F:
    """Add the options that protect; the command gets ``deciding``."""
    return gather(command, "deciding", Deciding, lambda values: Deciding(**values), _DECIDING)


def cleaning(command: F) -> F:
    """Add the options that select what a cleanup deletes; the command gets ``cleaning``."""
    return gather(command, "cleaning", Cleaning, lambda values: Cleaning(**values), _CLEANING)


class Spreading(NamedTuple):
    """How far the deletion of named resources spreads."""

    only: tuple[str, ...] = ()
    stop_at: tuple[str, ...] = ()
    dependents: bool = True


_SPREADING = (
    click.option(
        "--only", cls=KindOption, type=DELETABLE, help="Delete only this kind; repeatable."
    ),
    click.option(
        "--stop-at",
        cls=KindOption,
        type=DELETABLE,
        help="Stop at this kind: keep it, and what only it was using; repeatable.",
    ),
    click.option(
        "--dependents/--no-dependents",
        default=True,
        help="Also delete what depends on NAME, or let it block the plan.",
    ),
)


def spreading(command: F) -> F:
    """Add the options that narrow a deployment; the command gets ``spreading``."""
    return gather(command, "spreading", Spreading, lambda values: Spreading(**values), _SPREADING)


exact = click.option(
    "--exact",
    is_flag=True,
    help="Read the manifests of all repositories from which images are deleted, so that shared "
    "layers are counted once. ECR may record this as a pull of them.",
)

quarantine = click.option(
    "--quarantine",
    is_flag=True,
    help="Quarantine instead of deleting: archive images, stop functions and triggers, deny "
    "roles. jotgraph release undoes it.",
)
