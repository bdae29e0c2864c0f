"""Plugins of installed packages in a command, unless they are switched off."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from jotgraph.links import Link
    from jotgraph.plugins import Plugins
    from jotgraph.records import Inventory
    from jotgraph.sources.consumers import Consumer

_ON, _LOADED, _OFF_BY = "jotgraph.plugins", "jotgraph.plugins.loaded", "jotgraph.plugins.off-by"
"""Keys of ``Context.meta``."""
_GROUPS = ("jotgraph.rules", "jotgraph.consumers")
"""The groups of ``jotgraph.plugins``; a test compares the two."""


_VARIABLE = "JOTGRAPH_PLUGINS"


def _switch(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    ctx.meta[_ON] = value
    source = ctx.get_parameter_source(param.name or "")
    if not value and source is ParameterSource.ENVIRONMENT:
        ctx.meta[_OFF_BY] = _VARIABLE


switch = click.option(
    "--plugins/--no-plugins",
    default=True,
    envvar=_VARIABLE,
    show_envvar=True,
    expose_value=False,
    callback=_switch,
    help="Use rules and consumers of installed packages (docs/plugins.md).",
)


def with_rules(inventory: Inventory) -> tuple[Inventory, tuple[Link, ...]]:
    """Return the links of rules from plugins, and the inventory with a gap for each rule that
    failed."""
    plugins = installed()
    if plugins is None or not (plugins.rules or plugins.rule_gaps):
        return inventory, ()
    from jotgraph.plugins import links_of, noted  # noqa: PLC0415 -- what only a run needs

    provided = links_of(plugins.rules, inventory)
    return noted(inventory, (*plugins.rule_gaps, *provided.gaps)), provided.links


def consumers() -> tuple[Consumer, ...]:
    """Return the services that plugins read."""
    plugins = installed()
    return plugins.consumers if plugins else ()


def with_unread_consumers(inventory: Inventory) -> Inventory:
    """Return a scan with a gap for each service of a plugin that could not be loaded."""
    plugins = installed()
    if plugins is None:
        return inventory
    from jotgraph.plugins import noted  # noqa: PLC0415 -- what only a run needs

    return noted(inventory, plugins.consumer_gaps)


def installed() -> Plugins | None:
    """Return the plugins, loaded once for a command; None if they are switched off."""
    context = click.get_current_context(silent=True)
    if context is None:
        return None
    if not context.meta.get(_ON):
        _tell_off(context)
        return None
    if _LOADED not in context.meta:
        context.meta[_LOADED] = _load()
    loaded: Plugins | None = context.meta[_LOADED]
    return loaded


def _tell_off(context: click.Context) -> None:
    """Report once that switched-off plugins protect nothing."""
    if (variable := context.meta.pop(_OFF_BY, "")) and (packages := _packages()):
        click.echo(
            f"Not used, by {variable}: rules and services of {', '.join(packages)}", err=True
        )


def _packages() -> tuple[str, ...]:
    """The names of packages with plugins, sorted."""
    return _packages_on(tuple(sys.path))


@cache
def _packages_on(path: tuple[str, ...]) -> tuple[str, ...]:
    """The names by Python's search path, cached: reading them takes longer than many a command."""
    from importlib.metadata import entry_points  # noqa: PLC0415 -- takes 0.02 s to import

    brought = entry_points()
    entries = [entry for group in _GROUPS for entry in brought.select(group=group)]
    return tuple(sorted({entry.dist.name if entry.dist else entry.value for entry in entries}))


def _load() -> Plugins | None:
    """Load the plugins; without any, nothing is imported for that."""
    if not _packages():
        return None
    from jotgraph import plugins  # noqa: PLC0415 -- imports what scans, 0.3 s

    return plugins.installed()
