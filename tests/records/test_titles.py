"""The name by which people are shown a resource."""

from __future__ import annotations

import pytest

from jotgraph.analysis.health.names import titled
from jotgraph.graph import build
from jotgraph.records import ImageType, Node, ResourceId
from jotgraph.records.titles import title
from tests.factories import (
    ACCOUNT,
    REGION,
    child,
    commit,
    container,
    digest,
    ecr_image,
    function,
    inventory,
    local_image,
    role,
    trigger,
)

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/carts/stream/2026-01-01T00:00:00.000"
TOPIC = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/clicks/0f0a-5c"
CALLED = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout:live"


def short(value: int | str) -> str:
    return digest(value).removeprefix("sha256:")[:9]


@pytest.mark.parametrize(
    ("node", "shown"),
    [
        (ecr_image(1, "1.4", "live", repository="shop/web"), f"shop/web:1.4 @{short(1)}"),
        (ecr_image(1, "a" * 40, "live", repository="shop/web"), f"shop/web:live @{short(1)}"),
        (ecr_image(1, "a" * 40, repository="shop/web"), f"shop/web:aaaaaaaaa @{short(1)}"),
        (ecr_image(1, repository="shop/web"), f"shop/web@{short(1)}"),
        (local_image(1, "shop/web:dev"), f"shop/web:dev ({short(1)})"),
        (local_image(1), short(1)),
        (trigger(source_arn=QUEUE, function_arn=CALLED), "orders → checkout:live"),
        (trigger(source_arn=TABLE, function_arn=CALLED), "carts → checkout:live"),
        (trigger(source_arn=TOPIC, function_arn=CALLED), "clicks → checkout:live"),
        (
            trigger(source_arn="", function_arn=CALLED, uuid="5f0c6f0e-1"),
            "5f0c6f0e → checkout:live",
        ),
        (function("checkout"), "checkout"),
        (role("app", path="/service/"), "service/app"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_read(node: Node, shown: str) -> None:
    assert title(node.id, node) == shown


def test_a_container_has_a_name() -> None:
    node = container(name="/brave_bell")
    assert title(node.id, node) == f"brave_bell ({node.id.partition(':')[2][:9]})"


def test_what_is_known_by_its_id_alone() -> None:
    assert title(commit("a" * 40).id) == "a" * 9
    assert title(ecr_image(1, "1.4", repository="shop/web").id) == f"shop/web@{short(1)}"
    assert title(ResourceId(f"trigger:{ACCOUNT}/{REGION}/5f0c")) == "5f0c"


def test_an_image_has_the_tag_of_the_index_that_lists_it() -> None:
    image = ecr_image(2, repository="shop/web")
    index = ecr_image(1, "1.4", repository="shop/web", type=ImageType.INDEX, children=(child(2),))
    graph = build(inventory(image, index))
    assert titled(graph, image.id) == f"shop/web:1.4 @{short(2)}"
    assert titled(graph, ecr_image(3, "gone").id) == title(ecr_image(3).id)
