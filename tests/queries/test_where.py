"""Contains, lacks, unknown."""

from __future__ import annotations

import msgspec

from jotgraph.graph import build
from jotgraph.queries.where import where
from jotgraph.records import (
    ContentMatch,
    Kind,
    commit_id,
)
from tests.factories import (
    LONG_AGO,
    alias,
    commit,
    content_match,
    ecr_image,
    ecr_repository,
    function,
    git_repository,
    inventory,
    role,
    version,
)
from tests.queries.test_staleness import GIT, LINE, SHAS

SOURCE = ("org.opencontainers.image.source", "https://github.com/acme/shop")


def built(n: int, sha: str) -> object:
    labels = (("org.opencontainers.image.revision", sha), SOURCE)
    return ecr_image(n, labels=labels, config_read=True)


def test_each_by_what_it_runs() -> None:
    graph = build(
        inventory(
            ecr_repository(),
            built(1, SHAS[1]),
            built(2, SHAS[4]),
            ecr_image(3),
            role(),
            function(runs=1),
            version(1, runs=2),
            version(2, runs=3),
            alias("prod", 1),
            alias("dev", "$LATEST"),
            *LINE,
            GIT,
        )
    )
    found = where(graph, commit_id(SHAS[2]))
    names = [
        sorted(holder.id.rpartition("/")[2][:8] for holder in holders)
        for holders in (found.contains, found.lacks, found.unknown)
    ]
    assert names == [
        ["app@sha2", "pay:1", "pay:prod"],
        ["app@sha2", "pay", "pay:dev"],
        ["app@sha2", "pay:2"],
    ]
    prod = where(graph, commit_id(SHAS[2]), alias="prod")
    assert [holder.id for holder in prod.contains] == [alias("prod", 1).id]
    assert prod.lacks == prod.unknown == ()
    first = where(graph, commit_id(SHAS[0]))
    assert not first.lacks


def test_a_cut_history_may_hold_it() -> None:
    beyond, tip = "a" * 40, "b" * 40
    shallow = (
        commit(tip, "c" * 40, committed_at=LONG_AGO),
        commit(beyond, committed_at=LONG_AGO),
        git_repository(head=tip, shallow=True, remote=SOURCE[1]),
    )
    graph = build(inventory(ecr_repository(), built(1, tip), function(runs=1), role(), *shallow))
    found = where(graph, commit_id(beyond))
    assert found.lacks == ()
    assert {holder.because for holder in found.unknown} == {
        f"the history of {tip[:9]} is cut (shallow)"
    }


def test_files_alone_do_not_tell_how_far_a_cut_history_had_them() -> None:
    cut, tip = "b" * 40, "c" * 40
    commits = (
        commit(tip, cut, committed_at=LONG_AGO),
        commit(cut, "a" * 40, committed_at=LONG_AGO),
        git_repository(head=tip, shallow=True, remote=SOURCE[1]),
    )

    def match(*shas: str) -> ContentMatch:
        return content_match(ecr_image(1).id, *shas, matched=5, shallow=True)

    def verdicts(image: object, *shas: str) -> set[str]:
        world = inventory(ecr_repository(), image, function(runs=1), role(), *commits, match(*shas))
        found = where(build(world), commit_id(cut))
        assert found.lacks == ()
        return {"contains"} if found.contains else {holder.because for holder in found.unknown}

    known = "history is cut (shallow): unread commits may have its files as well"
    assert verdicts(ecr_image(1), tip, cut) == {known}
    assert verdicts(ecr_image(1), tip) == {"contains"}
    assert verdicts(built(1, cut), tip, cut) == {"contains"}


def test_an_alias_contains_it_if_all_its_versions_do() -> None:
    graph = build(
        inventory(
            ecr_repository(),
            built(1, SHAS[1]),
            built(2, SHAS[4]),
            ecr_image(3),
            role(),
            function(runs=2),
            version(1, runs=1),
            version(2, runs=2),
            version(3, runs=3),
            alias("prod", 2, weights=(("1", 0.1),)),
            alias("canary", 2, weights=(("3", 0.1),)),
            *LINE,
            GIT,
        )
    )
    found = where(graph, commit_id(SHAS[2]), kinds=(Kind.ALIAS,))
    assert [(holder.id, holder.because) for holder in found.lacks] == [
        (alias("prod", 2).id, f"pay:1: built from {SHAS[1][:9]}")
    ]
    assert [(holder.id, holder.because) for holder in found.unknown] == [
        (alias("canary", 2).id, "pay:3: no commit is known")
    ]
    assert found.contains == ()


def test_a_set_too_long_to_list_is_asked_by_its_runs() -> None:
    """The class is SHAS[0..3] and a commit of another line; only the newest is listed."""
    side = commit("e" * 40)
    match = content_match(
        ecr_image(1).id, SHAS[3], count=5, oldest=SHAS[0], runs=((SHAS[3], 4), (side.sha, 1))
    )
    world = (ecr_repository(), ecr_image(1), function(runs=1), role(), *LINE, side, GIT)
    graph = build(inventory(*world, match))

    def asked(sha: str) -> list[tuple[str, bool | None, str]]:
        found = where(graph, commit_id(sha), within=(ecr_image(1).id,))
        words = {"contains": found.contains, "lacks": found.lacks, "unknown": found.unknown}
        return [
            (word, holder.member, holder.because)
            for word, holders in words.items()
            for holder in holders
        ]

    ((word, member, because),) = asked(SHAS[1])
    assert (word, member) == ("unknown", True)
    assert because.endswith("; this is one of the 5 commits it may come from")
    ((word, member, because),) = asked(SHAS[4])
    assert (word, member) == ("lacks", False)
    assert because.endswith("; this is not one of the 5 commits it may come from")
    cut = msgspec.structs.replace(match, runs=())
    graph = build(inventory(*world, cut))
    ((word, member, because),) = asked(SHAS[1])
    assert (word, member) == ("unknown", None)
    assert because.endswith("; this may be one of the 5 commits it may come from")
