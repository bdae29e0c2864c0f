"""The variables of ``--env-file``, in the format of ``docker run``."""

from __future__ import annotations

import os
from pathlib import Path

from jotgraph.errors import OptionError
from jotgraph.records.file_forms import refuse_ours

_LARGEST = 1024 * 1024


def read_environment(paths: tuple[Path, ...]) -> dict[str, str]:
    """Read the variables in files; later files take precedence.

    Each line is ``NAME=VALUE``, with the value taken literally, or ``NAME``, which takes the value
    of this process's variable if it is set. Blank lines and lines that begin with ``#`` are
    skipped. Raises OptionError, which contains no value.
    """
    variables: dict[str, str] = {}
    for path in paths:
        for number, line in enumerate(_text(path).splitlines(), 1):
            line = line.lstrip()
            if not line or line.startswith("#"):
                continue
            name, equals, value = line.partition("=")
            if not name or any(character.isspace() for character in name):
                raise OptionError(f"{path}, line {number}: no name of a variable begins it")
            if equals:
                variables[name] = value
            elif name in os.environ:
                variables[name] = os.environ[name]
    return variables


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise OptionError(f"{path} cannot be read: {error.strerror}") from error
    refuse_ours(str(path), content, "a file of variables")
    if len(content) > _LARGEST:
        raise OptionError(f"{path} has more than {_LARGEST:,} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise OptionError(f"{path} is not text in UTF-8") from error
