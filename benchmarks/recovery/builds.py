"""A build: a context, the ``COPY`` steps of its Dockerfile, and what lies below and above them.

It is done here in process, layer by layer, or by a real engine from a Dockerfile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.content.changes import Files
from tests.content.histories import Tree
from tests.content.images import Content, layer

Context = Mapping[str, Content]


@dataclass(frozen=True)
class Copy:
    """``COPY source target``: a directory (``""`` for all), or one file."""

    source: str
    target: str
    """Without the slash at its beginning."""

    @property
    def renames(self) -> bool:
        """A file gets another name."""
        return not self.target.endswith("/")


@dataclass(frozen=True)
class Layer:
    """A layer that no step of this Dockerfile copied from the context."""

    step: str
    files: Files


@dataclass(frozen=True)
class Plan:
    """What a Dockerfile does, whatever the context holds."""

    copies: tuple[Copy, ...]
    base: tuple[Layer, ...] = ()
    above: tuple[Layer, ...] = ()
    checkout: Callable[[Tree], Tree] = dict
    """What a checkout makes of the files of a commit."""
    builder: str = "buildkit"
    """``classic``, ``stages`` (``COPY --from``), ``flat`` for one layer without history, or
    ``bundle``: a source map is all that is left of the files."""

    def copied(self, context: Context) -> list[Files]:
        """What each step copies, by its path in the image."""
        return [_copied(context, copy) for copy in self.copies]


@dataclass(frozen=True)
class Build:
    recipe: str
    commit: str
    """The commit that was built, or on which a dirty build was; empty when the clone lacks it."""
    context: Context
    plan: Plan
    clean: bool
    """Nothing was changed in the context, nor by a later step of the Dockerfile."""

    @property
    def engine_can(self) -> bool:
        """Whether a Dockerfile ``FROM scratch`` does the same: no step runs a program."""
        return not self.plan.above and self.plan.builder in ("buildkit", "classic", "stages")


def _copied(context: Context, copy: Copy) -> Files:
    if copy.source in context:
        name = copy.source.rpartition("/")[2]
        target = f"{copy.target}{name}" if copy.target.endswith("/") else copy.target
        return {target: context[copy.source]}
    start = f"{copy.source}/" if copy.source else ""
    return {
        f"{copy.target}/{path[len(start) :]}": data
        for path, data in context.items()
        if path.startswith(start) and not _ignored(path)
    }


def _ignored(path: str) -> bool:
    """As the ``.dockerignore`` of the histories has it."""
    return path.endswith(".md") or path in ("Dockerfile", ".dockerignore")


def in_process(build: Build) -> tuple[list[bytes], list[str]]:
    """The layers of the image, and the lines of its history."""
    plan = build.plan
    own = plan.copied(build.context)
    if plan.builder == "bundle":
        own = [_bundled(files, copy) for files, copy in zip(own, plan.copies, strict=True)]
    files = [part.files for part in plan.base] + own + [part.files for part in plan.above]
    if plan.builder == "flat":
        merged: Files = {}
        for part in files:
            merged |= part
        return [layer(merged)], []
    steps = [part.step for part in plan.base]
    steps += [_step(copy, plan.builder, build.context) for copy in plan.copies]
    steps += [part.step for part in plan.above]
    return [layer(part) for part in files], steps


def _bundled(files: Files, copy: Copy) -> Files:
    """One minified file, and the map that its bundler wrote beside it."""
    sources = {
        f"../{path.removeprefix(copy.target + '/')}": data.decode()
        for path, data in sorted(files.items())
        if isinstance(data, bytes)
    }
    document = {"version": 3, "sources": [*sources], "sourcesContent": [*sources.values()]}
    bundle = f"{copy.target}/index.js"
    return {bundle: b"!function(){}()\n", f"{bundle}.map": json.dumps(document).encode()}


def _step(copy: Copy, builder: str, context: Context) -> str:
    if builder == "classic":
        kind = "file" if copy.source in context else "dir"
        return f"/bin/sh -c #(nop) COPY {kind}:{'a1' * 32} in /{copy.target} "
    if builder in ("stages", "bundle"):
        return f"COPY /build/{copy.source} /{copy.target} # buildkit"
    return f"COPY {copy.source or '.'} /{copy.target} # buildkit"


def write_context(build: Build, folder: Path) -> Path:
    """A folder from which a real engine does the same build."""
    plan = build.plan
    lines = ["FROM scratch"]
    for number, part in enumerate(plan.base):
        _put(folder / f"base{number}.tar", layer(part.files))
        lines.append(f"ADD base{number}.tar /")
    if plan.builder == "stages":
        lines = ["FROM scratch AS build", "COPY . /build/", *lines]
    origin = "--from=build /build/" if plan.builder == "stages" else ""
    for copy in plan.copies:
        source = f"{origin}{copy.source}" or "."
        slash = "" if copy.source in build.context else "/"
        lines.append(
            f"COPY {source}{'' if copy.source in build.context else '/'} /{copy.target}{slash}"
        )
    for path, data in build.context.items():
        if isinstance(data, bytes):
            _put(folder / path, data)
        elif data is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to(data[1])
    ignored = build.context.get(".dockerignore", b"")
    assert isinstance(ignored, bytes)
    _put(folder / "Dockerfile", "\n".join([*lines, ""]).encode())
    _put(folder / ".dockerignore", ignored + b"!base*.tar\n")
    return folder


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
