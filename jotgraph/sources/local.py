"""Reads the git repositories and the Docker engine of this machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from jotgraph.clients import Clients
from jotgraph.errors import SourceError
from jotgraph.records import Commit, Gap, GitRepository, Kind
from jotgraph.sources.aws.calls import Progress
from jotgraph.sources.docker import EngineRead, read_engine
from jotgraph.sources.git.repository import GitRead, merge_commits, read_git
from jotgraph.sources.phases import Phase


@dataclass(frozen=True)
class LocalRead:
    """Everything read without AWS."""

    engine: EngineRead
    git: tuple[GitRepository, ...] = ()
    commits: tuple[Commit, ...] = ()
    gaps: tuple[Gap, ...] = ()


def read_local(clients: Clients, progress: Progress, names: Collection[str] = ()) -> LocalRead:
    """Read the git repositories, then the engine. A path that is no repository is a gap. Variables
    of these ``names`` are stored where they have the form of a revision."""
    reads: list[GitRead] = []
    gaps: list[Gap] = []
    keys = repository_keys(clients.git)
    for done, (path, key) in enumerate(keys, 1):
        try:
            read = read_git(path, key)
            reads.append(read)
            progress(Phase(f"git {key}", "commit"), len(read.commits), len(read.commits))
        except SourceError as error:
            gaps.append(_no_repository(key, str(error)))
        progress("git repositories", done, len(keys))
    engine = EngineRead(name="")
    if clients.docker is not None:
        engine = read_engine(clients.docker, names)
        progress(Phase("docker", "image"), len(engine.images), len(engine.images))
    return LocalRead(
        engine=engine,
        git=tuple(sorted((read.repository for read in reads), key=lambda r: r.key)),
        commits=merge_commits(reads),
        gaps=(*gaps, *(gap for read in reads for gap in read.gaps), *engine.gaps),
    )


def _no_repository(key: str, message: str) -> Gap:
    return Gap(
        service="git",
        action="open",
        resource=key,
        reason="error",
        detail=message,
        hides=(Kind.COMMIT,),
    )


def repository_keys(paths: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return a short unique key for each path: the folder's name, with as many parents as
    necessary. A repeated path counts once."""
    whole = sorted({Path(path).expanduser().resolve() for path in paths})
    keys: list[tuple[str, str]] = []
    for path in whole:
        for length in range(1, len(path.parts) + 1):
            key = _name(path, length)
            if [_name(other, length) for other in whole].count(key) == 1:
                break
        keys.append((str(path), key))
    return tuple(keys)


def _name(path: Path, length: int) -> str:
    named = "/".join(path.parts[-length:]).removesuffix("/.git").removesuffix(".git")
    return named.strip("/") or "repository"
