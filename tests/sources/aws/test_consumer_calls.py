"""By which name an answer is kept for ever."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from jotgraph.sources.aws.consumer_calls import kept_name
from jotgraph.sources.consumers import Call

REVISION = Call(
    action="DescribeServiceRevisions", into="revision", immutable="[name]", keep="{image: image}"
)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(replace(REVISION, settled="image"), False, id="kept once settled"),
        pytest.param(replace(REVISION, keep="{image: image, role: role}"), False, id="more"),
        pytest.param(replace(REVISION, page=10), True, id="asked otherwise"),
    ],
)
def test_what_was_kept_by_another_rule_is_asked_for_again(other: Call, same: bool) -> None:
    """A revision that was kept before ECS had resolved its digests would stay without them."""
    assert (kept_name(REVISION, "r1", {}) == kept_name(other, "r1", {})) is same
