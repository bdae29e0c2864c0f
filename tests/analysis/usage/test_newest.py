"""The newest image of a repository that something runs from: kept, and for which reason."""

from __future__ import annotations

import pytest

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import ImageType, Record
from tests.factories import (
    ACCOUNT,
    REGION,
    child,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    inventory,
    version,
)

NEWER = ecr_image(2, pushed_at=days_ago(20))
FUNCTION = f"function {ACCOUNT}/{REGION}/pay"


def kept(*records: Record, options: Options | None = None) -> dict[str, str]:
    """Digest -> why an image is kept as one of the newest."""
    found = orphans(build(inventory(ecr_repository(), *records)), options=options)
    return {
        judged.id.rpartition("@")[2]: doubt.statement
        for judged in found.unknown
        for doubt in judged.doubts
        if doubt.code == "kept-newest"
    }


BY_DEFAULT = f"the newest image of its repository, from which {FUNCTION} runs"


def test_the_newest_image_beside_one_that_runs_is_kept() -> None:
    assert kept(ecr_image(1), NEWER, ecr_image(3), function(runs=1)) == {digest(2): BY_DEFAULT}


def test_the_reason_counts_who_runs_from_the_repository() -> None:
    found = kept(
        ecr_image(1), NEWER, function(runs=1), version(1, tag="v1"), function("web", runs=1)
    )
    assert found == {
        digest(2): f"the newest image of its repository, from which {FUNCTION} (and 2 more) runs"
    }


def test_nothing_is_kept_where_nothing_runs_or_the_newest_runs() -> None:
    assert kept(ecr_image(1), NEWER) == {}
    assert kept(ecr_image(1), NEWER, function(runs=2)) == {}
    at_once = ecr_image(3, pushed_at=NEWER.pushed_at)
    assert kept(ecr_image(1), NEWER, at_once, function(runs=2)) == {}


def test_what_runs_a_copy_elsewhere_runs_nothing_here() -> None:
    """It runs a copy. Were that seen as a use of the image here, the other of two images pushed at
    once would lose its place once the function is not read."""
    here, other = ecr_image(2, pushed_at=days_ago(20)), ecr_image(3, pushed_at=days_ago(20))
    assert kept(ecr_image(1), here, other, function(runs=1)) == {digest(3): BY_DEFAULT}
    for copy in ({"region": "us-west-2"}, {"repository": "mirror"}):
        far = function("far", runs=2, **copy)
        assert kept(ecr_image(1), here, other, function(runs=1), far) == {digest(3): BY_DEFAULT}


def test_what_may_be_a_signature_takes_no_place_away() -> None:
    """Whether it is an image is not known: both are kept."""
    unclear = ecr_image(3, pushed_at=days_ago(10), type=ImageType.UNKNOWN)
    assert set(kept(ecr_image(1), NEWER, unclear, function(runs=1))) == {digest(2), digest(3)}
    signature = ecr_image(3, pushed_at=days_ago(10), type=ImageType.SIGNATURE)
    assert set(kept(ecr_image(1), NEWER, signature, function(runs=1))) == {digest(2)}


def test_a_function_of_which_the_repository_was_not_read_may_run_from_any() -> None:
    unread = function(runs=1, image_uri=None, resolved_image_uri=None)
    assert kept(ecr_image(1), NEWER, unread) == {
        digest(2): f"the newest image of its repository, from which {FUNCTION} may run "
        "(its image URI was not read)"
    }


def test_parts_and_attachments_do_not_count() -> None:
    """An index and its child are one image; a signature is none."""
    part = ecr_image(4, pushed_at=days_ago(9))
    index = ecr_image(
        5,
        pushed_at=days_ago(10),
        type=ImageType.INDEX,
        children=(child(4),),
    )
    signature = ecr_image(6, pushed_at=days_ago(8), type=ImageType.SIGNATURE, subject=digest(3))
    assert kept(ecr_image(1), ecr_image(3), part, index, signature, function(runs=1)) == {
        digest(5): BY_DEFAULT
    }


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, {}),
        (1, {digest(2): "the newest image of its repository"}),
        (
            2,
            {
                digest(2): "among the newest 2 images of its repository",
                digest(3): "among the newest 2 images of its repository",
            },
        ),
    ],
)
def test_a_number_holds_for_every_repository(count: int, expected: dict[str, str]) -> None:
    world = (ecr_image(1), NEWER, ecr_image(3, pushed_at=days_ago(30)))
    assert kept(*world, options=Options(keep_images=count)) == expected
    assert kept(*world, function(runs=1), options=Options(keep_images=count)) == expected
