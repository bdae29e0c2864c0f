"""Collects every claim about the commits of an image, with its author, best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jotgraph.analysis.provenance.model import Claim
from jotgraph.graph import ResourceGraph, content, dependencies, evidence, record
from jotgraph.links import AUTHORS, Author, Evidence, Grade, Relation
from jotgraph.links.content import read_from
from jotgraph.records import Commit, ContentMatch, ResourceId, commit_id, key_of


def claims_of(graph: ResourceGraph, carriers: Mapping[ResourceId, Grade]) -> tuple[Claim, ...]:
    """Return every claim of these carriers. What one rule read in one place of one carrier is one
    claim, whichever commits it names."""
    grouped: dict[tuple[ResourceId, Relation, str, str], list[tuple[str, Evidence]]] = {}
    for carrier in carriers:
        for relation in (Relation.CONTENT_EQUALS, Relation.BUILT_FROM):
            for target in dependencies(graph, carrier, relation):
                for piece in evidence(graph, carrier, target, relation):
                    key = (carrier, relation, piece.rule, piece.read_from)
                    grouped.setdefault(key, []).append((key_of(target), piece))
    if not grouped:
        return ()
    claims = [_claim(graph, key[0], carriers[key[0]], pieces) for key, pieces in grouped.items()]
    return in_order(claims)


def in_order(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Sort claims, best first."""
    listed = tuple(claims)
    return tuple(sorted(listed, key=_order)) if len(listed) > 1 else listed


def newest_first(graph: ResourceGraph, shas: Iterable[str]) -> tuple[str, ...]:
    """Sort SHAs by commit time, newest first; those of commits that were not read come last."""

    def age(sha: str) -> tuple[float, str]:
        node = record(graph, commit_id(sha)) if commit_id(sha) in graph else None
        return (-node.committed_at.timestamp() if isinstance(node, Commit) else 0.0, sha)

    listed = tuple(shas)
    return tuple(sorted(listed, key=age)) if len(listed) > 1 else listed


def _claim(
    graph: ResourceGraph, carrier: ResourceId, worth: Grade, pieces: list[tuple[str, Evidence]]
) -> Claim:
    best = max((piece for _, piece in pieces), key=lambda piece: (piece.grade, piece.statement))
    match = _match(graph, carrier, pieces[0][0], best)
    shas = {sha for sha, _ in pieces}.union(*(piece.candidates for _, piece in pieces))
    if match is not None:  # it knows more of a large class than evidence lists
        shas.update(match.commits, _in_runs(graph, match))
    return Claim(
        on=carrier,
        commits=newest_first(graph, shas),
        count=max([len(shas), *(piece.count for _, piece in pieces)]),
        grade=min(best.grade, worth),
        evidence=best,
        author=_author_of(best),
        modified=match.modified if match else (),
        modified_count=match.modified_count if match else 0,
        match=match,
    )


def _in_runs(graph: ResourceGraph, match: ContentMatch) -> Iterator[str]:
    """The commits of a match that is too large to list, as far as their history was read."""
    for head, length in match.runs:
        sha = head
        for _ in range(length):
            node = record(graph, commit_id(sha)) if commit_id(sha) in graph else None
            if not isinstance(node, Commit):
                break
            yield sha
            sha = node.parents[0] if node.parents else ""


def _author_of(piece: Evidence) -> Author:
    """The author that a link's rule declares; for a rule that is not ours, the one its relation
    implies."""
    by_relation = Author.BYTES if piece.relation is Relation.CONTENT_EQUALS else Author.BUILDER
    return piece.author or AUTHORS.get(piece.rule, by_relation)


def _match(
    graph: ResourceGraph, carrier: ResourceId, sha: str, piece: Evidence
) -> ContentMatch | None:
    """The content record behind a claim on bytes."""
    if piece.relation is not Relation.CONTENT_EQUALS:
        return None
    for match in content(graph, carrier):
        if match.newest == sha and piece.read_from == read_from(match):
            return match
    return None


def _order(claim: Claim) -> tuple[int, bool, str, int, str, ResourceId, str]:
    """A sort key that puts written hints (a revision that no repository holds) before guessed
    ones."""
    piece = claim.evidence
    content_first = str(piece.relation is not Relation.CONTENT_EQUALS)
    guessed = claim.grade is Grade.HINT and claim.author is not Author.BUILDER
    return (
        -claim.grade,
        guessed,
        content_first,
        claim.count,
        piece.rule,
        claim.on,
        piece.statement,
    )
