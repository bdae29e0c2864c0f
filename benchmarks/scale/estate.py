"""An organisation of as many resources as are asked for, in accounts of three regions each.

A block of about a thousand resources is a team: eight repositories with a hundred images each, ten
functions with ten versions, an alias, roles, commits. A place holds ten of them. Every tenth
function runs an image of the region's hub account, and a role of each place is shared by all of its
teams; one tag in ten has moved since it was deployed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from jotgraph.gc_pause import collector_off
from jotgraph.records import Inventory
from tests.factories import (
    LONG_AGO,
    NOW,
    REVISION,
    alias,
    commit,
    ecr_image,
    ecr_repository,
    function,
    git_repository,
    inventory,
    layer,
    role,
    sha,
    version,
)

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
TEAMS_EACH = 10
"""Teams of a place."""
REPOSITORIES, IMAGES, FUNCTIONS, VERSIONS, COMMITS = 8, 100, 10, 10, 60
HUB = 10_000_000
"""Number of the first image of the hubs."""


def estate(size: int) -> Inventory:
    """An estate of about so many resources."""
    with collector_off():
        records = [record for part in _parts(size) for record in part]
        return inventory(*records, *_about(size)[0], places=_about(size)[1])


def about(size: int) -> Inventory:
    """The same without a resource."""
    git, places = _about(size)
    return inventory(*git, places=places)


def parts(size: int) -> Iterator[Inventory]:
    """The same, a place at a time, so that the whole need not be in memory."""
    for part in _parts(size):
        with collector_off():
            yield inventory(*part)


def _about(size: int) -> tuple[list[object], tuple[tuple[str, str], ...]]:
    places = _places(size)
    git = git_repository("mono", head=COMMITS * max(size // 1000, 1) - 1)
    return [git], tuple(sorted({*places, *map(_hub, places)}))


def _places(size: int) -> list[tuple[str, str]]:
    return [_place(number) for number in range(-(-max(size // 1000, 1) // TEAMS_EACH))]


def _parts(size: int) -> Iterator[list[object]]:
    places, teams = _places(size), max(size // 1000, 1)
    yield list(_hubs(places))
    for number, (account, region) in enumerate(places):
        records: list[object] = [role(f"shared-{region}", account=account)]
        for team in range(number * TEAMS_EACH, min((number + 1) * TEAMS_EACH, teams)):
            records += _team(team, {"account": account, "region": region})
        yield records


def _place(number: int) -> tuple[str, str]:
    return f"{100_000_000_000 + number // len(REGIONS)}", REGIONS[number % len(REGIONS)]


def _hub(place: tuple[str, str]) -> tuple[str, str]:
    return "999900000000", place[1]


def _hubs(places: list[tuple[str, str]]) -> Iterator[object]:
    """A repository of base images in each region, that lets every account in."""
    principals = [f"arn:aws:iam::{account}:root" for account in sorted({a for a, _ in places})]
    statement = {"Effect": "Allow", "Principal": {"AWS": principals}}
    for at, (account, region) in enumerate(sorted(set(map(_hub, places)))):
        place: dict[str, Any] = {"account": account, "region": region}
        policy = json.dumps({"Statement": [statement]})
        yield ecr_repository("hub", policy=policy, **place)
        for number in range(20):
            yield ecr_image(HUB * (at + 1) + number, f"b{number}", repository="hub", **place)


def _team(team: int, place: dict[str, Any]) -> Iterator[object]:
    first = team * REPOSITORIES * IMAGES
    for number in range(COMMITS):
        at = team * COMMITS + number
        yield commit(at, *([at - 1] if at else []), minutes=at, repositories=("mono",))
    for at in range(REPOSITORIES):
        name = f"team-{team}/r{at}"
        yield ecr_repository(name, **place)
        for number in range(IMAGES):
            image = first + at * IMAGES + number
            revision = sha(team * COMMITS + image % COMMITS)
            yield ecr_image(
                image,
                *((f"v{number}",) if number % 3 == 0 else ()),
                repository=name,
                pushed_at=NOW - timedelta(days=2 + image % 300),
                layers=(layer(10**9 + at, 1000), layer(10**10 + image, 500)),
                labels={REVISION: revision},
                config_read=True,
                **place,
            )
    yield from (role(f"team-{team}-{at}", account=place["account"]) for at in range(2))
    for at in range(FUNCTIONS):
        yield from _function(team, at, first, place)


def _function(team: int, at: int, first: int, place: dict[str, Any]) -> Iterator[object]:
    name, home = f"team-{team}-f{at}", at % REPOSITORIES
    runs, tag, region = first + home * IMAGES + 99, "v96" if at == 9 else "v99", place["region"]
    named: dict[str, Any] = {
        "repository": f"team-{team}/r{home}",
        "role": f"shared-{region}" if at % 2 else f"team-{team}-0",
        "last_modified": LONG_AGO,
        **place,
    }
    if at == 0:
        hub = HUB * (sorted(REGIONS).index(region) + 1) + team % 20
        text = f"999900000000.dkr.ecr.{region}.amazonaws.com/hub"
        yield function(name, hub, tag=None, image_uri=f"{text}:b{team % 20}", **named)
    else:
        yield function(name, runs, tag=tag, **named)
    for number in range(1, VERSIONS + 1):
        yield version(number, name, first + home * IMAGES + number * 9, **named)
    yield alias("live", VERSIONS, name, **place)
