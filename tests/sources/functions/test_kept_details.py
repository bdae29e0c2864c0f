"""What was kept of the details of functions is taken for the very listing that it is of."""

from __future__ import annotations

from pathlib import Path

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.parts import Parts
from tests.factories import ACCOUNT, REGION, function, inventory
from tests.sources.conftest import Scan


def test_details_are_not_those_of_a_listing_that_is_read_anew(
    aws: Sandbox, scan: Scan, tmp_path: Path
) -> None:
    """The listing could not be kept, the disk was full; since then a zip function, about which
    GetFunction is not asked, got another role."""
    seed.repository(aws, "app")
    seed.image(aws, "app", "v1")
    seed.function(aws, "pay", "app:v1")
    before, after = seed.role(aws, "before"), seed.role(aws, "after")
    seed.function(aws, "zip", role=before)
    first = scan(unfinished=tmp_path)
    assert {one.name: one.role_arn for one in first.functions}["zip"] == before
    (listing,) = tmp_path.rglob("lambda.json")
    listing.unlink()
    aws.client("lambda").update_function_configuration(FunctionName="zip", Role=after)
    second = scan(unfinished=tmp_path)
    assert {one.name: one.role_arn for one in second.functions}["zip"] == after


def test_without_a_revision_nothing_is_taken_for_unchanged(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    place = inventory(function()).functions[0]
    parts.add(place, function("pay", revision=""))
    parts.add(place, function("bill", revision="r1"))
    assert [key[1] for key in parts.told(place)] == ["r1"]
    assert (place.account, place.region) == (ACCOUNT, REGION)
