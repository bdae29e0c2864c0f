"""The dependencies of a folder's code, from ``requirements.txt`` or ``pyproject.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from posixpath import dirname, join, normpath

import msgspec

from jotgraph.deploy.validation.context import Context, read_bounded
from jotgraph.deploy.validation.flaws import shown
from jotgraph.errors import OptionError

REQUIREMENTS = "requirements.txt"
PROJECT = "pyproject.toml"
_LONGEST = 1 << 20
_MOST_FILES = 50
_INCLUDES = re.compile(r"(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)")
_LOCAL = re.compile(r"-e\b|--editable\b|file:|[./]|.*@\s*file:|.*\.(?:whl|zip|tar\.gz)$", re.I)
_OWN_DOCKERFILE = (
    "write a Dockerfile that installs it (--print-dockerfile prints one to begin with)"
)


class Dependencies(msgspec.Struct, frozen=True):
    """What pip installs."""

    files: tuple[str, ...] = ()
    """``requirements.txt`` and the files that it includes."""
    named: tuple[str, ...] = ()
    """Requirements from ``pyproject.toml``, by name."""


def dependencies_of(root: Path, context: Context) -> Dependencies:
    """Return the dependencies of a folder; ``requirements.txt`` takes precedence. Raises
    OptionError for what cannot be installed without the sources, or cannot be read."""
    if REQUIREMENTS in context.sizes:
        return Dependencies(files=_included(root, context))
    if PROJECT in context.sizes:
        return Dependencies(named=_of_project(_read(root, PROJECT)))
    return Dependencies()


def python_version(root: Path, context: Context) -> str:
    """Return ``3.N`` from ``.python-version`` in the folder; empty when it does not say."""
    if ".python-version" not in context.sizes:
        return ""
    match = re.match(r"\s*(3\.\d{1,2})(?:\.\d+)?\s*$", _read(root, ".python-version"))
    return match[1] if match else ""


def _included(root: Path, context: Context) -> tuple[str, ...]:
    names = [REQUIREMENTS]
    for name in names:
        for line in re.sub(r"\\\r?\n", " ", _read(root, name)).splitlines():
            text = re.sub(r"(?:^|\s)#.*", "", line).strip()
            if match := _INCLUDES.match(text):
                path = normpath(join(dirname(name), match[1]))
                if path not in context.sizes:
                    raise OptionError(f"{shown(name)} includes {shown(match[1])}, not in the build")
                if path not in names:
                    names.append(path)
            elif _LOCAL.match(text):
                raise OptionError(
                    f"{shown(name)} installs {shown(text)} from a file: {_OWN_DOCKERFILE}"
                )
        if len(names) > _MOST_FILES:
            raise OptionError(f"{REQUIREMENTS} includes more than {_MOST_FILES} files")
    return tuple(names)


def _of_project(text: str) -> tuple[str, ...]:
    try:
        project = tomllib.loads(text).get("project", {})
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise OptionError(f"{PROJECT} was not read: {shown(str(error))}") from error
    if not isinstance(project, Mapping):
        raise OptionError(f"[project] of {PROJECT} is not a table")
    if "dependencies" in project.get("dynamic", ()):
        raise OptionError(f"the dependencies of {PROJECT} are dynamic: {_OWN_DOCKERFILE}")
    wanted = project.get("dependencies", [])
    if not isinstance(wanted, list) or not all(
        isinstance(requirement, str) for requirement in wanted
    ):
        raise OptionError(f"the dependencies of {PROJECT} are no list of texts")
    for requirement in wanted:
        if not requirement.isprintable() or requirement.startswith("-"):
            raise OptionError(
                f"{PROJECT} asks for {shown(requirement)!r}, which is not a requirement"
            )
        if _LOCAL.match(requirement):
            raise OptionError(
                f"{PROJECT} installs {shown(requirement)} from a file: {_OWN_DOCKERFILE}"
            )
    return tuple(wanted)


def _read(root: Path, name: str) -> str:
    try:
        data = read_bounded(root, name, _LONGEST)
    except OSError as error:
        raise OptionError(
            f"{shown(name)} was not read: {shown(error.strerror or str(error))}"
        ) from error
    return (data or b"").decode("utf-8-sig", "replace")
