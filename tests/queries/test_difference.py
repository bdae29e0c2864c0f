"""Added, removed, changed; and what one of the two did not read."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph.errors import OptionError
from jotgraph.queries.answers.difference import Changed, Seen
from jotgraph.queries.difference import difference, history
from jotgraph.records import Gap, Kind, ResourceId
from tests.estates import NOW, B, R, days_ago, function, image, inventory, repo, role


def test_what_happened() -> None:
    before = inventory(repo(), image(1, "v1"), image(2), function(runs=1), role(last_used_at=NOW))
    after = inventory(repo(), image(1), image(3, "v1"), function(runs=3), role())
    found = difference(before, after)
    assert found.added == (image(3).id,)
    assert found.removed == (image(2).id,)
    assert found.changed == (
        Changed(image(1).id, Kind.ECR_IMAGE, ("tags",)),
        Changed(function().id, Kind.FUNCTION, ("code_sha256", "resolved_image_uri")),
    )
    assert found.unread == ()
    assert difference(before, before).changed == ()


def test_unread_is_not_removed() -> None:
    before = inventory(repo(), image(1))
    gap = Gap(
        service="ecr",
        action="DescribeImages",
        resource="app",
        reason="denied",
        hides=(Kind.ECR_IMAGE,),
    )
    found = difference(before, inventory(repo(), gaps=(gap,)))
    assert (found.removed, found.unread) == ((), (image(1).id,))
    assert found.about.gaps == (gap,)
    elsewhere = difference(before, inventory(places=()))
    assert (elsewhere.removed, elsewhere.unread) == ((), (image(1).id, repo().id))


def test_what_one_of_the_two_did_not_read_has_not_changed() -> None:
    """A quick scan after a whole one: nothing happened between them."""
    whole = inventory(
        repo(),
        image(1, config_read=True, labels=(("a", "b"),), config_digest="sha256:c"),
        function(runs=1, concurrency=5, last_update_status="Successful"),
        function("other", description="old"),
    )
    quick = inventory(
        repo(policy=None, lifecycle=None, tags=None),
        image(1, manifest_read=False),
        function(runs=1, tag=None, tags=None, policy=None, urls=None, invocations=None),
        function("other", tag=None, tags=None, policy=None, urls=None, description="new"),
    )
    for found in (difference(whole, quick), difference(quick, whole)):
        assert [(each.kind, each.fields) for each in found.changed] == [
            (Kind.FUNCTION, ("description",))
        ]


def test_other_accounts_are_refused_unless_asked() -> None:
    mine, theirs = inventory(repo()), inventory(places=((B, R),))
    with pytest.raises(OptionError, match="of different accounts"):
        difference(mine, theirs)
    assert difference(mine, theirs, across=True).unread == (repo().id,)


def test_history() -> None:
    x, y, z = ResourceId("role:x"), ResourceId("role:y"), ResourceId("role:z")
    views = [
        (days_ago(4), frozenset({x, y}), frozenset({x})),
        (days_ago(3), frozenset({y}), frozenset({y})),
        (days_ago(2), frozenset({x, y}), frozenset({x})),
        (days_ago(1), frozenset({x, y, z}), frozenset({x, y})),
    ]
    assert history(reversed(views)) == {
        x: Seen(days_ago(2), days_ago(2)),
        y: Seen(days_ago(4), days_ago(1)),
        z: Seen(days_ago(1), None),
    }
    assert history([]) == {}
    assert msgspec.structs.asdict(Seen(NOW))["orphan_since"] is None
