"""The rule on the labels that ``build`` writes."""

from __future__ import annotations

import pytest

from jotgraph.links.trees import tree_label
from jotgraph.records import Inventory, commit_id
from tests.factories import commit, git_repository, inventory, local_image, sha
from tests.links.found import found, statements

REVISION = "org.opencontainers.image.revision"
TREE = "a" * 40
AT = f"{sha(1)}:fn/pay"
LABELS = {REVISION: sha(1), "jotgraph.folder": "fn/pay", "jotgraph.tree": TREE}


def world(labels: dict[str, str], trees: tuple[tuple[str, str], ...] = ((AT, TREE),)) -> Inventory:
    image = local_image(1, labels=labels)
    return inventory(commit(1), commit(2), git_repository(trees=trees), image)


def test_labels_that_agree_with_the_repository() -> None:
    known = world(LABELS)
    assert [target for _, target in found(tree_label, known)] == [commit_id(sha(1))]
    key = known.git[0].key
    assert statements(tree_label, known) == [
        f"its label jotgraph.tree says {TREE}, the tree of fn/pay at {sha(1)} in {key}"
    ]


def test_a_dirty_build_says_so() -> None:
    labels = {**LABELS, REVISION: f"{sha(1)}-dirty", "jotgraph.tree": f"{TREE}-dirty"}
    (statement,) = statements(tree_label, world(labels))
    assert f"says {TREE} with uncommitted changes, the tree of fn/pay" in statement


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {**LABELS, "jotgraph.tree": "b" * 40},
        {**LABELS, "jotgraph.folder": "fn"},
        {**LABELS, REVISION: sha(2)},
        {name: value for name, value in LABELS.items() if name != "jotgraph.tree"},
    ],
)
def test_labels_that_do_not_agree(labels: dict[str, str]) -> None:
    assert found(tree_label, world(labels)) == []


def test_a_tree_that_was_not_read() -> None:
    assert found(tree_label, world(LABELS, ())) == []


def test_labels_that_a_base_handed_down() -> None:
    layers = ("sha256:1", "sha256:2")
    base = local_image(2, labels=LABELS, diff_ids=layers[:1])
    image = local_image(1, labels=LABELS, diff_ids=layers)
    known = inventory(commit(1), git_repository(trees=((AT, TREE),)), image, base)
    assert [source for source, _ in found(tree_label, known)] == [base.id]
