"""Rules on time: when an image was made, compared with when commits were."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import time, timedelta

from jotgraph.links.history import head_times, name_tied
from jotgraph.links.index import InventoryIndex, group
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import remotes_of, sources_of
from jotgraph.records import EcrImage, LocalImage, commit_id
from jotgraph.records.creation import stated_time
from jotgraph.records.references import reference

_SOON = timedelta(days=1)


def _by_second(index: InventoryIndex) -> Mapping[str, tuple[str, ...]]:
    return group((commit.committed_at.isoformat(), commit.sha) for commit in index.commits.values())


def _on_the_second(index: InventoryIndex) -> tuple[tuple[Match, bool], ...]:
    return tuple(_on_seconds(index)) if index.commits else ()


def _on_seconds(index: InventoryIndex) -> Iterator[tuple[Match, bool]]:
    """Yield images created on the very second of one commit, and whether a name ties the two."""
    for image in index.filesystems():
        created = stated_time(image.created_at)
        if created is None or created.microsecond or created.time() == time.min:
            continue
        commits = index.once(_by_second).get(created.isoformat(), ())
        if len(commits) == 1:
            commit = index.commits[commits[0]]
            tied = any(
                name_tied(index, name, key) for name in _names(image) for key in commit.repositories
            ) or bool(set(sources_of(image)) & remotes_of(index, commit))
            yield (
                Match(
                    image.id,
                    commit.id,
                    f"it says it was created at {created:%Y-%m-%d %H:%M:%S} UTC, the very "
                    f"second of one commit of {', '.join(sorted(commit.repositories))}",
                    "config created",
                ),
                tied,
            )


@rule(Relation.BUILT_FROM, Grade.STRONG, Author.BUILDER)
def created_at_commit_second(index: InventoryIndex) -> Iterator[Match]:
    """The image says it was created on the whole second at which exactly one commit was made, as
    builds do that set SOURCE_DATE_EPOCH to the commit's time (reproducible-builds.org), and it has
    the name of the commit's repository or a source label that names it. Engines write fractions of
    a second otherwise; midnight is a date, and says nothing."""
    return (match for match, tied in index.once(_on_the_second) if tied)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def created_at_foreign_second(index: InventoryIndex) -> Iterator[Match]:
    """The image says it was created on the whole second at which exactly one commit was made, but
    nothing else ties it to the commit's repository: among many images and commits, about one in a
    thousand matches a second by chance."""
    return (match for match, tied in index.once(_on_the_second) if not tied)


@rule(Relation.BUILT_FROM, Grade.HINT, Author.CIRCUMSTANCE)
def built_soon_after(index: InventoryIndex) -> Iterator[Match]:
    """The newest commit on the history of HEAD, in a git repository of the same name as the
    image's, is at most a day older than the image (or its push, when it has no time of
    creation)."""
    for image in index.filesystems() if index.inventory.git else ():
        pushed = image.pushed_at if isinstance(image, EcrImage) else None
        created = stated_time(image.created_at) or pushed
        if created is None:
            continue
        for repository in index.inventory.git:
            if not any(name_tied(index, name, repository.key) for name in _names(image)):
                continue
            times = index.once(head_times)[repository.key]
            at = bisect_right(times, (created, "g"))  # "g" sorts after every hex digit
            if at and created - times[at - 1][0] <= _SOON:
                when, sha = times[at - 1]
                yield Match(
                    image.id,
                    commit_id(sha),
                    f"it was made {_ago(created - when)} after the newest commit of "
                    f"{repository.key}, which has its name",
                    "names and times",
                )


def _names(image: LocalImage | EcrImage) -> set[str]:
    if isinstance(image, EcrImage):
        return {image.repository}
    return {reference(tag).name for tag in image.tags}


def _ago(gap: timedelta) -> str:
    minutes = int(gap.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
