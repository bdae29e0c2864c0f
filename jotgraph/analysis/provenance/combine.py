"""Combines all claims about one image into a set of commits, a grade, and disagreements.

From the best grade down, claims that share commits are intersected. A builder's claim, or one from
a file of its tools, never narrows a set of commits with equal files; it only picks among them.
Commits later than the image are set aside, unless nothing would be left. The grade is that of the
best claim, and one step more when independent authors agree on the very set: agreement is worth
what it excludes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from jotgraph.analysis.provenance.explain import disagreements
from jotgraph.analysis.provenance.model import Claim, Claims, Disagreement
from jotgraph.graph import ResourceGraph, record
from jotgraph.links import Author, Grade
from jotgraph.records import Commit, EcrImage, ImageType, LocalImage, ResourceId, commit_id
from jotgraph.records.creation import stated_time
from jotgraph.records.references import reference

_DIRTY = re.compile(r"[-+.]dirty\b")
_SKEW = timedelta(days=1)
_JOB = frozenset({Author.BUILDER, Author.DEPLOYER})
"""Authors that do not confirm each other: mostly one and the same CI job."""


def combine(
    graph: ResourceGraph,
    images: tuple[ResourceId, ...],
    carriers: Mapping[ResourceId, Grade],
    records: tuple[Claim, ...],
) -> Claims:
    """Combine claims, best first. A deployer's claim counts only where there is no other."""
    beside = _beside(records)
    about = tuple(claim for claim in records if claim not in beside) if beside else records
    ranked = [claim for claim in about if claim.author is not Author.DEPLOYER] or list(about)
    agreed, count, agreeing, picked = _intersect(ranked)
    created = _created(graph, carriers)
    in_time = _in_time(graph, agreed, created)
    impossible = bool(agreed) and not in_time
    if not impossible:
        count -= len(agreed) - len(in_time)
    explanations = disagreements(graph, carriers, about, agreeing, created if impossible else None)
    conflict = next((explanation for explanation in explanations if explanation.conflict), None)
    equal = _equal(about)
    return Claims(
        images=images,
        commits=agreed if impossible else in_time,
        count=count,
        picked=tuple(sha for sha in picked if impossible or sha in in_time),
        grade=_grade(agreeing, count),
        relation=ranked[0].evidence.relation if ranked else None,
        rule=ranked[0].evidence.rule if ranked else "",
        conflict=conflict is not None,
        reason=conflict.statement if conflict else "",
        dirty=any(_says_dirty(graph, carrier) for carrier in carriers)
        or any(explanation.kind is Disagreement.DIRTY_BUILD for explanation in explanations),
        records=records,
        explanations=explanations,
        content=equal.commits if equal else (),
        content_count=equal.count if equal else 0,
        later=0 if impossible else len(agreed) - len(in_time),
        beside=tuple(dict.fromkeys(claim.match for claim in beside if claim.match)),
    )


def _beside(records: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Claims on bytes of further repositories, whose files the image also holds: no contradiction.
    The others are about the repository that a builder's claim names, or else the one with most
    files."""
    files = [claim for claim in records if claim.match and claim.grade > Grade.HINT]
    if not files:
        return ()
    built_from = {
        sha for claim in records if claim.author is Author.BUILDER for sha in claim.commits
    }

    def worth(claim: Claim) -> tuple[bool, int, Grade]:
        matched = claim.match.matched if claim.match else 0
        return (not built_from.isdisjoint(claim.commits), matched, claim.grade)

    first = max(files, key=worth, default=None)
    if first is None or first.match is None:
        return ()
    key, commits = first.match.repository, set(first.commits)
    return tuple(
        file
        for file in files
        if file.match and file.match.repository != key and commits.isdisjoint(file.commits)
    )


def _intersect(
    ranked: list[Claim],
) -> tuple[tuple[str, ...], int, list[Claim], tuple[str, ...]]:
    """Return (commits, size of the set, claims that allow them, commits that were picked)."""
    if not ranked:
        return (), 0, [], ()
    agreed, count, agreeing = ranked[0].commits, ranked[0].count, [ranked[0]]
    picked: tuple[str, ...] = ()
    for claim in ranked[1:]:
        if claim.grade is Grade.HINT and ranked[0].grade > Grade.HINT:
            break  # names and times do not choose among commits that evidence leaves open
        allowed = frozenset(claim.commits)
        shared = tuple(sha for sha in agreed if sha in allowed)
        if not shared:
            continue
        agreeing.append(claim)
        tool = claim.author is Author.FILES and claim.grade < ranked[0].grade
        if _equal(ranked[:1]) and (claim.author in _JOB or tool):
            # The files are the same in all of them: a label chooses, it excludes nothing.
            chosen = tuple(sha for sha in picked or agreed if sha in allowed)
            picked = chosen if len(chosen) < len(agreed) else picked
        else:
            agreed, count = shared, len(shared) if claim.whole else min(count, claim.count)
    return agreed, count, agreeing, picked


def _grade(agreeing: list[Claim], count: int) -> Grade | None:
    """The best grade, one step up when bytes and an author's text agree on the very set of commits.
    Hints confirm nothing, nor do files of which some differ, nor files that are equal in more
    commits."""
    if not agreeing:
        return None
    best = max(claim.grade for claim in agreeing)
    authors = {
        Author.BUILDER if claim.author in _JOB else claim.author
        for claim in agreeing
        if claim.grade >= Grade.SUPPORT and not claim.modified_count and claim.count == count
    }
    return Grade(min(best + 1, Grade.PROOF)) if len(authors) > 1 else best


def _equal(records: Iterable[Claim]) -> Claim | None:
    """The best claim on bytes in which no file differs."""
    for claim in records:
        equal = claim.author is Author.BYTES and not claim.modified_count
        if equal and claim.grade >= Grade.SUPPORT:
            return claim
    return None


def _created(graph: ResourceGraph, carriers: Mapping[ResourceId, Grade]) -> datetime | None:
    """When the image says it was created; None for no time, and for the times that stand for *no
    time*."""
    times = []
    for carrier, worth in carriers.items():
        node = record(graph, carrier)
        if worth is Grade.PROOF and isinstance(node, (EcrImage, LocalImage)):
            holds_files = not isinstance(node, EcrImage) or node.type in (
                ImageType.IMAGE,
                ImageType.UNKNOWN,
            )
            if holds_files and (created := stated_time(node.created_at)):
                times.append(created)
    return max(times, default=None)


def _in_time(
    graph: ResourceGraph, commits: tuple[str, ...], created: datetime | None
) -> tuple[str, ...]:
    """The commits that are not later than the image, allowing clocks to differ by a day."""
    if created is None:
        return commits
    latest = created + _SKEW
    nodes = [(sha, record(graph, commit)) for sha in commits if (commit := commit_id(sha)) in graph]
    later = {sha for sha, node in nodes if isinstance(node, Commit) and node.committed_at > latest}
    return tuple(sha for sha in commits if sha not in later) if later else commits


def _says_dirty(graph: ResourceGraph, resource: ResourceId) -> bool:
    """Whether a tag or label carries ``-dirty``, as git describe or BuildKit's vcs revision write
    it."""
    node = record(graph, resource)
    if not isinstance(node, (EcrImage, LocalImage)):
        return False
    texts = [value for _, value in node.labels]
    if isinstance(node, EcrImage):
        texts += node.tags
        texts += [value for _, value in node.annotations]
        texts += [statement.revision for statement in node.statements]
    else:  # what its repository is called says nothing of an image
        texts += [reference(name).tag for name in node.tags]
    return any(_DIRTY.search(text) for text in texts if "dirty" in text)
