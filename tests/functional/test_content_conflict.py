"""A label says one commit, the bytes say another: both are kept, and the contradiction is said."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from jotgraph.analysis.provenance import commits_of
from jotgraph.graph import build
from jotgraph.links import Grade, Relation
from jotgraph.records import pairs
from tests.factories import NOW, commit, content_match, git_repository, inventory, local_image, sha

SOURCE = "https://example.com/team/shop"
IMAGE = local_image(
    "sha256:" + "a" * 64,
    created_at=NOW + timedelta(minutes=30, seconds=7),
    labels=pairs(
        {
            "org.opencontainers.image.revision": sha(1),
            "org.opencontainers.image.source": SOURCE,
        }
    ),
)
MATCH = content_match(IMAGE.id, 3, 2, matched=4)
WORLD = inventory(
    git_repository(head=3, remote=SOURCE),
    commit(1),
    commit(2, 1, minutes=1),
    commit(3, 2, minutes=2),
    IMAGE,
    MATCH,
)


def test_a_stale_label_is_a_conflict() -> None:
    claims = commits_of(build(WORLD), IMAGE.id)
    assert claims.conflict
    assert "stale label" in claims.reason
    assert (claims.commits, claims.grade) == ((sha(3), sha(2)), Grade.PROOF)
    assert [
        record.evidence.relation for record in claims.records if record.grade >= Grade.STRONG
    ] == [
        Relation.CONTENT_EQUALS,
        Relation.BUILT_FROM,
    ]


def test_a_label_within_the_set_picks_and_excludes_none() -> None:
    match = msgspec.structs.replace(MATCH, commits=(sha(2), sha(1)), newest=sha(2), oldest=sha(1))
    world = msgspec.structs.replace(WORLD, content=(match,))
    claims = commits_of(build(world), IMAGE.id)
    assert not claims.conflict
    assert (claims.commits, claims.picked) == ((sha(2), sha(1)), (sha(1),))


def test_files_of_two_repositories_are_no_contradiction() -> None:
    tools = git_repository("tools", head=9)
    other = content_match(IMAGE.id, 8, repository="tools", matched=9)
    mine = msgspec.structs.replace(MATCH, commits=(sha(2), sha(1)), newest=sha(2), oldest=sha(1))
    world = msgspec.structs.replace(
        WORLD,
        git=(*WORLD.git, tools),
        commits=(
            *WORLD.commits,
            commit(8, repositories=("tools",)),
            commit(9, 8, repositories=("tools",)),
        ),
        content=(other, mine),
    )
    claims = commits_of(build(world), IMAGE.id)
    assert not claims.conflict
    assert (claims.commits, claims.picked) == ((sha(2), sha(1)), (sha(1),))  # of the shop
    assert claims.beside == (other,)
    assert (claims.verdict, claims.content) == ("proof", (sha(2), sha(1)))
    # Without a label, what most files are of is shown.
    bare = msgspec.structs.replace(world, local_images=(msgspec.structs.replace(IMAGE, labels=()),))
    claims = commits_of(build(bare), IMAGE.id)
    assert (claims.conflict, claims.commits, claims.beside) == (False, (sha(8),), (mine,))
    # Also where those have files of the other beside them, and so are worth less.
    most = msgspec.structs.replace(mine, matched=12, unexplained=("x.py",), unexplained_count=1)
    claims = commits_of(build(msgspec.structs.replace(bare, content=(other, most))), IMAGE.id)
    assert (claims.commits, claims.beside) == ((sha(2), sha(1)), (other,))
