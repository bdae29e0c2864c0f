"""A small estate as a literal inventory: one repository of five commits, what was built of it, and
what runs, with one fault of each kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from jotgraph.records import (
    Commit,
    EcrImage,
    EcrRepository,
    Function,
    Gap,
    Inventory,
    LocalImage,
    Role,
    Version,
)
from tests import factories

ACCOUNT, REGION = "111111111111", factories.REGION
PLACE = (ACCOUNT, REGION)
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOURCE = "https://git.example.com/shop/shop"
SHAS = tuple(f"{number}" + "c0ffee" * 6 + "abc" for number in range(1, 6))
"""main is 1-2-3-4; 5 is on the branch side, from 2."""


def digest(number: int) -> str:
    return f"sha256:{number:02x}" + "5eed" * 15 + "00"


def _commit(number: int, parents: tuple[int, ...], subject: str) -> Commit:
    return factories.commit(
        SHAS[number - 1],
        *(SHAS[parent - 1] for parent in parents),
        committed_at=START + timedelta(hours=number),
        author="Ada",
        subject=subject,
    )


def _local(number: int, tag: str, of_commit: int, pushed: str) -> LocalImage:
    return factories.local_image(
        digest(100 + number),
        *((tag,) if tag else ()),
        repo_digests=(f"{HOST}/{pushed}",) if pushed else (),
        config_digest=digest(100 + number),
        created_at=START + timedelta(hours=of_commit, minutes=10),
        size=50_000_000,
        labels={
            "org.opencontainers.image.revision": SHAS[of_commit - 1],
            "org.opencontainers.image.source": SOURCE,
        },
        engine="engine",
    )


def image(number: int, repository: str, *tags: str) -> EcrImage:
    return factories.ecr_image(
        digest(number),
        *tags,
        repository=repository,
        account=ACCOUNT,
        pushed_at=START + timedelta(hours=number),
        size=20_000_000,
        config_digest=digest(100 + number),
    )


_USUAL: dict[str, Any] = {
    "account": ACCOUNT,
    "last_modified": START + timedelta(days=1),
    "last_update_status": "Successful",
    "tags": None,
    "invocations": None,
}
"""Neither tags nor calls were read."""


def _function(name: str, runs: str | None, deployed: str, role: str, **fields: Any) -> Function:
    """A function whose policy and URLs were not read either."""
    repository, _, tag = deployed.partition(":")
    usual = {**_USUAL, "policy": None, "urls": None, **fields}
    return factories.function(name, runs, tag=tag, role=role, repository=repository, **usual)


def _version(number: int, name: str, runs: str, deployed: str, role: str) -> Version:
    repository, _, tag = deployed.partition(":")
    return factories.version(
        number, name, runs, tag=tag, role=role, repository=repository, **_USUAL
    )


def role(name: str, path: str = "/") -> Role:
    created = START - timedelta(days=90)
    return factories.role(name, path=path, account=ACCOUNT, created_at=created)


def _repository(name: str) -> EcrRepository:
    return factories.ecr_repository(
        name, account=ACCOUNT, mutability="MUTABLE", created_at=None, tags=None
    )


DENIED = factories.gap(
    "ecr:GetRepositoryPolicy",
    account=ACCOUNT,
    resource="shop/billing",
    detail="allow ecr:GetRepositoryPolicy",
    facts=("policy",),
)


def estate(*gaps: Gap) -> Inventory:
    """``checkout``: current, version 1 behind a weighted alias; ``billing``: its tag moved;
    ``report``: its image is gone; ``nightly``: a zip package."""
    return factories.inventory(
        factories.git_repository(
            head=SHAS[3],
            remote=f"{SOURCE}.git",
            heads={"side": SHAS[4]},
            tags={"v1": SHAS[1]},
            path="/src/shop",
        ),
        _commit(1, (), "Start the shop"),
        _commit(2, (1,), "Add checkout"),
        _commit(3, (2,), "Add billing"),
        _commit(4, (3,), "Charge in cents"),
        _commit(5, (2,), "Try another basket"),
        _local(1, "shop/checkout:dev", 4, f"shop/checkout@{digest(1)}"),
        _local(2, "", 2, f"shop/checkout@{digest(2)}"),
        _local(3, "shop/billing:dev", 3, f"shop/billing@{digest(3)}"),
        _local(4, "scratch:test", 5, ""),
        _repository("shop/checkout"),
        _repository("shop/billing"),
        image(1, "shop/checkout", "v2", "prod"),
        image(2, "shop/checkout"),
        image(3, "shop/billing"),
        image(5, "shop/billing", "latest"),
        _function("checkout", digest(1), "shop/checkout:prod", "service/checkout-role"),
        _function("billing", digest(3), "shop/billing:latest", "billing-role"),
        _function(
            "report",
            digest(9),
            "shop/billing:r1",
            "billing-role",
            state="Failed",
            state_reason="ImageDeleted",
        ),
        _function("nightly", None, "", "gone-role", state="Inactive", state_reason="Idle"),
        _version(1, "checkout", digest(2), "shop/checkout:prod", "service/checkout-role"),
        _version(2, "checkout", digest(1), "shop/checkout:prod", "service/checkout-role"),
        factories.alias("live", 2, "checkout", account=ACCOUNT, weights=(("1", 0.1),)),
        role("checkout-role", "/service/"),
        role("billing-role"),
        taken_at=START + timedelta(days=2),
        scope=factories.scope(PLACE, git=("shop",), window_days=0),
        registries=(),
        gaps=gaps,
    )
