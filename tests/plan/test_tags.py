"""An image goes with all its tags: which these are is said, and one tag does not speak for another
that is kept."""

from __future__ import annotations

import pytest

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.plan import plan_delete
from jotgraph.plan.tags import kept_by_other_tags, tags_along
from jotgraph.queries.find import find_many
from jotgraph.records import ResourceId
from jotgraph.render.answers.plan import summary
from tests.factories import ACCOUNT, NOW, REGION, digest, ecr_image, inventory, local_image

IMAGE = ecr_image(1, "old", "prod-7", "x9", repository="team/app")
OTHER = ecr_image(2, "old-2", "x8", repository="team/app")
LOCAL = local_image(tags=("shop:dev", "shop:latest"))
GRAPH = build(inventory(IMAGE, OTHER, LOCAL))


def stays(*names: str, options: Options | None = None) -> dict[ResourceId, str]:
    named = {name: find_many(GRAPH, name) for name in names}
    assert all(named.values())
    return kept_by_other_tags(GRAPH, named, options or Options())


@pytest.mark.parametrize(
    "names",
    [
        ("team/app:old",), ("team/app:x*",), ("team/app:old", "team/app:x9"),
        (f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/team/app:old",),
    ],
)  # fmt: skip
def test_an_image_that_another_tag_keeps_stays(names: tuple[str, ...]) -> None:
    because = stays(*names)[IMAGE.id]
    assert because.startswith(
        "its tag prod-7 matches the keep pattern prod* [kept-tag], and it was"
    )
    assert OTHER.id not in stays(*names)


@pytest.mark.parametrize(
    "names",
    [
        ("team/app:prod-7",), ("team/app:*",), (IMAGE.id,), (f"team/app@{digest(1)}",),
        (digest(1),), ("team/app:old", IMAGE.id), ("team/app:old", "team/app:prod-7"),
        ("team/app:old-2",),
    ],
)  # fmt: skip
def test_what_was_named_whole_or_by_that_tag_does_not(names: tuple[str, ...]) -> None:
    assert stays(*names) == {}


def test_the_options_decide() -> None:
    assert stays("team/app:old", options=Options(keep=("x*",)))
    assert stays("team/app:old", options=Options(keep=("nothing",))) == {}
    assert stays("team/app:old", options=Options(ignore=("kept-tag",))) == {}


def test_images_of_the_engine_have_the_same_rule() -> None:
    assert stays("shop:dev").keys() == {LOCAL.id}
    assert stays("shop:latest") == {}


def test_a_plan_says_which_tags_go_along() -> None:
    plan = plan_delete(GRAPH, [IMAGE.id, OTHER.id], now=NOW)
    assert tags_along(plan) == ["team/app:prod-7", "team/app:x8", "team/app:x9"]
    assert (
        "Images are deleted with all their tags, including team/app:prod-7, team/app:x8, "
        "team/app:x9" in summary(plan).splitlines()
    )
    alone = plan_delete(build(inventory(ecr_image(1, "v1"))), [ecr_image(1).id], now=NOW)
    assert tags_along(alone) == []
    assert "all its tags" not in summary(alone)
