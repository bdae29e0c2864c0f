"""Why claims about an image contradict one another, by the first explanation that fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from jotgraph.analysis.provenance.model import Claim, Disagreement, Explanation
from jotgraph.graph import ResourceGraph, about, dependencies, is_missing, record, remembered
from jotgraph.links import Author, Grade, Relation
from jotgraph.links.labels import revision_label_unresolved
from jotgraph.links.revisions import REVISION_LABELS
from jotgraph.records import Commit, EcrImage, LocalImage, ResourceId, commit_id
from jotgraph.records.conventions import DIRTY, FOLDER_LABEL, REVISION_LABEL, TREE_LABEL
from jotgraph.records.ids import short

_NOWHERE = revision_label_unresolved.name
"""The rule on full revisions that no repository holds: only a hint, yet informative beside
bytes."""
_NAMED = 3
_RANKS = {kind: rank for rank, kind in enumerate(Disagreement)}


def disagreements(
    graph: ResourceGraph,
    carriers: Mapping[ResourceId, Grade],
    records: Sequence[Claim],
    agreeing: Sequence[Claim],
    created: datetime | None,
) -> tuple[Explanation, ...]:
    """Return every disagreement among claims, worst first. ``agreeing`` are the claims that were
    kept, best first; ``created`` is given when the image says it is older than every commit
    kept."""
    explanations = {
        *_dirty(records),
        *_contradictions(graph, records, agreeing),
        *_trees(graph, carriers),
        *_inherited(graph, carriers),
        *(_skewed(created, agreeing) if created else ()),
    }
    return tuple(sorted(explanations, key=lambda e: (not e.conflict, _RANKS[e.kind], e.statement)))


def _dirty(records: Sequence[Claim]) -> Iterator[Explanation]:
    """An image claims a commit and has its files, except for a few that differ."""
    bytes_ = [
        claim
        for claim in records
        if claim.author is Author.BYTES and (claim.grade > Grade.HINT or claim.modified_count)
    ]
    if any(not claim.modified_count for claim in bytes_):
        return
    for near in bytes_:
        for claim in records:
            shared = set(near.commits) & set(claim.commits)
            speaks = claim.author in (Author.BUILDER, Author.FILES) and claim.grade > Grade.HINT
            if speaks and shared:
                sha = claim.commits[0]
                yield Explanation(
                    Disagreement.DIRTY_BUILD,
                    f"{_who(claim)} says {short(sha)}, but {_files(near)} in the image: a dirty "
                    f"build at {short(sha)}, from a work tree with changes that were not committed",
                )
                return


def _files(near: Claim) -> str:
    count = near.modified_count
    names = ", ".join(near.modified[:_NAMED]) + (", …" if count > _NAMED else "")
    return f"{count} file{'s differ' if count != 1 else ' differs'} ({names})"


def _contradictions(
    graph: ResourceGraph, records: Sequence[Claim], agreeing: Sequence[Claim]
) -> Iterator[Explanation]:
    """The first claim of each author that shares no commit with those kept."""
    authors: set[Author] = set()
    for claim in records:
        if claim in agreeing or claim.author in authors or not claim.whole:
            continue
        for agreed in agreeing:
            if _contradict(claim, agreed) and not set(claim.commits) & set(agreed.commits):
                authors.add(claim.author)
                yield _explain(graph, claim, agreed)
                break


def _contradict(claim: Claim, agreed: Claim) -> bool:
    """Whether two claims are worth reporting as a conflict. They are of different authors and no
    mere hints, or both strong. A full revision that no repository holds contradicts files that one
    does hold."""
    pair = {claim.evidence.rule: agreed, agreed.evidence.rule: claim}
    if _NOWHERE in pair:
        other = pair[_NOWHERE]
        return other.author is Author.BYTES and other.grade >= Grade.STRONG
    worst = min(claim.grade, agreed.grade)
    return worst >= (Grade.STRONG if claim.author is agreed.author else Grade.SUPPORT)


def _explain(graph: ResourceGraph, claim: Claim, agreed: Claim) -> Explanation:
    if Author.DEPLOYER in (claim.author, agreed.author):
        config, image = (claim, agreed) if claim.author is Author.DEPLOYER else (agreed, claim)
        return Explanation(
            Disagreement.DEPLOYMENT_DISAGREES,
            f"{_says(config)}, but of the image that runs {_says(image)}: the configuration and "
            "the image are from different commits",
        )
    if claim.author is agreed.author or Author.BYTES not in (claim.author, agreed.author):
        return Explanation(Disagreement.CLAIMS_DISAGREE, f"{_says(agreed)}, but {_says(claim)}")
    bytes_, label = (claim, agreed) if claim.author is Author.BYTES else (agreed, claim)
    return _label_against_bytes(graph, label, bytes_)


def _label_against_bytes(graph: ResourceGraph, label: Claim, bytes_: Claim) -> Explanation:
    files = f"the files are those of {short(bytes_.commits[0])}"
    if bytes_.count > 1:
        files += f" (and {bytes_.count - 1:,} more with the same files)"
    if bytes_.modified_count:
        files = f"the files are nearest to those of {short(bytes_.commits[0])}; {_files(bytes_)}"
    statement = f"{_says(label)}, but {files}"
    if all(_unread(graph, sha) for sha in label.commits):
        cut = any(repository.shallow for repository in about(graph).git)
        beyond = ", or a commit beyond the cut of a shallow clone" if cut else ""
        return Explanation(
            Disagreement.REWRITTEN_HISTORY,
            f"{statement}; no repository read has {short(label.commits[0])}: rewritten history "
            f"(rebase, squash), or the merge commit of a pull request{beyond}",
        )
    if not _repositories(graph, label) & _repositories(graph, bytes_):
        return Explanation(
            Disagreement.INHERITED_LABEL,
            f"{statement}, which is of another repository: "
            "the label is inherited from a base image",
        )
    why = "a stale label (build cache, build argument)"
    if bytes_.modified_count:
        why += ", or it is a dirty build"
    return Explanation(Disagreement.STALE_LABEL, f"{statement}: {why}")


def _trees(graph: ResourceGraph, carriers: Mapping[ResourceId, Grade]) -> Iterator[Explanation]:
    """Labels that name a commit and a tree, where the commit has another tree in that folder."""
    known = _known_trees(graph)
    for carrier in carriers if known else ():
        node = record(graph, carrier)
        if not isinstance(node, (EcrImage, LocalImage)):
            continue
        labels = dict(node.labels)
        tree, folder = labels.get(TREE_LABEL, "").removesuffix(DIRTY), labels.get(FOLDER_LABEL, "")
        revision = labels.get(REVISION_LABEL, "").removesuffix(DIRTY)
        trees = known.get(f"{revision}:{folder}", ())
        if tree and trees and tree not in trees and not _hands_down(graph, carrier, tree):
            where = "the top" if folder == "." else folder
            yield Explanation(
                Disagreement.CLAIMS_DISAGREE,
                f"its label {TREE_LABEL} says {short(tree)}, but the tree of {where} at "
                f"{short(revision)} is {short(trees[0])}: its labels are of different builds",
            )


def _hands_down(graph: ResourceGraph, carrier: ResourceId, tree: str) -> bool:
    """Whether a base of an image has the same label."""
    for base in dependencies(graph, carrier, Relation.BASED_ON):
        below = record(graph, base)
        labels = dict(below.labels) if isinstance(below, (EcrImage, LocalImage)) else {}
        if labels.get(TREE_LABEL, "").removesuffix(DIRTY) == tree:
            return True
    return False


@remembered
def _known_trees(graph: ResourceGraph) -> Mapping[str, tuple[str, ...]]:
    """The trees that repositories have, by ``commit:folder``."""
    trees: dict[str, tuple[str, ...]] = {}
    for repository in about(graph).git:
        for place, tree in repository.trees:
            trees[place] = (*trees.get(place, ()), tree)
    return trees


def _inherited(graph: ResourceGraph, carriers: Mapping[ResourceId, Grade]) -> Iterator[Explanation]:
    """Labels with the same value as on a base image, which the rules on labels leave out."""
    for carrier in carriers:
        node = record(graph, carrier)
        if not isinstance(node, (EcrImage, LocalImage)):
            continue
        for base in dependencies(graph, carrier, Relation.BASED_ON):
            below = record(graph, base)
            if not isinstance(below, (EcrImage, LocalImage)):
                continue
            for name, value in sorted(set(node.labels) & set(below.labels)):
                if name in REVISION_LABELS and value:
                    yield Explanation(
                        Disagreement.INHERITED_LABEL,
                        f"its label {name} says {short(value)}, as the label of its base image "
                        "does: inherited, and ignored",
                        conflict=False,
                    )


def _skewed(created: datetime, agreeing: Sequence[Claim]) -> Iterator[Explanation]:
    if agreeing and agreeing[0].grade >= Grade.SUPPORT:
        yield Explanation(
            Disagreement.CLOCK_SKEW,
            f"{_says(agreeing[0])}, which is later than the image says it was created "
            f"({created:%Y-%m-%d %H:%M} UTC): a clock was wrong, or history was rewritten since",
        )


def _says(claim: Claim) -> str:
    return f"{_who(claim)} says {short(claim.commits[0])}"


def _who(claim: Claim) -> str:
    """Name the source of a claim as the subject of a sentence: ``label …revision``."""
    return claim.evidence.read_from or claim.evidence.rule


def _unread(graph: ResourceGraph, sha: str) -> bool:
    return commit_id(sha) not in graph or is_missing(graph, commit_id(sha))


def _repositories(graph: ResourceGraph, claim: Claim) -> set[str]:
    repositories: set[str] = set()
    for sha in claim.commits:
        node = record(graph, commit_id(sha)) if commit_id(sha) in graph else None
        if isinstance(node, Commit):
            repositories.update(node.repositories)
    return repositories
