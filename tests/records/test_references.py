"""Names taken apart."""

from __future__ import annotations

import pytest

from jotgraph.records.references import (
    EcrReference,
    Reference,
    arn_of,
    ecr_reference,
    partial_digest,
    reference,
    referrer_tag,
    registry_host,
    repository_key,
    task_definition,
    unqualified,
)
from tests.factories import digest


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Acme/Shop",
        "https://github.com/acme/shop.git",
        "https://user:secret@github.com/acme/shop.git",
        "git@github.com:acme/shop.git",
        "ssh://git@github.com:22/acme/shop.git",
        "git+https://github.com/acme/shop.git#main",
        "git://github.com/acme/shop/",
        "github.com/acme/shop",
        "https://github.com/acme/shop/tree/main/services/pay",
        "https://github.com/acme/shop?tab=readme",
    ],
)
def test_all_spellings_of_a_remote_are_one(url: str) -> None:
    assert repository_key(url) == "github.com/acme/shop"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://gitlab.com/a/b/c/-/tree/main", "gitlab.com/a/b/c"),
        ("file:///srv/git/Shop.git", "/srv/git/Shop"),
        ("", ""),
        ("None", ""),
        ("/srv/git/shop", ""),
        ("https://github.com/", ""),
        ("a description of the shop", ""),
    ],
)
def test_remotes_of_other_forms(url: str, key: str) -> None:
    assert repository_key(url) == key


def test_references_with_ports_tags_and_digests() -> None:
    assert reference("localhost:5000/a/b:v1") == Reference("localhost:5000/a/b", "v1", "")
    assert reference(f"a@{digest(1)}") == Reference("a", "", digest(1))
    assert reference("localhost:5000/a") == Reference("localhost:5000/a", "", "")


@pytest.mark.parametrize(
    "host",
    [
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        "123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn",
        "123456789012.dkr-ecr.eu-west-1.on.aws",
        "123456789012.dkr-ecr-fips.eu-west-1.on.aws",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.eu",
        "123456789012.dkr.ecr.eu-west-1.c2s.ic.gov",
        "123456789012.dkr.ecr.eu-west-1.cloud.adc-e.uk",
        "123456789012.dkr.ecr.eu-west-1.csp.hci.ic.gov",
    ],
)
def test_hosts_of_ecr(host: str) -> None:
    assert ecr_reference(f"{host}/team/shop:v1") == EcrReference(
        "123456789012", "eu-west-1", "team/shop", "v1", ""
    )


@pytest.mark.parametrize(
    "uri",
    [
        "123456789012.DKR.ECR.EU-WEST-1.AMAZONAWS.COM/shop:V1",
        " 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:V1\n",
        "HTTPS://123456789012.dkr.ecr.eu-west-1.amazonaws.com:443/shop:V1",
    ],
)
def test_a_host_has_no_case_and_a_reference_no_blanks_around_it(uri: str) -> None:
    assert ecr_reference(uri) == EcrReference("123456789012", "eu-west-1", "shop", "V1", "")


@pytest.mark.parametrize("uri", [None, "", "shop:v1", "public.ecr.aws/lambda/python:3.12"])
def test_no_ecr(uri: str | None) -> None:
    assert ecr_reference(uri) is None


def test_a_referrers_tag_names_a_digest() -> None:
    digits = "ab" * 32
    assert [
        referrer_tag(tag)
        for tag in (f"sha256-{digits}.sig", f"sha256-{digits}", f"sha256-{digits}.other")
    ] == [(f"sha256:{digits}", "sig"), (f"sha256:{digits}", ""), (f"sha256:{digits}", "other")]
    assert [
        referrer_tag(tag)
        for tag in ("latest", "sha256-ab", f"sha256:{digits}", f"x-sha256-{digits}", "")
    ] == [None] * 5


def test_an_arn_is_taken_apart() -> None:
    queue = arn_of("arn:aws:sqs:eu-west-1:111122223333:orders")
    table = arn_of("arn:aws:dynamodb:eu-west-1:111122223333:table/cart/stream/2026-01-01T00:00:00")
    stream = arn_of("arn:aws-cn:kinesis:cn-north-1:111122223333:stream/clicks")
    assert queue == ("aws", "sqs", "eu-west-1", "111122223333", "orders")
    assert [arn and arn.name for arn in (queue, table, stream)] == ["orders", "cart", "clicks"]
    assert [arn_of(text) for text in ("", "arn:aws:sqs", "my-queue:a:b:c:d:e")] == [None] * 3


def test_the_arn_of_latest_is_its_functions() -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
    assert [unqualified(f"{arn}{end}") for end in ("", ":$LATEST", ":7")] == [arn, arn, f"{arn}:7"]


def test_a_registry_host_is_told_from_a_path() -> None:
    assert [
        reference(text).path
        for text in ("shop", "acme/shop:1", "localhost:5000/shop:1", "ghcr.io/acme/shop@sha256:ab")
    ] == ["shop", "acme/shop", "shop", "acme/shop"]
    assert registry_host("111122223333", "cn-north-1").endswith(".cn-north-1.amazonaws.com.cn")


def test_a_partial_digest_says_what_it_may_be_of() -> None:
    assert [partial_digest(text) for text in ("1A2B", "sha256:1a2b", "shop@1a2b")] == [
        ("", "1a2b", False),
        ("", "1a2b", True),
        ("shop", "1a2b", True),
    ]


def test_the_arn_of_a_task_definition_is_taken_apart() -> None:
    arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/shop-web:12"
    assert task_definition(arn) == ("shop-web", 12)
    for text in (arn.removesuffix(":12"), "", "shop-web:"):
        with pytest.raises(ValueError, match="int"):
            task_definition(text)
