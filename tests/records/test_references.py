"""Names taken apart."""

from __future__ import annotations

import pytest

from jotgraph.records.references import (
    EcrReference,
    Reference,
    ecr_reference,
    reference,
    repository_key,
)
from tests.links.build import digest


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


@pytest.mark.parametrize("uri", [None, "", "shop:v1", "public.ecr.aws/lambda/python:3.12"])
def test_no_ecr(uri: str | None) -> None:
    assert ecr_reference(uri) is None
