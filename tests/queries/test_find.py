"""Names to resources: each way to name one, what wins, what is ambiguous, what is unknown."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph.errors import AmbiguousNameError, UnknownNameError
from jotgraph.graph import ResourceGraph, build, record
from jotgraph.queries.find import find, find_many
from jotgraph.records import KINDS, Kind, ResourceId, kind_of, short, short_name, shortened
from jotgraph.records.titles import title
from tests.factories import alias, container, ecr_image, ecr_repository, inventory, trigger
from tests.functional.estate import ACCOUNT, HOST, REGION, SHAS, digest, estate, image, role

PLACE = f"{ACCOUNT}/{REGION}"
CHECKOUT = f"function:{PLACE}/checkout"
LIVE = f"alias:{PLACE}/checkout:live"
IMAGE_1 = f"ecr-image:{PLACE}/shop/checkout@{digest(1)}"


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    basket = container("ab" * 32, digest(101), name="/basket", image_name="shop")
    return build(msgspec.structs.replace(estate(), containers=(basket,)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (CHECKOUT, CHECKOUT),
        ("checkout", CHECKOUT),
        ("checkout:$LATEST", CHECKOUT),
        ("checkout:1", f"version:{PLACE}/checkout:1"),
        ("checkout:live", LIVE),
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout:1", f"version:{PLACE}/checkout:1"),
        ("shop/checkout:prod", IMAGE_1),
        (f"{HOST}/shop/checkout:v2", IMAGE_1),
        (f"shop/checkout@{digest(1)}", IMAGE_1),
        (f"shop/checkout@{digest(1)[:14]}", IMAGE_1),
        (digest(1), IMAGE_1),
        (digest(1)[7:20], IMAGE_1),
        ("shop/checkout", f"ecr-repo:{PLACE}/shop/checkout"),
        ("shop/checkout:dev", f"local-image:{digest(101)}"),
        (digest(104), f"local-image:{digest(104)}"),
        ("main", f"commit:{SHAS[3]}"),
        ("HEAD", f"commit:{SHAS[3]}"),
        ("heads/side", f"commit:{SHAS[4]}"),
        ("v1", f"commit:{SHAS[1]}"),
        ("main~2", f"commit:{SHAS[1]}"),
        ("main^^", f"commit:{SHAS[1]}"),
        (SHAS[2], f"commit:{SHAS[2]}"),
        (SHAS[2][:4], f"commit:{SHAS[2]}"),
        ("checkout-role", f"role:{ACCOUNT}/service/checkout-role"),
        ("service/checkout-role", f"role:{ACCOUNT}/service/checkout-role"),
        (f"arn:aws:iam::{ACCOUNT}:role/billing-role", f"role:{ACCOUNT}/billing-role"),
        ("gone-role", f"role:{ACCOUNT}/gone-role"),
        ("basket", "container:" + "ab" * 32),
        ("abab", "container:" + "ab" * 32),
        (f"shop/billing@{digest(9)}", f"ecr-image:{PLACE}/shop/billing@{digest(9)}"),
    ],
)
def test_every_way_to_name_a_resource(graph: ResourceGraph, name: str, expected: str) -> None:
    assert find(graph, name) == expected


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("chekout", ("checkout",)),
        ("zzz", ()),
        (SHAS[2][:3], ()),
        ("main~9", ("main",)),
        ("dev", ("shop/billing:dev", "shop/checkout:dev")),
        ("prod", ("shop/checkout:prod",)),
    ],
)
def test_unknown_names_suggest_the_nearest(
    graph: ResourceGraph, name: str, nearest: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownNameError) as raised:
        find(graph, name)
    assert raised.value.nearest[: len(nearest)] == nearest
    assert bool(raised.value.nearest) == bool(nearest)


def test_a_function_wins_over_a_role_of_its_name_which_its_kind_still_names() -> None:
    world = estate()
    graph = build(msgspec.structs.replace(world, roles=(*world.roles, role("checkout"))))
    assert find(graph, "checkout") == CHECKOUT
    assert find(graph, "role:checkout") == f"role:{ACCOUNT}/checkout"


def test_one_way_to_name_two_resources_is_ambiguous() -> None:
    world = estate()
    tag = image(7, "checkout", "live")
    graph = build(msgspec.structs.replace(world, ecr_images=(*world.ecr_images, tag)))
    with pytest.raises(AmbiguousNameError) as raised:
        find(graph, "checkout:live")
    assert raised.value.candidates == (LIVE, f"ecr-image:{PLACE}/checkout@{digest(7)}")


def test_a_prefix_of_two_is_ambiguous(graph: ResourceGraph) -> None:
    world = estate()
    twin = image(1, "shop/billing")
    both = build(msgspec.structs.replace(world, ecr_images=(*world.ecr_images, twin)))
    with pytest.raises(AmbiguousNameError):
        find(both, digest(1)[7:20])
    assert find(both, f"shop/billing@{digest(1)[7:20]}") == twin.id


def test_a_unique_beginning_of_a_uuid_names_a_trigger() -> None:
    world = estate()
    uuids = ("7ca4ab1e-0000-4000-8000-000000000001", "7ca4ab1e-1111-4000-8000-000000000002")
    triggers = tuple(trigger(uuid, account=ACCOUNT, function_arn="") for uuid in uuids)
    graph = build(msgspec.structs.replace(world, triggers=triggers))
    assert find(graph, "7ca4ab1e-0") == triggers[0].id
    assert find(graph, uuids[1]) == triggers[1].id
    with pytest.raises(AmbiguousNameError):
        find(graph, "7ca4ab1e")
    with pytest.raises(UnknownNameError):
        find(graph, "7ca4ab1f")
    with pytest.raises(UnknownNameError):
        find(graph, "sha256:7ca4ab1e-0")


def test_in_the_containerd_store_a_digest_means_the_image_in_the_registry() -> None:
    world = estate()
    same = msgspec.structs.replace(world.local_images[0], image_id=digest(1), tags=())
    graph = build(msgspec.structs.replace(world, local_images=(same,)))
    assert find(graph, digest(1)) == IMAGE_1
    assert find(graph, f"local-image:{digest(1)}") == f"local-image:{digest(1)}"


def test_globs_where_many_are_allowed(graph: ResourceGraph) -> None:
    assert find_many(graph, "check*:[0-9]") == (
        f"version:{PLACE}/checkout:1",
        f"version:{PLACE}/checkout:2",
    )
    assert find_many(graph, "billing") == (f"function:{PLACE}/billing",)
    with pytest.raises(UnknownNameError):
        find_many(graph, "nothing*")


def test_short_names_lead_back(graph: ResourceGraph) -> None:
    weak = ("local-image:", "ecr-repo:")
    for resource in graph:
        if not resource.startswith(weak):
            assert find(graph, short_name(ResourceId(resource))) == resource


def test_what_a_table_shows_is_a_name(graph: ResourceGraph) -> None:
    """Names, and ids with their digits cut, as people copy them from an answer."""
    for resource in map(ResourceId, graph):
        if KINDS[kind_of(resource)].by_prefix:
            shown = {title(resource, record(graph, resource)), shortened(resource)}
            if kind_of(resource) in (Kind.COMMIT, Kind.CONTAINER):
                shown.add(f"{kind_of(resource)}:{short(resource)}")
            for name in shown:
                assert find(graph, name) == resource, name


def test_what_a_table_shows_of_two_is_ambiguous() -> None:
    alike = [f"sha256:{'ab' * 6}{digit * 52}" for digit in "cd"]
    images = [msgspec.structs.replace(ecr_image(1), digest=digest) for digest in alike]
    graph = build(inventory(ecr_repository(), *images))
    with pytest.raises(AmbiguousNameError):
        find(graph, shortened(images[0].id))
    assert find(graph, images[0].id[:-51]) == images[0].id


def test_names_do_not_depend_on_the_order_of_records() -> None:
    world = estate()
    other = alias("live", 1, "billing", account=ACCOUNT)
    one = msgspec.structs.replace(world, aliases=(*world.aliases, other))
    two = msgspec.structs.replace(one, aliases=one.aliases[::-1], functions=one.functions[::-1])
    assert find_many(build(one), "*:live") == find_many(build(two), "*:live")


def test_a_trigger_is_named_as_tables_show_it() -> None:
    """By its source and function, of which several mappings may have the same."""
    source = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
    one, other, twin = (
        trigger(uuid, function, account=ACCOUNT, source_arn=source)
        for uuid, function in (("1a", "checkout"), ("2b", "billing"), ("3c", "billing"))
    )
    graph = build(msgspec.structs.replace(estate(), triggers=(one, other)))
    for name in ("orders → checkout", "orders->checkout", "orders -> checkout"):
        assert find(graph, name) == one.id
    with pytest.raises(UnknownNameError):
        find(graph, "orders->report")
    with pytest.raises(UnknownNameError):
        find_many(graph, "orders*checkout")
    both = build(msgspec.structs.replace(estate(), triggers=(other, twin)))
    with pytest.raises(AmbiguousNameError):
        find(both, "orders->billing")
