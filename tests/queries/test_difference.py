"""Added, removed, changed; and what one of the two did not read."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph.errors import OptionError
from jotgraph.queries.answers.difference import Changed, Seen
from jotgraph.queries.difference import difference, history
from jotgraph.records import Kind, ResourceId
from tests.factories import (
    NOW,
    OTHER_ACCOUNT,
    REGION,
    days_ago,
    ecr_image,
    ecr_repository,
    function,
    gap,
    inventory,
    role,
)


def test_what_happened() -> None:
    before = inventory(
        ecr_repository(), ecr_image(1, "v1"), ecr_image(2), function(runs=1), role(last_used_at=NOW)
    )
    after = inventory(ecr_repository(), ecr_image(1), ecr_image(3, "v1"), function(runs=3), role())
    found = difference(before, after)
    assert found.added == (ecr_image(3).id,)
    assert found.removed == (ecr_image(2).id,)
    assert found.changed == (
        Changed(ecr_image(1).id, Kind.ECR_IMAGE, ("tags",)),
        Changed(function().id, Kind.FUNCTION, ("code_sha256", "resolved_image_uri")),
    )
    assert found.unread == ()
    assert difference(before, before).changed == ()


def test_unread_is_not_removed() -> None:
    before = inventory(ecr_repository(), ecr_image(1))
    unread = gap("ecr:DescribeImages", Kind.ECR_IMAGE, resource="app", account="", region="")
    found = difference(before, inventory(ecr_repository(), unread))
    assert (found.removed, found.unread) == ((), (ecr_image(1).id,))
    assert found.about.gaps == (unread,)
    elsewhere = difference(before, inventory(places=()))
    assert (elsewhere.removed, elsewhere.unread) == ((), (ecr_image(1).id, ecr_repository().id))


def test_what_one_of_the_two_did_not_read_has_not_changed() -> None:
    """A quick scan after a whole one: nothing happened between them."""
    whole = inventory(
        ecr_repository(),
        ecr_image(1, config_read=True, labels=(("a", "b"),), config_digest="sha256:c"),
        function(runs=1, concurrency=5, last_update_status="Successful"),
        function("other", description="old"),
    )
    quick = inventory(
        ecr_repository(policy=None, lifecycle=None, tags=None),
        ecr_image(1, manifest_read=False),
        function(runs=1, tag=None, tags=None, policy=None, urls=None, invocations=None),
        function("other", tag=None, tags=None, policy=None, urls=None, description="new"),
    )
    for found in (difference(whole, quick), difference(quick, whole)):
        assert [(each.kind, each.fields) for each in found.changed] == [
            (Kind.FUNCTION, ("description",))
        ]


def test_other_accounts_are_refused_unless_asked() -> None:
    mine, theirs = inventory(ecr_repository()), inventory(places=((OTHER_ACCOUNT, REGION),))
    with pytest.raises(OptionError, match="of different accounts"):
        difference(mine, theirs)
    assert difference(mine, theirs, across=True).unread == (ecr_repository().id,)


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
