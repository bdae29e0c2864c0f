"""Validates a folder before it is built: its Dockerfile, handler, commit and size."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from jotgraph.deploy.validation.bases import bases
from jotgraph.deploy.validation.command import HANDLER, Command, command_of, python_of
from jotgraph.deploy.validation.context import Context, read_bounded, read_context, sizes
from jotgraph.deploy.validation.dockerfile import LONGEST, Dockerfile, DockerfileFault, parse
from jotgraph.deploy.validation.flaws import flaw, shown
from jotgraph.deploy.validation.handler import Handler, Search, find_handler
from jotgraph.deploy.validation.modules import Modules
from jotgraph.deploy.validation.work_tree import work_tree
from jotgraph.errors import OptionError
from jotgraph.queries.answers.validation import Flaw, FlawCode, FlawSeverity, Validation

_KNOWN = re.compile(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?:[:@].*)?")
_NOTHING = Dockerfile((), "", ())


def split_target(target: str) -> tuple[Path, str]:
    """Parse ``PATH[:module.function]``. Raises OptionError when there is no such folder."""
    if "\0" in target:
        raise OptionError("a path has no NUL in it")
    path, handler = Path(target), ""
    if ":" in target and not os.path.lexists(path):
        folder, _, handler = target.rpartition(":")
        path = Path(folder or ".")
        if not HANDLER.fullmatch(handler):
            raise OptionError(f"{shown(handler)!r} is not a handler: write PATH:module.function")
    if not os.path.isdir(path):
        bare = not handler and HANDLER.fullmatch(target) and not os.path.lexists(path)
        hint = f"; of a handler here write .:{target}" if bare else ""
        raise OptionError(f"there is no folder {shown(str(path), 300)}{hint}")
    return path, handler


class Examined(msgspec.Struct, frozen=True):
    """A folder as examined, for whoever builds it."""

    validation: Validation
    context: Context
    file: Dockerfile | None
    handler: str
    """The handler that was looked for, as written."""


def validate(
    root: Path, handler: str = "", *, dockerfile: str = "", allow_dirty: bool = False
) -> Validation:
    """Check a folder and ``module.function`` in it; without a handler, the one that its Dockerfile
    starts. Nothing is built, imported or run. Raises OptionError when neither names a handler, or a
    named Dockerfile is missing."""
    return examine(root, handler, dockerfile=dockerfile, allow_dirty=allow_dirty).validation


def examine(
    root: Path,
    handler: str = "",
    *,
    dockerfile: str = "",
    text: bytes | None = None,
    allow_dirty: bool = False,
) -> Examined:
    """Do what ``validate`` does, and return what was read. ``text`` is a Dockerfile that is not in
    the folder; empty for none at all. Raises OptionError as ``validate`` does."""
    name = dockerfile or "Dockerfile"
    file: Dockerfile | None = None
    flaws: list[Flaw] = []
    if text is None:
        file, flaws = _read(root, name, named=bool(dockerfile))
    elif text:
        file, flaws = _parsed(text, name)
    if file is None and not handler:
        raise OptionError(
            f"{shown(str(root), 300)} has no Dockerfile that names a handler: "
            "write PATH:module.function"
        )
    context = read_context(root, name)
    command = command_of(file, name) if file and file.stages else Command(runtime=file is None)
    flaws += [*bases(file, name), *_command_flaws(command, handler, name)] if file else []
    looked_for = handler or command.handler
    seen = Handler("")
    if looked_for:
        modules = Modules(root, context, file)
        seen = find_handler(looked_for, Search(modules, command.runtime, python_of(file), {}))
    flaws += [*seen.flaws, *sizes(file, context)]
    flaws += work_tree(root, context, allow_dirty=allow_dirty)
    validation = Validation(
        path=shown(str(root), 300),
        dockerfile=shown(name, 300) if file else "",
        handler=shown(looked_for),
        handler_file=shown(seen.file, 300),
        files=len(context.sizes),
        bytes=context.bytes,
        findings=_worst_first(flaws),
    )
    return Examined(validation, context, file, looked_for)


def _worst_first(flaws: Iterable[Flaw]) -> tuple[Flaw, ...]:
    order = list(FlawSeverity)
    return tuple(
        sorted(
            flaws,
            key=lambda finding: (order.index(finding.severity), finding.file, finding.line or 0),
        )
    )


def _read(root: Path, name: str, *, named: bool) -> tuple[Dockerfile | None, list[Flaw]]:
    """The Dockerfile, and what prevents reading it; it has no stage then."""
    try:
        data = read_bounded(root, name, LONGEST)
    except OSError as error:
        text = f"The Dockerfile was not read: {shown(error.strerror or str(error))}."
        todo = "See that it is a file of the folder that can be read."
        return _NOTHING, [flaw(FlawCode.DOCKERFILE_UNKNOWN, FlawSeverity.UNKNOWN, text, todo, name)]
    if data is None:
        if named:
            raise OptionError(f"there is no file {shown(name, 300)} in {shown(str(root), 300)}")
        return None, []
    return _parsed(data, name)


def _parsed(data: bytes, name: str) -> tuple[Dockerfile, list[Flaw]]:
    file = parse(data)
    if file.frontend and not _KNOWN.fullmatch(file.frontend):
        text = f"It is read by another frontend, {shown(file.frontend)}, by rules of its own."
        todo = "Use # syntax=docker/dockerfile:1, or look at it yourself."
        return _NOTHING, [
            flaw(FlawCode.DOCKERFILE_UNKNOWN, FlawSeverity.UNKNOWN, text, todo, name, 1)
        ]
    return file, [_fault(fault, name) for fault in file.faults]


def _fault(fault: DockerfileFault, name: str) -> Flaw:
    code = FlawCode.DOCKERFILE_INVALID if fault.certain else FlawCode.DOCKERFILE_UNKNOWN
    severity = FlawSeverity.WRONG if fault.certain else FlawSeverity.UNKNOWN
    return flaw(code, severity, fault.statement, "Correct the line.", name, fault.line)


def _command_flaws(command: Command, handler: str, name: str) -> list[Flaw]:
    flaws = list(command.flaws)
    if handler and command.handler and handler != command.handler:
        text = f"The image starts {shown(command.handler)}, not {shown(handler)}."
        todo = "Change CMD, or give the function a command of its own (ImageConfig.Command)."
        flaws.append(
            flaw(FlawCode.COMMAND_DIFFERS, FlawSeverity.WARNING, text, todo, name, command.line)
        )
    return flaws
