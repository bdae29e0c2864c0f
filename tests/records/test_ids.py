"""What an id says of its resource, for every kind."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

import pytest

from jotgraph.records import (
    Kind,
    ResourceId,
    as_id,
    by_kind,
    digest_of,
    function_name_of,
    function_of,
    hex_of,
    is_id,
    kind_of,
    last_name_of,
    name_of,
    place_of,
    qualifier_of,
    repository_name_of,
    repository_of,
    short_name,
    spellings,
    workload_id,
    workload_name_of,
)

HEX = "0123456789abcdef" * 4
SHA = HEX[:40]
HERE = ("111122223333", "eu-west-1")
AT = "/".join(HERE)


class Said(NamedTuple):
    """An id, and what the functions of ``records.ids`` say of it."""

    id: str
    place: tuple[str, str]
    name: str
    short: str
    digest: str = ""


KNOWN = {
    Kind.COMMIT: Said(f"commit:{SHA}", ("", ""), SHA, SHA[:9]),
    Kind.LOCAL_IMAGE: Said(
        f"local-image:sha256:{HEX}",
        ("", ""),
        f"sha256:{HEX}",
        f"sha256:{HEX[:9]}",
        f"sha256:{HEX}",
    ),
    Kind.CONTAINER: Said(f"container:{HEX}", ("", ""), HEX, HEX[:9]),
    Kind.ECR_REPO: Said(f"ecr-repo:{AT}/shop/web", HERE, "shop/web", "shop/web"),
    Kind.ECR_IMAGE: Said(
        f"ecr-image:{AT}/shop/web@sha256:{HEX}",
        HERE,
        f"shop/web@sha256:{HEX}",
        f"shop/web@sha256:{HEX[:9]}",
        f"sha256:{HEX}",
    ),
    Kind.FUNCTION: Said(f"function:{AT}/pay", HERE, "pay", "pay"),
    Kind.VERSION: Said(f"version:{AT}/pay:7", HERE, "pay:7", "pay:7"),
    Kind.ALIAS: Said(f"alias:{AT}/pay:live", HERE, "pay:live", "pay:live"),
    Kind.TRIGGER: Said(f"trigger:{AT}/12-ab", HERE, "12-ab", "12-ab"),
    Kind.WORKLOAD: Said(
        f"workload:{AT}/ecs/service/prod/web", HERE, "ecs/service/prod/web", "ecs/service/prod/web"
    ),
    Kind.ROLE: Said(f"role:{HERE[0]}/team/app@x", (HERE[0], ""), "team/app@x", "team/app@x"),
    Kind.LOG_GROUP: Said(
        f"log-group:{AT}//aws/lambda/pay", HERE, "/aws/lambda/pay", "/aws/lambda/pay"
    ),
}


@pytest.mark.parametrize("kind", Kind)
def test_an_id_says_what_and_where_and_how_it_is_named(kind: Kind) -> None:
    said = KNOWN[kind]
    resource = ResourceId(said.id)
    assert kind_of(resource) is kind
    assert said == Said(
        resource, place_of(resource), name_of(resource), short_name(resource), digest_of(resource)
    )
    assert is_id(said.id)
    assert as_id(said.id) == resource


@pytest.mark.parametrize(
    "text",
    [
        "",
        "commit",
        f"commit:{SHA[:12]}",
        f"commit:{SHA}\n",
        "role:11112222333/app",
        f"function:{AT}/pay:7",
        f"version:{AT}/pay:live",
        f"alias:{AT}/pay:7",
        f"ecr-image:{AT}/shop",
        f"ecr-image:{AT}/Shop@sha256:{HEX}",
        f"index:{AT}/shop",
        f"workload:{AT}/ecs/prod",
        f"workload:{AT}/ecs/service/",
        f"workload:{AT}/ecs/service/a b",
        f"trigger:{HERE[1]}/{HERE[0]}/12-ab",
    ],
)
def test_what_no_name_of_aws_git_or_docker_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_only_text_that_begins_with_a_kind_is_read_as_an_id() -> None:
    assert [as_id(text) for text in ("shop", "index:shop", "role", "role:x")] == [
        None,
        None,
        None,
        ResourceId("role:x"),
    ]


def test_parts_of_a_function_and_of_an_image_name_what_they_belong_to() -> None:
    function, version, alias, image = (
        ResourceId(KNOWN[kind].id)
        for kind in (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.ECR_IMAGE)
    )
    assert {function_of(resource) for resource in (function, version, alias)} == {function}
    assert [function_name_of(resource) for resource in (function, version, alias)] == ["pay"] * 3
    assert [qualifier_of(resource) for resource in (function, version, alias)] == ["", "7", "live"]
    assert repository_of(image) == KNOWN[Kind.ECR_REPO].id
    assert repository_name_of(image) == "shop/web"


def test_the_last_part_of_a_path_and_the_digits_of_a_digest() -> None:
    assert last_name_of(ResourceId(KNOWN[Kind.ROLE].id)) == "app@x"
    assert [hex_of(ResourceId(KNOWN[kind].id)) for kind in (Kind.LOCAL_IMAGE, Kind.ECR_IMAGE)] == [
        HEX,
        HEX,
    ]
    assert hex_of(ResourceId(KNOWN[Kind.TRIGGER].id)) == "12-ab"


def test_a_pattern_may_mean_an_id_by_each_of_its_spellings() -> None:
    assert spellings(ResourceId("role:111122223333/team/app")) == (
        "role:111122223333/team/app",
        "111122223333/team/app",
        "team/app",
        "app",
    )


def test_the_name_of_a_workload_has_neither_service_nor_type() -> None:
    service = workload_id(*HERE, "ecs", "service", "web/storefront")
    endpoint = workload_id(*HERE, "sagemaker", "endpoint", "score")
    assert [workload_name_of(workload) for workload in (service, endpoint)] == [
        "web/storefront",
        "score",
    ]


def test_sorted_ids_come_kind_by_kind() -> None:
    ids = sorted(ResourceId(f"{kind}:{name}") for kind in Kind for name in ("b", "a", "z/é"))
    for chosen in (ids, ids[1:-1], ids[::4], []):
        told = {kind: list(of_kind) for kind, of_kind in by_kind(chosen)}
        assert told == {kind: list(of_kind) for kind, of_kind in groupby(chosen, kind_of)}
