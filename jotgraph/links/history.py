"""What rules need to know of git history: distances, tags, and what HEAD reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from jotgraph.links.lookup import Lookup, group
from jotgraph.records.references import repository_key

_TAGS = "refs/tags/"


def git_tags(lookup: Lookup) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Tag name -> (repository key, commit), over all repositories (use with ``lookup.once``)."""
    return group(
        (name.removeprefix(_TAGS), (repository.key, sha))
        for repository in lookup.inventory.git
        for name, sha in repository.refs
        if name.startswith(_TAGS)
    )


def reachable(lookup: Lookup, tips: Iterable[str]) -> frozenset[str] | None:
    """Commits that ``tips`` reach, themselves included; None when history is cut on the way."""
    seen: set[str] = set()
    todo = list(tips)
    while todo:
        sha = todo.pop()
        if sha in seen:
            continue
        commit = lookup.commits.get(sha)
        if commit is None:
            return None
        seen.add(sha)
        todo.extend(commit.parents)
    return frozenset(seen)


def _reached(lookup: Lookup) -> dict[str, frozenset[str] | None]:
    return {}


def distance(lookup: Lookup, start: str, end: str) -> int | None:
    """How many commits ``end`` reaches that ``start`` does not, as ``git describe`` counts; None
    when ``start`` is no ancestor, or history is cut."""
    known = lookup.once(_reached)
    if start not in known:
        if len(known) >= 16:  # a set holds every commit of a history: bound what is kept
            known.clear()
        known[start] = reachable(lookup, (start,))
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
            if sha not in lookup.commits:
                return None
            seen.add(sha)
            todo.extend(lookup.commits[sha].parents)
    return len(seen) if met else None


def head_times(lookup: Lookup) -> Mapping[str, tuple[tuple[datetime, str], ...]]:
    """Repository key -> (commit time, commit) of all that its HEAD reaches, oldest first."""
    found: dict[str, tuple[tuple[datetime, str], ...]] = {}
    for repository in lookup.inventory.git:
        seen: set[str] = set()
        todo = [repository.head] if repository.head else []
        while todo:
            sha = todo.pop()
            if sha not in seen and sha in lookup.commits:
                seen.add(sha)
                todo.extend(lookup.commits[sha].parents)
        found[repository.key] = tuple(
            sorted((lookup.commits[sha].committed_at, sha) for sha in seen)
        )
    return found


def _names(lookup: Lookup) -> Mapping[str, frozenset[str]]:
    """Repository key -> the last parts of its key and remotes: what it is called."""
    return {
        repository.key: frozenset(
            text.rpartition("/")[2].lower().removesuffix(".git")
            for text in (repository.key, *map(repository_key, repository.remotes))
            if text
        )
        for repository in lookup.inventory.git
    }


def name_tied(lookup: Lookup, image_repository: str, key: str) -> bool:
    """Whether an image repository and a git repository have the same name (their last parts)."""
    return image_repository.rpartition("/")[2].lower() in lookup.once(_names).get(key, ())
