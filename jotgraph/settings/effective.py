"""The effective settings: every key with its value, and who set it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from jotgraph.settings.defaults import KEYS, SettingsLayer, effective

BY_DEFAULT = "default"


class Setting(msgspec.Struct, frozen=True):
    """The effective value of one setting."""

    key: str
    value: Any
    """The value as written in a file or variable; null when it is not set."""
    source: tuple[str, ...]
    """The variable or files that set it, or ``default``."""
    variable: str
    """The environment variable for it."""


class Settings(msgspec.Struct, frozen=True):
    """Every setting, and the files that were read."""

    settings: tuple[Setting, ...]
    files: tuple[str, ...] = ()


def settings(
    given: Iterable[SettingsLayer], environment: Mapping[str, str], variables: Mapping[str, str]
) -> Settings:
    """Return every setting with its value. ``variables`` are the names of environment variables by
    key."""
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
