"""What counts here: every setting with its value, and who set it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from jotgraph.settings.defaults import KEYS, SettingsLayer, effective

BY_DEFAULT = "default"


class Setting(msgspec.Struct, frozen=True):
    """One setting as commands that read have it."""

    key: str
    value: Any
    """As the file or the variable has it; null where nobody set it."""
    source: tuple[str, ...]
    """The variable or the files that set it, or ``default``."""
    variable: str
    """The environment variable that sets it."""


class Settings(msgspec.Struct, frozen=True):
    """Every setting, and the files that were read."""

    settings: tuple[Setting, ...]
    files: tuple[str, ...] = ()


def settings(
    given: Iterable[SettingsLayer], environment: Mapping[str, str], variables: Mapping[str, str]
) -> Settings:
    """Every setting with its value. ``variables`` are the names of environment variables by key."""
    layers = tuple(given)
    by_file = effective(layers)

    def of(key: str) -> Setting:
        variable = variables[key]
        if environment.get(variable):
            return Setting(key, environment[variable], (variable,), variable)
        if key in by_file:
            files = tuple(map(str, by_file[key].files))
            return Setting(key, by_file[key].value, files, variable)
        return Setting(key, None, (BY_DEFAULT,), variable)

    return Settings(tuple(map(of, KEYS)), tuple(str(layer.path) for layer in layers))
