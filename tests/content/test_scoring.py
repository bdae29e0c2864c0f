"""Scores by first-parent deltas against counting each commit's tree, in random histories."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jotgraph.content.match.scoring import best, deltas, related, scores

Tree = dict[int, int]
"""Path -> blob, by number."""


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Tree], list[tuple[int, ...]]]:
    """Commits with any trees, any parents before them: merges, roots, nothing related."""
    trees: list[Tree] = []
    parents: list[tuple[int, ...]] = []
    for n in range(draw(st.integers(1, 12))):
        trees.append(draw(st.dictionaries(st.integers(0, 4), st.integers(0, 4), max_size=5)))
        above = st.lists(st.integers(0, n - 1), max_size=2, unique=True) if n else st.just([])
        parents.append(tuple(draw(above)))
    return trees, parents


@given(histories(), st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.just(1)))
def test_scores_are_what_counting_gives(
    history: tuple[list[Tree], list[tuple[int, ...]]], wanted: dict[tuple[int, int], int]
) -> None:
    trees, parents = history
    first = [above[0] if above else -1 for above in parents]
    touches = []
    for n, tree in enumerate(trees):
        before = trees[first[n]] if first[n] >= 0 else {}
        for path in before.keys() | tree.keys():
            if before.get(path) != tree.get(path):
                touches += [(before[path], path, n, -1)] if path in before else []
                touches += [(tree[path], path, n, 1)] if path in tree else []
    counted = [sum((blob, path) in wanted for path, blob in tree.items()) for tree in trees]
    total = scores(first, deltas(touches, wanted))
    assert total == counted
    top, commits = best(total, [1] * len(trees))
    assert top == max(counted)
    assert commits == ([n for n, score in enumerate(counted) if score == top] if top else [])


@given(histories(), st.sets(st.integers(0, 11)))
def test_descendants(history: tuple[list[Tree], list[tuple[int, ...]]], chosen: set[int]) -> None:
    _, parents = history
    members = {n for n in chosen if n < len(parents)}

    def descends(n: int) -> bool:
        return n in members or any(descends(above) for above in parents[n])

    assert list(related(parents, members)) == [int(descends(n)) for n in range(len(parents))]


def test_dead_commits_do_not_win() -> None:
    assert best([1, 3, 2], [1, 0, 1]) == (2, [2])
    assert best([], []) == (0, [])
