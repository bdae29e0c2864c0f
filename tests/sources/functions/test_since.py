"""Versions that are published while a scan is reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory, Kind
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan

Images = tuple[str, str, str]
OLD = datetime.now(UTC) - timedelta(days=200)


@pytest.fixture
def images(aws: Sandbox) -> Images:
    """Three images. The function runs the second; its alias routes to version 1, of the first."""
    seed.repository(aws, "app")
    first, second, third = (
        seed.image(aws, "app", config=f"{number}".encode(), pushed=OLD) for number in range(3)
    )
    role = seed.role(aws, "role")
    seed.function(aws, "app", f"app@{first}", role=role)
    seed.version(aws, "app")
    seed.alias(aws, "app", "live", "1")
    seed.function(aws, "app", f"app@{second}", role=role)
    return first, second, third


def once(aws: Sandbox, action: str, change: Callable[[], object]) -> None:
    """Change the world when a call comes for the first time, before it is answered."""
    aws.faults.before("lambda", action, call=lambda _: change(), times=1)


def route_to_a_new_version(aws: Sandbox, image: str) -> Callable[[], object]:
    """Publish a version of an image and route the alias to it; ``$LATEST`` is as before."""

    def change() -> None:
        before = aws.world.lambda_of(aws.account, aws.region).functions["app"].latest
        seed.function(aws, "app", f"app@{image}", role=str(before["Role"]))
        number = seed.version(aws, "app")
        aws.world.lambda_of(aws.account, aws.region).functions["app"].latest = before
        words = {"FunctionName": "app", "Name": "live", "FunctionVersion": number}
        aws.client("lambda").update_alias(**words)

    return change


def publish_and_go_on(aws: Sandbox, image: str) -> Callable[[], object]:
    """Publish what the function runs, and deploy another image."""

    def change() -> None:
        seed.version(aws, "app")
        seed.function(aws, "app", f"app@{image}", role=f"arn:aws:iam::{aws.account}:role/role")

    return change


def runs(inventory: Inventory) -> dict[str, str | None]:
    versions = {version.number: version.image_digest for version in inventory.versions}
    return {**versions, "$LATEST": inventory.functions[0].image_digest}


def unused(inventory: Inventory) -> set[str]:
    options = Options(keep_images=0)
    found = orphans(build(inventory), now=inventory.taken_at, options=options)
    return {orphan.id.partition("@")[2] for orphan in found.orphans}


@pytest.mark.parametrize("quick", [False, True])
def test_a_version_that_an_alias_routes_to_is_read_though_it_was_not_listed(
    aws: Sandbox, scan: Scan, images: Images, quick: bool
) -> None:
    first, second, third = images
    once(aws, "ListAliases", route_to_a_new_version(aws, third))
    inventory = scan(quick=quick)
    assert runs(inventory) == {"1": first, "2": third, "$LATEST": second}
    assert inventory.aliases[0].version == "2"
    assert aws.calls.count("ListVersionsByFunction") == 1
    assert not any(gap.asked for gap in inventory.gaps)


def test_what_ran_before_is_read_where_it_was_published_since(
    aws: Sandbox, scan: Scan, images: Images
) -> None:
    first, second, third = images
    once(aws, "GetFunction", publish_and_go_on(aws, third))
    inventory = scan()
    assert runs(inventory) == {"1": first, "2": second, "$LATEST": third}
    assert aws.calls.count("ListVersionsByFunction") == 1


@pytest.mark.parametrize("moves", ["ListAliases", "GetFunction"])
def test_what_was_published_and_cannot_be_read_is_a_doubt(
    aws: Sandbox, scan: Scan, images: Images, moves: str
) -> None:
    change = route_to_a_new_version if moves == "ListAliases" else publish_and_go_on
    once(aws, moves, change(aws, images[2]))
    aws.faults.deny("lambda", "ListVersionsByFunction")
    inventory = scan()
    (gap,) = (gap for gap in inventory.gaps if gap.asked)
    assert (gap.name, gap.resource) == ("lambda:ListVersionsByFunction", "app")
    assert (gap.reason, gap.hides) == ("denied", (Kind.VERSION,))
    assert unused(inventory) == set()


def test_an_alias_of_a_version_that_is_nowhere_is_a_doubt(
    aws: Sandbox, scan: Scan, images: Images
) -> None:
    held = aws.world.lambda_of(aws.account, aws.region).functions["app"]
    once(aws, "ListAliases", lambda: held.aliases["live"].update(FunctionVersion="7"))
    inventory = scan()
    (gap,) = (gap for gap in inventory.gaps if gap.asked)
    assert (gap.reason, gap.hides, gap.resource) == ("error", (Kind.VERSION,), "app")
    assert gap.detail.startswith("an alias routes to version 7, not listed")


def test_a_world_that_stays_costs_no_call_more(aws: Sandbox, scan: Scan, images: Images) -> None:
    inventory = scan()
    assert aws.calls.count("ListVersionsByFunction") == 0
    assert unused(inventory) == {images[2]}
