"""The rule on the labels that ``build`` writes: commit, folder and tree agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jotgraph.links.index import InventoryIndex
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import inherited
from jotgraph.records import commit_id
from jotgraph.records.conventions import DIRTY, FOLDER_LABEL, REVISION_LABEL, TREE_LABEL


@rule(Relation.BUILT_FROM, Grade.STRONG, Author.BUILDER)
def tree_label(index: InventoryIndex) -> Iterator[Match]:
    """Labels give a full revision, a folder and a tree, as ``jotgraph build`` writes them, and the
    repository has that tree in that folder at that commit. Labels that were copied from another
    build agree, too; only the content shows whether the files are those of the tree."""
    known = index.once(_trees)
    for image in index.images() if known else ():
        labels = dict(image.labels)
        tree, folder = labels.get(TREE_LABEL, ""), labels.get(FOLDER_LABEL, "")
        sha = labels.get(REVISION_LABEL, "").removesuffix(DIRTY)
        clean = tree.removesuffix(DIRTY)
        repositories = known.get((f"{sha}:{folder}", clean), ())
        if not repositories or inherited(index, image, "label", TREE_LABEL):
            continue
        changes = " with uncommitted changes" if clean != tree else ""
        where = "the top" if folder == "." else folder
        yield Match(
            image.id,
            commit_id(sha),
            f"its label {TREE_LABEL} says {clean}{changes}, the tree of {where} at {sha} in "
            f"{', '.join(repositories)}",
            f"labels {TREE_LABEL}, {FOLDER_LABEL} and {REVISION_LABEL}",
        )


def _trees(index: InventoryIndex) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The repositories that hold a tree, by (``commit:folder``, tree)."""
    holders: dict[tuple[str, str], tuple[str, ...]] = {}
    for repository in index.inventory.git:
        for pair in repository.trees:
            holders[pair] = (*holders.get(pair, ()), repository.key)
    return holders
