"""Rules on bytes: commits whose files an image or a package holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jotgraph.links.lookup import Lookup, group
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import revisions
from jotgraph.records import ContentMatch, ContentVerdict, commit_id

LISTED = 100
"""Candidates that evidence lists at most."""


@rule(Relation.CONTENT_EQUALS, Grade.PROOF, Author.BYTES)
def content_exact(lookup: Lookup) -> Iterator[Match]:
    """Every file of the directories an image was copied from is equal in the commit (same git blob
    ids), and the image has no other file there. All such commits are candidates: they differ only
    in files that are not in the image."""
    return _matches(lookup, Grade.PROOF)


@rule(Relation.CONTENT_EQUALS, Grade.STRONG, Author.BYTES)
def content_exact_beside(lookup: Lookup) -> Iterator[Match]:
    """Every file of the directories an image was copied from is equal in the commit, and beside
    them the image has files that git does not track (dependencies, generated files), or has layers
    that were left unread."""
    return _matches(lookup, Grade.STRONG)


@rule(Relation.CONTENT_EQUALS, Grade.SUPPORT, Author.BYTES)
def content_partial(lookup: Lookup) -> Iterator[Match]:
    """The files of an image are equal in the commit but are a part of their directories only; or
    the commit is the nearest and some files differ (a dirty build, or a commit that is not in the
    clone); or history is cut where a better one may lie."""
    return _matches(lookup, Grade.SUPPORT)


@rule(Relation.CONTENT_EQUALS, Grade.HINT, Author.BYTES)
def content_weak(lookup: Lookup) -> Iterator[Match]:
    """An image and the commit have too few files in common to tell a build from a coincidence."""
    return _matches(lookup, Grade.HINT)


def read_from(match: ContentMatch) -> str:
    """What the evidence of a match says of where it was read."""
    return f"files of the image, and the repository {match.repository}"


def _matches(lookup: Lookup, grade: Grade) -> Iterator[Match]:
    claimed = lookup.once(_claimed)
    for match in lookup.inventory.content:
        if match.newest and _grade_of(match) is grade:
            yield Match(
                match.resource,
                commit_id(match.newest),
                _statement(match),
                read_from(match),
                _listed(match, claimed.get(match.resource, ())),
                match.count,
            )


def _grade_of(match: ContentMatch) -> Grade | None:
    match match.verdict:
        case ContentVerdict.EXACT:
            if not (match.unexplained_count or match.layers_left):
                return Grade.PROOF
            return Grade.SUPPORT if match.shallow else Grade.STRONG
        case ContentVerdict.SUBSET | ContentVerdict.NEAREST:
            return Grade.SUPPORT
        case ContentVerdict.WEAK:
            return Grade.HINT
        case ContentVerdict.NONE:
            return None


def _claimed(lookup: Lookup) -> Mapping[str, tuple[str, ...]]:
    """Image -> revisions that its own labels and environment claim."""
    compared = {each.resource for each in lookup.inventory.content}
    return group(
        (each.image.id, each.sha)
        for each in (lookup.once(revisions) if compared else ())
        if each.image.id in compared
    )


def _listed(match: ContentMatch, claimed: tuple[str, ...]) -> tuple[str, ...]:
    """The newest candidates, and any that the image itself claims: a claim that lies within the
    set must not look like a contradiction because the list was cut."""
    said = set(claimed).intersection(match.commits[LISTED:])
    kept = match.commits[: LISTED - min(len(said), LISTED)]
    return kept + tuple(sha for sha in match.commits[LISTED:] if sha in said)[:LISTED]


def _statement(match: ContentMatch) -> str:
    places = [repository or "the root" for _, repository in match.maps]
    where = ", ".join(dict.fromkeys(places)) or "the repository"
    text = f"{_files(match.matched)} of {where} in {match.repository} "
    text += "is equal" if match.matched == 1 else "are equal"
    text += f" in {match.count:,} commits" if match.count != 1 else " in one commit"
    if match.modified_count:
        text += f"; {_files(match.modified_count)} modified ({_named(match.modified)})"
    if match.unexplained_count:
        text += f"; {_files(match.unexplained_count)} beside them that it does not track"
    if match.verdict is ContentVerdict.SUBSET:
        text += "; only a part of its files was copied"
    if match.layers_left:
        many = "layer that copied nothing was", "layers that copied nothing were"
        text += f"; {match.layers_left} {many[match.layers_left > 1]} left unread"
    if match.shallow:
        text += "; its history is cut"
    return text


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
