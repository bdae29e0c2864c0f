"""How far commits are behind a ref, held against plain reachability on random histories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.analysis.lag import Bound, LagState, Refs, Standing, behind, resolve_ref, standing
from jotgraph.errors import UnknownNameError
from jotgraph.graph import build
from tests.factories import commit, content_match, git_repository, inventory, sha, touched
from tests.functional.estate import SHAS, estate
from tests.strength import examples

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Parents = tuple[tuple[int, ...], ...]


@st.composite
def histories(draw: st.DrawFn) -> Parents:
    """Parents of commits 0..n, each older than its child; the last is the tip."""
    size = draw(st.integers(1, 12))
    return tuple(
        tuple(draw(st.lists(st.integers(0, number - 1), max_size=3, unique=True))) if number else ()
        for number in range(size)
    )


def reachable(parents: Parents, start: int) -> set[int]:
    found, todo = set(), [start]
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo.extend(parents[here])
    return found


def first_parent_line(parents: Parents, tip: int) -> list[int]:
    line = [tip]
    while parents[line[-1]]:
        line.append(parents[line[-1]][0])
    return line


@given(histories())
def test_behind_counts_the_line_of_the_ref_that_a_commit_does_not_contain(parents: Parents) -> None:
    tip = len(parents) - 1
    commits = tuple(
        commit(f"{number:040x}", *(f"{parent:040x}" for parent in above), committed_at=NOW)
        for number, above in enumerate(parents)
    )
    graph = build(inventory(*commits), ())
    expected = {
        f"{number:040x}": len(set(first_parent_line(parents, tip)) - reachable(parents, number))
        for number in reachable(parents, tip)
    }
    assert behind(graph, f"{tip:040x}") == expected


@examples(25, many=60)
@given(histories(), st.data())
def test_touches_are_those_of_the_line_that_no_equal_commit_leads_to(
    parents: Parents, data: st.DataObject
) -> None:
    tip = len(parents) - 1
    known = sorted(reachable(parents, tip))
    equal = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
    touching = data.draw(st.sets(st.sampled_from(known)))
    line = first_parent_line(parents, tip)
    led_to = [reachable(parents, number) for number in equal]
    # As a scan stores them: without what every equal commit leads to.
    stored = [c for c in line if c in touching and not all(c in reached for reached in led_to)]

    def shas(numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(f"{number:040x}" for number in numbers)

    match = content_match(None, *shas(equal), touched=touched(*shas(stored)))
    commits = tuple(
        commit(f"{number:040x}", *shas(above), committed_at=NOW)
        for number, above in enumerate(parents)
    )
    graph = build(inventory(git_repository(head=f"{tip:040x}"), *commits), ())
    found = standing(graph, Refs(graph), shas(equal), content=shas(equal), matches=(match,))
    lags = [[c for c in line if c not in reached] for reached in led_to]
    least = min(lags, key=len)
    assert found.behind == len(least)
    assert found.touches == shas(c for c in least if c in touching)
    assert found.touching == (len(found.touches) if least else None)
    assert found.bound is Bound.EXACT


def test_where_commits_stand() -> None:
    graph = build(estate())
    head, side = Refs(graph), Refs(graph, "side")
    known = estate()
    shallow = tuple(msgspec.structs.replace(repository, shallow=True) for repository in known.git)
    cut = build(msgspec.structs.replace(known, git=shallow))
    at = {
        "current": standing(graph, head, [SHAS[3]]),
        "behind": standing(graph, head, [SHAS[0]]),
        "not on": standing(graph, head, [SHAS[4]]),
        "other ref": standing(graph, side, [SHAS[4]]),
        "best of a set": standing(graph, head, [SHAS[1], SHAS[2]]),
        "one of them off": standing(graph, head, [SHAS[4], SHAS[1], SHAS[2]]),
        "not all listed": standing(graph, head, [SHAS[0]], whole=False),
        "dirty": standing(graph, head, [SHAS[2]], dirty=True),
        "beyond a cut": standing(cut, Refs(cut), [SHAS[4]]),
        "nothing": standing(graph, head, []),
    }
    assert at == {
        "current": Standing(LagState.CURRENT, 0, "main", "shop", commit=SHAS[3], behind_most=0),
        "behind": Standing(LagState.BEHIND, 3, "main", "shop", commit=SHAS[0], behind_most=3),
        "not on": Standing(LagState.NOT_CURRENT, None, "main", "shop", commit=SHAS[4]),
        "other ref": Standing(LagState.CURRENT, 0, "side", "shop", commit=SHAS[4], behind_most=0),
        "best of a set": Standing(
            LagState.BEHIND, 1, "main", "shop", commit=SHAS[2], behind_most=2
        ),
        "one of them off": Standing(LagState.BEHIND, 1, "main", "shop", commit=SHAS[2]),
        "not all listed": Standing(LagState.BEHIND, 3, "main", "shop", commit=SHAS[0]),
        "dirty": Standing(LagState.BEHIND, 1, "main", "shop", True, commit=SHAS[2], behind_most=1),
        "beyond a cut": Standing(LagState.UNKNOWN, None, "main", "shop", commit=SHAS[4]),
        "nothing": Standing(LagState.UNKNOWN),
    }
    assert {name: lag.words() for name, lag in at.items()} == {
        "current": "current",
        "behind": "3 behind main",
        "not on": "not on main",
        "other ref": "current",
        "best of a set": "1-2 behind main",
        "one of them off": "≥ 1 behind main",
        "not all listed": "≥ 3 behind main",
        "dirty": "dirty, 1 behind main",
        "beyond a cut": "unknown",
        "nothing": "unknown",
    }


def test_a_ref_that_no_repository_has() -> None:
    graph = build(estate())
    with pytest.raises(UnknownNameError, match="'sid'; did you mean side"):
        Refs(graph, "sid")
    with pytest.raises(
        UnknownNameError, match="'zzz'; no git repository that was read has such a branch"
    ):
        Refs(graph, "zzz")
    none_read = build(msgspec.structs.replace(estate(), git=()))
    nowhere = standing(none_read, Refs(none_read, "v9"), [SHAS[0]])
    assert nowhere == Standing(LagState.UNKNOWN, commit=SHAS[0])


def test_refs_by_their_full_and_short_names() -> None:
    main, v1, upstream = sha("main"), sha("v1"), sha("upstream")
    repository = git_repository(
        head=main,
        refs={"refs/heads/main": main, "refs/tags/v1": v1, "refs/remotes/origin/next": upstream},
    )
    asked = (None, "HEAD", "main", "v1", "tags/v1", "next", "origin/next", "refs/heads/main", "x")
    assert [resolve_ref(repository, ref) for ref in asked] == [
        ("main", main),
        ("main", main),
        ("main", main),
        ("v1", v1),
        ("tags/v1", v1),
        ("next", upstream),
        ("origin/next", upstream),
        ("refs/heads/main", main),
        None,
    ]


def test_a_commit_that_was_named_and_not_read_is_in_none_of_the_repositories() -> None:
    world = estate()
    graph = build(inventory(*world.git, world.local_images[0]))
    named = [SHAS[3]] if f"commit:{SHAS[3]}" in graph else []
    assert standing(graph, Refs(graph), named).state in (
        LagState.NOT_IN_REPOSITORIES,
        LagState.UNKNOWN,
    )
