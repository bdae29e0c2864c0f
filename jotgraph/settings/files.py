"""Finds and reads files of settings, within a size limit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from jotgraph.errors import OptionError
from jotgraph.records.file_forms import refuse_ours

PROJECT = "jotgraph.toml"
ORGANIZATION = "organization"
"""Stands for every account of the organization, in place of a file of accounts."""
LARGEST = 1 << 18
"""The largest file that is read, in bytes: a policy of thousands of patterns."""


class TomlFile(NamedTuple):
    """A parsed file of settings."""

    path: Path
    text: str
    entries: dict[str, Any]

    def at(self, key: str) -> str:
        """Return the file with the line that sets a key: ``jotgraph.toml, line 4``."""
        for number, line in enumerate(self.text.splitlines(), start=1):
            name = line.partition("=")[0].strip().strip("\"'[]").rpartition(".")[2]
            if _spelt(name) == _spelt(key):
                return f"{self.path}, line {number}"
        return str(self.path)


def _spelt(key: str) -> str:
    return key.replace("-", "_")


def user_file() -> Path:
    """Return the user's own file: ``~/.config/jotgraph/config.toml``, or the platform's
    equivalent."""
    from platformdirs import user_config_path  # noqa: PLC0415 -- not needed by --help

    return user_config_path("jotgraph", appauthor=False) / "config.toml"


def project_file(directory: Path) -> Path | None:
    """Return the ``jotgraph.toml`` of a directory or of its nearest parent within its git
    repository. Outside of a repository only the directory itself is searched: anybody may own its
    parents."""
    parents = list(map(str, (directory, *directory.parents)))
    roots = (
        at for at, parent in enumerate(parents) if os.path.exists(os.path.join(parent, ".git"))
    )
    files = (os.path.join(parent, PROJECT) for parent in parents[: next(roots, 0) + 1])
    return next((Path(file) for file in files if os.path.isfile(file)), None)


def read_toml(path: Path) -> TomlFile:
    """Read a file of settings. Raises OptionError for invalid TOML or a file that is too large, and
    FileNotFoundError."""
    import tomllib  # noqa: PLC0415 -- most commands find no file

    text = read_text(path)
    try:
        return TomlFile(path, text, tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is no TOML error
        raise OptionError(f"{path} is not TOML: {error}") from error


def read_text(path: Path, needed: str = "a policy or a file of settings") -> str:
    """Read a file within the limit. Raises OptionError, also for a file that jotgraph wrote in
    place of what is ``needed``, and FileNotFoundError."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise OptionError(f"{path} is not a regular file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        refuse_ours(str(path), data, needed)
        if len(data) > LARGEST:
            raise OptionError(f"{path} has more than {LARGEST:,} bytes")
        return data.decode("utf-8")
    except NotADirectoryError as error:
        raise FileNotFoundError(path) from error
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} cannot be read: {error}") from error
