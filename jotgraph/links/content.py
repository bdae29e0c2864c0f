"""Rules on bytes: commits whose files an image or a package holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jotgraph.links.index import InventoryIndex, group
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import revisions
from jotgraph.records import ContentMatch, ContentVerdict, commit_id
from jotgraph.records.ids import short
from jotgraph.records.phrases import counted, listed

LISTED = 100
"""The most candidates that evidence lists."""


@rule(Relation.CONTENT_EQUALS, Grade.PROOF, Author.BYTES)
def content_exact(index: InventoryIndex) -> Iterator[Match]:
    """Every file of the layers that an image's build copied is equal in the commit (same git blob
    ids), under its own path, and the directories were copied whole. All such commits are
    candidates: they differ only in files that are not in the image."""
    return _matches(index, Grade.PROOF)


@rule(Relation.CONTENT_EQUALS, Grade.STRONG, Author.BYTES)
def content_exact_beside(index: InventoryIndex) -> Iterator[Match]:
    """Every file of the directories an image was copied from is equal in the commit, and beside
    them the build copied files that git does not track (dependencies, generated files), or some are
    renamed or have other line ends, or npm added to a package.json, or layers were left unread."""
    return _matches(index, Grade.STRONG)


@rule(Relation.CONTENT_EQUALS, Grade.SUPPORT, Author.BYTES)
def content_partial(index: InventoryIndex) -> Iterator[Match]:
    """The files of an image are equal in the commit but are a part of their directories only; or
    the commit is the nearest and some files differ (a dirty build, or a commit that is not in the
    clone); or history is cut where a better one may lie; or the files lie in layers that ``RUN``
    made (installed, not copied), or in source maps and jars."""
    return _matches(index, Grade.SUPPORT)


@rule(Relation.CONTENT_EQUALS, Grade.HINT, Author.BYTES)
def content_weak(index: InventoryIndex) -> Iterator[Match]:
    """An image and the commit have too few files in common to tell a build from a coincidence."""
    return _matches(index, Grade.HINT)


def read_from(match: ContentMatch) -> str:
    """Describe which files a match compared, for its evidence."""
    return f"files of the image, and the repository {match.repository}"


def _matches(index: InventoryIndex, grade: Grade) -> Iterator[Match]:
    claimed = index.once(_claimed)
    for match in index.inventory.content:
        if match.newest and grade_of(match) is grade:
            yield Match(
                match.resource,
                commit_id(match.newest),
                _statement(match),
                read_from(match),
                _listed(match, claimed.get(match.resource, ())),
                match.count,
            )


def grade_of(match: ContentMatch) -> Grade | None:
    """The grade of a match; None for no link. PROOF needs every copied file to be equal, byte for
    byte and under its own path."""
    match match.verdict:
        case ContentVerdict.EXACT if match.by_run:
            return Grade.SUPPORT
        case ContentVerdict.EXACT:
            if not (match.unexplained_count or match.layers_left or _altered(match)):
                return Grade.PROOF
            return Grade.SUPPORT if match.shallow else Grade.STRONG
        case ContentVerdict.SUBSET | ContentVerdict.NEAREST:
            return Grade.SUPPORT
        case ContentVerdict.WEAK:
            return Grade.HINT
        case ContentVerdict.NONE:
            return None


def _altered(match: ContentMatch) -> bool:
    """Whether a match depends on renamed, converted or absent files."""
    return bool(
        match.renamed_count or match.line_ends_count or match.published_count or match.lacking_count
    )


def _claimed(index: InventoryIndex) -> Mapping[str, tuple[str, ...]]:
    """The revisions that the labels and environment of each image claim."""
    compared = {match.resource for match in index.inventory.content}
    return group(
        (revision.image.id, revision.sha)
        for revision in (index.once(revisions) if compared else ())
        if revision.image.id in compared
    )


def _listed(match: ContentMatch, claimed: tuple[str, ...]) -> tuple[str, ...]:
    """The newest candidates of a match, and those that the image itself claims. Without the latter
    a claim inside a cut list would look like a contradiction."""
    named = set(claimed).intersection(match.commits[LISTED:])
    listed = match.commits[: LISTED - min(len(named), LISTED)]
    return listed + tuple(sha for sha in match.commits[LISTED:] if sha in named)[:LISTED]


def _statement(match: ContentMatch) -> str:
    text = f"{_matched(match)} {_commits(match)}"
    places = list(dict.fromkeys(folder for _, folder in match.maps if folder))
    if match.verdict is ContentVerdict.SUBSET:
        places.append("part of the tree")
    if places:
        text += f" ({', '.join(places)})"
    if match.modified_count:
        text += f"; {counted(match.modified_count, 'file')} modified ({listed(match.modified)})"
    if match.renamed_count:
        text += f"; {counted(match.renamed_count, 'file')} renamed ({listed(match.renamed)})"
    if match.line_ends_count:
        text += f"; {counted(match.line_ends_count, 'file')} with other line ends"
        text += f" ({listed(match.line_ends)})"
    if match.published_count:
        text += f"; {counted(match.published_count, 'file')} with additions of npm"
        text += f" ({listed(match.published)})"
    if match.lacking_count:
        text += f"; {counted(match.lacking_count, 'file')} missing ({listed(match.lacking)})"
    if match.unexplained_count:
        text += f"; {counted(match.unexplained_count, 'file')} not tracked by git"
    if match.held:
        text += f"; {counted(match.held, 'file')} held in source maps or jars"
    if match.by_run:
        text += f"; {counted(match.by_run, 'file')} installed by RUN, not copied"
    if match.layers_left:
        text += f"; {counted(match.layers_left, 'layer')} without copied files not read"
    if match.shallow:
        text += "; the clone is shallow"
    return text


def _matched(match: ContentMatch) -> str:
    """``all 20 files match``, ``the file matches``, ``18 of 20 files match``."""
    total = match.matched + match.modified_count
    if match.modified_count:
        return f"{match.matched:,} of {counted(total, 'file')} match"
    return "the file matches" if total == 1 else f"all {counted(total, 'file')} match"


def _commits(match: ContentMatch) -> str:
    newest = short(match.newest)
    if match.count == 1:
        return f"commit {newest} of {match.repository}"
    return f"{match.count:,} commits of {match.repository}, newest {newest}"
