"""The parts of this machine that are used: the engine, git and repositories, drawing, and
folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from jotgraph.clients.engine import NoEngine
from jotgraph.errors import RenderError, SourceError
from jotgraph.queries.answers.diagnosis import ExaminationResult, MachinePart, Words, term, words
from jotgraph.records.phrases import counted
from jotgraph.render.picture.layout.graphviz_engine import PURE, SYSTEM
from jotgraph.render.picture.layout.graphviz_engine import run as run_graphviz
from jotgraph.render.words import size
from jotgraph.sources.docker import has_containerd_store
from jotgraph.sources.git.command import git_version
from jotgraph.sources.git.place import require_repository
from jotgraph.store.folders import cache_folder, state_folder

_PACKAGES = ("boto3", "botocore", "docker", "GitPython", "networkx", "click", "graphviz-pure")
_MOST_FILES = 200_000


def engine(client: Any, missing: NoEngine | None) -> MachinePart:
    """Return the Docker engine's version and storage, or why it was not reached."""
    if missing:
        return MachinePart(
            name="docker", result=ExaminationResult.FAILS, state=words("{}", missing.gap.detail)
        )
    if client is None:
        return MachinePart(
            name="docker", result=ExaminationResult.UNTRIED, state=words("{}", "not asked for")
        )
    try:
        version, info = client.version(), client.info()
    except Exception as error:  # docker-py lets errors of requests, urllib3 and sockets through
        return MachinePart(
            name="docker", result=ExaminationResult.FAILS, state=words("{}", str(error))
        )
    store = "containerd store: ids are digests of manifests"
    classic = "ids are digests of configurations"
    state = words(
        f"version {{}}, API {{}}, driver {{}} ({store if has_containerd_store(info) else classic})",
        *(term(str(version.get(name, "?"))) for name in ("Version", "ApiVersion")),
        term(str(info.get("Driver", "?"))),
    )
    return MachinePart(name="docker", result=ExaminationResult.HOLDS, state=state)


def git(paths: Iterable[str]) -> Iterator[MachinePart]:
    """Return the git program, and each repository."""
    try:
        state = words("version {}", term(git_version()))
        yield MachinePart(name="git", result=ExaminationResult.HOLDS, state=state)
    except SourceError as error:
        yield MachinePart(name="git", result=ExaminationResult.FAILS, state=words("{}", str(error)))
        return
    for path in paths:
        try:
            require_repository(Path(path).expanduser())
            yield MachinePart(
                name="repository", result=ExaminationResult.HOLDS, state=words("{}", path)
            )
        except SourceError as error:
            yield MachinePart(
                name="repository", result=ExaminationResult.FAILS, state=words("{}", str(error))
            )


def drawing() -> Iterator[MachinePart]:
    """Return both drawing programs, tested by drawing; the system's is needed for PDF alone."""
    for name, program in (("graphviz-pure", PURE), ("dot", SYSTEM)):
        try:
            run_graphviz("digraph { commit -> image }", "svg", engine=program)
            yield MachinePart(name=name, result=ExaminationResult.HOLDS, state=Words("draws"))
        except RenderError as error:
            absent = program == SYSTEM and shutil.which("dot") is None
            state = (
                Words("not on the path; only PDF needs it") if absent else words("{}", str(error))
            )
            yield MachinePart(
                name=name,
                result=ExaminationResult.UNTRIED if absent else ExaminationResult.FAILS,
                state=state,
            )


def folders() -> Iterator[MachinePart]:
    """Return the folders that are written: whether they can be, their content, and free space."""
    for name, folder in (("cache", cache_folder()), ("state", state_folder())):
        there = _nearest(folder)
        writable = os.access(there, os.W_OK | os.X_OK)
        state = words(f"{{}}, {_holds(folder)}, {_free(there)}", str(folder))
        if not writable:
            state = words("{} cannot be written", str(there))
        yield MachinePart(
            name=name,
            result=ExaminationResult.HOLDS if writable else ExaminationResult.FAILS,
            state=state,
        )


def packages() -> MachinePart:
    """Return the versions of the packages that answers depend on."""
    state = Words(", ".join(map(_versioned, _PACKAGES)))
    return MachinePart(name="packages", result=ExaminationResult.HOLDS, state=state)


@cache
def _versioned(name: str) -> str:
    """A package with its version, read from disk once."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} without a version"


def _nearest(folder: Path) -> Path:
    """The folder, or its first existing parent, in which it would be created."""
    return next((path for path in (folder, *folder.parents) if path.exists()), folder)


def _holds(folder: Path) -> str:
    if not folder.exists():
        return "not made yet"
    count = total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            count += 1
            try:
                total += os.lstat(os.path.join(root, name)).st_size
            except OSError:
                continue  # gone since it was listed
        if count > _MOST_FILES:
            return f"more than {_MOST_FILES:,} files"
    return f"{size(total)} in {counted(count, 'file')}"


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / 1e9:,.0f} GB free"
    except OSError:
        return "free space unknown"
