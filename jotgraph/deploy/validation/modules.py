"""Finds an image's Python modules in the folder that it is built from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from posixpath import normpath

from jotgraph.deploy.validation.command import is_aws_base
from jotgraph.deploy.validation.context import Context, read_bounded
from jotgraph.deploy.validation.dockerfile import (
    Dockerfile,
    Instruction,
    defaults,
    expanded,
    lineage,
)

LONGEST = 1 << 20
"""The largest module that is read, in bytes."""
_MOST_COPIES = 2000
_BINARY = (".so", ".pyd", ".pyc")


class Modules:
    """The modules of a build, by the parts of their dotted names."""

    def __init__(self, root: Path, context: Context, file: Dockerfile | None) -> None:
        self._root = root
        self._context = context
        self._copies = None if file is None else tuple(islice(_copies(file), _MOST_COPIES))
        self.elsewhere = file is not None and (
            _fills_otherwise(file) or len(self._copies or ()) == _MOST_COPIES
        )
        """Whether the image may have modules from elsewhere."""

    def find(self, parts: Sequence[str]) -> tuple[str, ...]:
        """Return the files that may be a module; for a module and a package of one name the
        package."""
        files = dict.fromkeys(
            path
            for form in ((*parts, "__init__.py"), (*parts[:-1], f"{parts[-1]}.py"))
            for path in self._places(form)
            if path in self._context.sizes
        )
        return tuple(path for path in files if f"{path[:-3]}/__init__.py" not in files)

    def is_compiled(self, parts: Sequence[str]) -> bool:
        """Return whether a module of that name exists in another form than source text."""
        stem = parts[-1] + "."
        return any(
            path.endswith(_BINARY) and path.rpartition("/")[2].startswith(stem)
            for path in self._context.sizes
        )

    def left_out(self, parts: Sequence[str]) -> str:
        """Return the module's file if the folder has it and the build context does not."""
        for form in ((*parts[:-1], f"{parts[-1]}.py"), (*parts, "__init__.py")):
            path = "/".join(form)
            if path not in self._context.sizes and (self._root / path).is_file():
                return path
        return ""

    def read(self, path: str) -> bytes:
        """Return the text of a module. Raises OSError for one that cannot be read or is too
        long."""
        data = read_bounded(self._root, path, LONGEST)
        if data is None:
            raise OSError("it is a broken link")
        return data

    def _places(self, form: tuple[str, ...]) -> Iterator[str]:
        if self._copies is None:
            yield "/".join(form)
            if form[0] == self._root.resolve().name and "__init__.py" in self._context.sizes:
                yield "/".join(form[1:])
            yield "/".join(("src", *form))
            return
        for source, target in self._copies:
            yield from self._copied(source, target, form)

    def _copied(self, source: str, target: tuple[str, ...], form: tuple[str, ...]) -> Iterator[str]:
        """Paths that a copy from ``source`` to ``target`` may put at ``form``."""
        plain = normpath(source.lstrip("/") or ".")
        for own in range(min(len(target), len(form) - 1) + 1):
            if own == 0 or target[-own:] == form[:own]:
                rest = "/".join(form[own:])
                yield rest if plain == "." else f"{plain}/{rest}"
        if target[-len(form) :] == form:
            yield plain
        folders = form[:-1]
        if not folders or target[-len(folders) :] == folders:
            folder, _, pattern = plain.rpartition("/")
            if fnmatchcase(form[-1], pattern):
                yield f"{folder}/{form[-1]}" if folder else form[-1]


def _copies(file: Dockerfile) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each source of a copy from the folder, with the parts of its target."""
    for stage in file.stages:
        values = defaults(stage.steps)
        for step in stage.steps:
            if step.name in ("COPY", "ADD") and not _foreign(step):
                *sources, target = step.exec_form or tuple(step.arguments.split()) or ("",)
                parts = tuple(part for part in target.split("/") if part not in ("", "."))
                for source in sources:
                    yield expanded(source, values) or source, parts


def _foreign(step: Instruction) -> bool:
    return any(flag.startswith("--from=") for flag in step.flags)


def _fills_otherwise(file: Dockerfile) -> bool:
    steps = [step for stage in lineage(file) for step in stage.steps]
    return not is_aws_base(file) or any(
        step.name not in ("COPY", "CMD", "ENTRYPOINT", "ENV", "ARG", "LABEL", "WORKDIR", "USER")
        or (step.name == "COPY" and (_foreign(step) or "$" in step.rest.rpartition(" ")[0]
                                     or "<<" in step.rest))
        for step in steps
    )  # fmt: skip
