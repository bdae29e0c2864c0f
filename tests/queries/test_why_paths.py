"""By which way one resource is linked to another."""

from __future__ import annotations

import pytest

from jotgraph.graph import ResourceGraph, build
from jotgraph.queries.explain import why
from jotgraph.records import ResourceId
from tests.factories import (
    alias,
    ecr_image,
    ecr_repository,
    function,
    inventory,
    role,
    version,
)

PROD, NEXT, GONE = alias("prod", 1), alias("next", "$LATEST"), alias("gone", 9)
LATEST, ONE = function(runs=1), version(1, runs=2, role="old")
NEW, OLD = ecr_image(1, "v1"), ecr_image(2, "v2")


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return build(
        inventory(ecr_repository(), NEW, OLD, role(), role("old"), LATEST, ONE, PROD, NEXT, GONE)
    )


def way(graph: ResourceGraph, start: ResourceId, end: ResourceId) -> list[ResourceId]:
    """What the path passes, both ends included."""
    passed = [start]
    for link in why(graph, start, end).links:
        passed.append(link.target if link.source == passed[-1] else link.source)
    return passed


def test_an_alias_has_the_role_of_its_version(graph: ResourceGraph) -> None:
    assert way(graph, PROD.id, role("old").id) == [PROD.id, ONE.id, role("old").id]
    assert way(graph, role("old").id, PROD.id) == [role("old").id, ONE.id, PROD.id]


def test_one_that_leads_to_latest_has_that_of_the_function(graph: ResourceGraph) -> None:
    assert way(graph, NEXT.id, role().id) == [NEXT.id, LATEST.id, role().id]
    assert way(graph, NEXT.id, NEW.id) == [NEXT.id, LATEST.id, NEW.id]


def test_an_alias_runs_the_image_of_its_version(graph: ResourceGraph) -> None:
    assert way(graph, PROD.id, OLD.id) == [PROD.id, ONE.id, OLD.id]
    assert way(graph, OLD.id, PROD.id) == [OLD.id, ONE.id, PROD.id]


def test_a_part_of_its_function_is_linked_to_it(graph: ResourceGraph) -> None:
    assert way(graph, PROD.id, LATEST.id) == [PROD.id, LATEST.id]


def test_through_the_function_only_where_nothing_else_links_them(graph: ResourceGraph) -> None:
    """Its version was not read; and version 1 has nothing of what ``$LATEST`` uses."""
    assert way(graph, GONE.id, role().id) == [GONE.id, LATEST.id, role().id]
    assert way(graph, ONE.id, role().id) == [ONE.id, LATEST.id, role().id]
