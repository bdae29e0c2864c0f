"""Questions about git history that rules share: distances, tags, and the history of HEAD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from jotgraph.links.index import InventoryIndex, group
from jotgraph.records.references import repository_key

_TAGS = "refs/tags/"


def git_tags(index: InventoryIndex) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """(repository key, SHA) by tag name, over all repositories; for ``index.once``."""
    return group(
        (name.removeprefix(_TAGS), (repository.key, sha))
        for repository in index.inventory.git
        for name, sha in repository.refs
        if name.startswith(_TAGS)
    )


def reachable(index: InventoryIndex, tips: Iterable[str]) -> frozenset[str] | None:
    """The commits that ``tips`` lead to, themselves included; None when history is cut."""
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
    """How many commits ``end`` leads to and ``start`` does not, as ``git describe`` counts. None
    when ``start`` is not an ancestor or history is cut."""
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
    """Time and SHA of all commits in the history of each repository's HEAD, oldest first."""
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
    """The names of each repository: the last parts of its key and remotes."""
    return {
        repository.key: frozenset(
            text.rpartition("/")[2].lower().removesuffix(".git")
            for text in (repository.key, *map(repository_key, repository.remotes))
            if text
        )
        for repository in index.inventory.git
    }


def name_tied(index: InventoryIndex, image_repository: str, key: str) -> bool:
    """Whether an image repository and a git repository share their last name."""
    return image_repository.rpartition("/")[2].lower() in index.once(_names).get(key, ())
