"""Where settings lie, and how a file of them is read: within a limit, and only if it is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from jotgraph.errors import OptionError

PROJECT = "jotgraph.toml"
ORGANIZATION = "organization"
"""In place of a file of accounts: every account that Organizations lists."""
LARGEST = 1 << 18
"""Bytes of the largest file that is read: a policy of thousands of patterns."""


class TomlFile(NamedTuple):
    """A file of settings as it was read."""

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
    """The user's own file: ``~/.config/jotgraph/config.toml``, or as the platform has it."""
    from platformdirs import user_config_path  # noqa: PLC0415 -- not needed by --help

    return user_config_path("jotgraph", appauthor=False) / "config.toml"


def project_file(directory: Path) -> Path | None:
    """The ``jotgraph.toml`` of a directory, or of the nearest one above it up to the root of its
    git repository. Outside of a repository only the directory itself is looked at: what lies above
    may be anybody's."""
    parents = (directory, *directory.parents)
    root = next((at for at, parent in enumerate(parents) if (parent / ".git").exists()), 0)
    files = (parent / PROJECT for parent in parents[: root + 1])
    return next((file for file in files if file.is_file()), None)


def read_toml(path: Path) -> TomlFile:
    """Read a file of settings. Raises OptionError for one that is no TOML or too large, and
    FileNotFoundError where there is none."""
    import tomllib  # noqa: PLC0415 -- most commands find no file

    text = read_text(path)
    try:
        return TomlFile(path, text, tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is no TOML error
        raise OptionError(f"{path} is not TOML: {error}") from error


def read_text(path: Path) -> str:
    """Read a file within the limit. Raises OptionError, and FileNotFoundError."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise OptionError(f"{path} is not a regular file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise OptionError(f"{path} has more than {LARGEST:,} bytes")
        return data.decode("utf-8")
    except NotADirectoryError as error:
        raise FileNotFoundError(path) from error
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} cannot be read: {error}") from error
