"""Drift: the tag that a function was deployed from names another image than the one that runs."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph.analysis.health import Code, Fact
from jotgraph.analysis.health.drift import Drift, drift
from jotgraph.graph import build
from jotgraph.queries.jots import jots
from jotgraph.queries.staleness import staleness
from jotgraph.records import EcrImage, ImageType, ResourceId, function_id
from tests.factories import (
    ACCOUNT,
    REGION,
    child,
    ecr_image,
    ecr_repository,
    function,
    inventory,
    role,
)

F = function_id(ACCOUNT, REGION, "pay")


def index(n: int, *children: int, read: bool = True) -> EcrImage:
    listed = tuple(child(number) for number in children)
    return ecr_image(n, "v1", type=ImageType.INDEX, children=listed, manifest_read=read)


INNER = msgspec.structs.replace(index(8, 1), tags=())
"""An index that another lists."""


@pytest.mark.parametrize(
    ("images", "moved", "unclear"),
    [
        pytest.param([ecr_image(1, "v1")], (), False, id="it names what runs"),
        pytest.param(
            [ecr_image(1), ecr_image(2, "v1")], (ecr_image(2).id,), False, id="another image"
        ),
        pytest.param([ecr_image(1), index(9, 1)], (), False, id="an index of what runs alone"),
        pytest.param(
            [ecr_image(1), ecr_image(2), index(9, 2, 1)], (), False, id="an index of both"
        ),
        pytest.param(
            [ecr_image(1), ecr_image(2), index(9, 2)],
            (ecr_image(9).id,),
            False,
            id="an index of another",
        ),
        pytest.param(
            [ecr_image(1), index(9, read=False)], (), True, id="an index that was not read"
        ),
        pytest.param([ecr_image(1), INNER, index(9, 8)], (), False, id="an index of an index"),
        pytest.param(
            [
                ecr_image(1),
                msgspec.structs.replace(INNER, children=(), manifest_read=False),
                index(9, 8),
            ],
            (),
            True,
            id="an index of an index that was not read",
        ),
        pytest.param([ecr_image(1)], (), False, id="a tag that is gone"),
    ],
)
def test_an_index_that_holds_what_runs_is_no_drift(
    images: list[EcrImage], moved: tuple[ResourceId, ...], unclear: bool
) -> None:
    told = function("pay", 1, tag="v1", invocations=1)
    graph = build(inventory(ecr_repository(), role(), told, *images))
    assert drift(graph, F) == Drift(moved, unclear)
    (found,) = staleness(graph).functions
    assert (Code.DRIFT in found.states) == bool(moved)
    unread = {finding.unread for finding in found.findings if finding.code is Code.DRIFT}
    assert (Fact.INDEX in unread) == unclear
    (jot,) = (jot for jot in jots(graph).jots if jot.function)
    assert (Code.DRIFT in jot.states) == bool(moved)
