"""Defaults of options: from ``JOTGRAPH_*``, a project's file or the user's.

click applies them: an option names its variable (``envvar``), and files become a command's
``default_map``. An option that names no variable of ``settable`` has neither: whatever deletes
more, accepts what was not read, or starts a program has to be typed.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from jotgraph.errors import OptionError

if TYPE_CHECKING:
    from jotgraph.cli.lazy import Command
    from jotgraph.settings.defaults import SettingsLayer, Value

OFF = "JOTGRAPH_SETTINGS"
"""The variable that switches files of settings ``off``."""
_PREFIX = "JOTGRAPH_"
_READING = ("Read", "Ask")
"""Sections of commands that change nothing."""
_DECIDING = ("plan", "lifecycle", "doctor")
"""Further commands that change nothing."""
_WHERE = ("profiles", "regions", "accounts", "role_arn", "external_id")
"""Where a command acts: never taken from a project's file by a command that changes anything."""


def variable(key: str) -> str:
    """Return the environment variable of a setting: ``JOTGRAPH_REGIONS``."""
    return _PREFIX + key.upper()


def settable(key: str) -> dict[str, Any]:
    """Return parameters of ``click.option`` that let a setting supply the value."""
    return {"envvar": variable(key), "show_envvar": True}


def key_of(param: click.Parameter) -> str:
    """Return the setting for an option; empty for one that has to be typed."""
    name = param.envvar if isinstance(param.envvar, str) else ""
    return name.removeprefix(_PREFIX).lower() if name.startswith(_PREFIX) else ""


def files() -> tuple[SettingsLayer, ...]:
    """Return the settings of the working directory and of the user. Raises OptionError."""
    return () if _switched_off() else _there()


def _switched_off() -> bool:
    return os.environ.get(OFF, "").lower() in ("off", "0", "no", "false")


def _there() -> tuple[SettingsLayer, ...]:
    """The files of settings that would be read. Raises OptionError."""
    from jotgraph.settings.files import project_file, user_file  # noqa: PLC0415 -- not for --help

    try:
        here = Path.cwd()
    except FileNotFoundError:  # the working directory is gone
        return ()
    if project_file(here) is None and not os.path.exists(user_file()):
        return ()
    from jotgraph.settings.defaults import layers  # noqa: PLC0415 -- msgspec, only with a file

    return layers(here)


def set_aside() -> Iterator[str]:
    """Return what settings ignore without being typed, and their source: ``ignore = role-young by
    /src/shop/jotgraph.toml``.

    Every answer affected says so. Keep settings are included when a variable sets them, since that
    precedes the files and may keep less; and when files are switched off.
    """
    context = click.get_current_context(silent=True)
    for param in context.command.params if context else ():
        key = key_of(param)
        value = context.params.get(str(param.name)) if context else None
        source = context.get_parameter_source(str(param.name)) if context else None
        by_variable = source is ParameterSource.ENVIRONMENT
        if key in ("ignore", "assume_no") and value:
            if by_variable or source is ParameterSource.DEFAULT_MAP:
                setter = variable(key) if by_variable else _setters(key)
                yield f"{key} = {', '.join(value)} by {setter}"
        elif by_variable and key in _protecting():
            yield f"{key} = {os.environ[variable(key)]} by {variable(key)}"
    if context and _switched_off():
        yield from _not_kept(context)


def _protecting() -> tuple[str, ...]:
    """The keys that protect: every command takes them from a project's file."""
    from jotgraph.settings.defaults import KEEPING  # noqa: PLC0415 -- msgspec

    return KEEPING


def _not_kept(context: click.Context) -> Iterator[str]:
    """What files would keep, when they are switched off and nothing else keeps it."""
    from jotgraph.settings.defaults import effective  # noqa: PLC0415 -- msgspec

    params = {key_of(param): str(param.name) for param in context.command.params}
    try:
        by_file = effective(_there())
    except OptionError:  # nobody knows what it keeps, and it was switched off
        return
    for key in _protecting():
        if key not in by_file or key not in params:
            continue
        if context.get_parameter_source(params[key]) is ParameterSource.DEFAULT:
            files = ", ".join(map(str, by_file[key].files))
            yield f"{key} of {files} does not count ({OFF}={os.environ[OFF]})"


def _setters(key: str) -> str:
    from jotgraph.settings.defaults import effective  # noqa: PLC0415 -- msgspec

    return ", ".join(map(str, effective(files())[key].files))


def with_defaults(ctx: click.Context, entry: Command, command: click.Command) -> click.Command:
    """Return the command, with the defaults of this directory in the context's ``default_map``.
    Raises OptionError for an invalid file of settings."""
    layers = files()
    if not layers:
        return command
    from jotgraph.settings.defaults import effective  # noqa: PLC0415 -- as above

    reads_only = entry.section in _READING or entry.name in _DECIDING
    every, own = effective(layers), effective(layer for layer in layers if not layer.project)
    usable = (
        every if reads_only else own | {key: every[key] for key in _protecting() if key in every}
    )
    ctx.default_map = {**(ctx.default_map or {}), entry.name: _map(command, usable)}
    project = next((layer for layer in layers if layer.project), None)
    return command if reads_only or project is None else _refusing(command, project)


def _map(command: click.Command, usable: Mapping[str, Value]) -> dict[str, Any]:
    """Values by the names of a command's parameters, and by subcommands of a group."""
    if isinstance(command, click.Group):
        return {name: _map(part, usable) for name, part in command.commands.items()}
    return {
        str(param.name): _as_typed(param, usable[key])
        for param in command.params
        if (key := key_of(param)) in usable
    }


def _as_typed(param: click.Parameter, value: Value) -> Any:
    """A value of a file in the form of the option; an option that is not repeated takes a single
    element."""
    if isinstance(value.value, tuple) and not param.multiple:
        return value.value[0] if len(value.value) == 1 else None
    return value.value


def _refusing(command: click.Command, project: SettingsLayer) -> click.Command:
    """The command, which refuses to guess where it acts. A project's file is not trusted with that,
    and silently acting elsewhere would be worse."""
    careful = copy.copy(command)
    careful.params = [
        _asking(param, project) if key_of(param) in {*_WHERE} & {*project.values} else param
        for param in command.params
    ]
    return careful


def _asking(param: click.Parameter, project: SettingsLayer) -> click.Parameter:
    def require(_ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        source = _ctx.get_parameter_source(param.name or "")
        if source not in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
            raise click.UsageError(
                f"{project.path} sets {key_of(param)}, and where to change anything is not taken "
                f"from a project's file: pass {param.opts[0]}, or set {param.envvar}"
            )
        return value

    asking = copy.copy(param)
    asking.callback = require
    return asking
