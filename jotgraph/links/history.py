"""What rules need to know of git history: distances, tags, and what HEAD reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from jotgraph.links.index import InventoryIndex, group
from jotgraph.records.references import repository_key

_TAGS = "refs/tags/"


def git_tags(index: InventoryIndex) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Key of the repository and commit that each tag names, over all repositories; use with
    ``index.once``."""
    return group(
        (name.removeprefix(_TAGS), (repository.key, sha))
        for repository in index.inventory.git
        for name, sha in repository.refs
        if name.startswith(_TAGS)
    )


def reachable(index: InventoryIndex, tips: Iterable[str]) -> frozenset[str] | None:
    """Commits that ``tips`` reach, themselves included; None when history is cut on the way."""
    seen: set[str] = set()
    todo = list(tips)
    while todo:
        sha = todo.pop()
        if sha in seen:
            continue
        commit = index.commits.get(sha)
        if commit is None:
            return None
        seen.add(sha)
        todo.extend(commit.parents)
    return frozenset(seen)


def _reached(index: InventoryIndex) -> dict[str, frozenset[str] | None]:
    return {}


def distance(index: InventoryIndex, start: str, end: str) -> int | None:
    """How many commits ``end`` reaches that ``start`` does not, as ``git describe`` counts; None
    when ``start`` is no ancestor, or history is cut."""
    known = index.once(_reached)
    if start not in known:
        if len(known) >= 16:  # a set holds every commit of a history: bound what is kept
            known.clear()
        known[start] = reachable(index, (start,))
    behind = known[start]
    if behind is None:
        return None
    seen: set[str] = set()
    met = False
    todo = [end]
    while todo:
        sha = todo.pop()
        if sha in behind:
            met = met or sha == start
        elif sha not in seen:
            if sha not in index.commits:
                return None
            seen.add(sha)
            todo.extend(index.commits[sha].parents)
    return len(seen) if met else None


def head_times(index: InventoryIndex) -> Mapping[str, tuple[tuple[datetime, str], ...]]:
    """Time and SHA of all commits that the HEAD of each repository reaches, oldest first."""
    by_repository: dict[str, tuple[tuple[datetime, str], ...]] = {}
    for repository in index.inventory.git:
        seen: set[str] = set()
        todo = [repository.head] if repository.head else []
        while todo:
            sha = todo.pop()
            if sha not in seen and sha in index.commits:
                seen.add(sha)
                todo.extend(index.commits[sha].parents)
        by_repository[repository.key] = tuple(
            sorted((index.commits[sha].committed_at, sha) for sha in seen)
        )
    return by_repository


def _names(index: InventoryIndex) -> Mapping[str, frozenset[str]]:
    """What each repository is called: the last parts of its key and remotes."""
    return {
        repository.key: frozenset(
            text.rpartition("/")[2].lower().removesuffix(".git")
            for text in (repository.key, *map(repository_key, repository.remotes))
            if text
        )
        for repository in index.inventory.git
    }


def name_tied(index: InventoryIndex, image_repository: str, key: str) -> bool:
    """Whether an image repository and a git repository have the same name (their last parts)."""
    return image_repository.rpartition("/")[2].lower() in index.once(_names).get(key, ())
