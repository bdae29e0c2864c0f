"""A small estate as a literal inventory: one repository of five commits, what was built of it, and
what runs, with one fault of each kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jotgraph.records import (
    Alias,
    Commit,
    EcrImage,
    EcrRepository,
    Function,
    Gap,
    GitRepository,
    ImageType,
    Inventory,
    LocalImage,
    Role,
    Scope,
    Version,
    pairs,
)
from tests.estates import asked

ACCOUNT, REGION = "111111111111", "eu-west-1"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOURCE = "https://git.example.com/shop/shop"
SHAS = tuple(f"{number}" + "c0ffee" * 6 + "abc" for number in range(1, 6))
"""main is 1-2-3-4; 5 is on the branch side, from 2."""


def digest(number: int) -> str:
    return f"sha256:{number:02x}" + "5eed" * 15 + "00"


def sha256(number: int) -> str:
    return digest(number).removeprefix("sha256:")


def commit(number: int, parents: tuple[int, ...], subject: str) -> Commit:
    return Commit(
        sha=SHAS[number - 1],
        parents=tuple(SHAS[each - 1] for each in parents),
        committed_at=START + timedelta(hours=number),
        author="Ada",
        subject=subject,
        repositories=("shop",),
    )


def local(number: int, tag: str, of_commit: int, pushed: str) -> LocalImage:
    return LocalImage(
        image_id=digest(100 + number),
        tags=(tag,) if tag else (),
        repo_digests=(f"{HOST}/{pushed}",) if pushed else (),
        config_digest=digest(100 + number),
        created_at=START + timedelta(hours=of_commit, minutes=10),
        size=50_000_000,
        labels=pairs(
            {
                "org.opencontainers.image.revision": SHAS[of_commit - 1],
                "org.opencontainers.image.source": SOURCE,
            }
        ),
        engine="engine",
    )


def image(number: int, repository: str, tags: tuple[str, ...], **more: object) -> EcrImage:
    fields: dict[str, object] = {
        "account": ACCOUNT,
        "region": REGION,
        "repository": repository,
        "digest": digest(number),
        "tags": tags,
        "pushed_at": START + timedelta(hours=number),
        "size": 20_000_000,
        "type": ImageType.IMAGE,
        "manifest_read": True,
        "config_digest": digest(100 + number),
    }
    return EcrImage(**{**fields, **more})  # type: ignore[arg-type] # literal fields of tests


def configuration(name: str, number: int, role: str, tag: str, **more: object) -> dict[str, object]:
    repository, _, _ = tag.partition(":")
    fields: dict[str, object] = {
        "account": ACCOUNT,
        "region": REGION,
        "name": name,
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
        "code_sha256": sha256(number),
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
        "last_modified": START + timedelta(days=1),
        "image_uri": f"{HOST}/{tag}",
        "resolved_image_uri": f"{HOST}/{repository}@{digest(number)}",
        "state": "Active",
        "last_update_status": "Successful",
    }
    return {**fields, **more}


def function(name: str, number: int, role: str, tag: str, **more: object) -> Function:
    return Function(**configuration(name, number, role, tag, **more))  # type: ignore[arg-type] # as above


def version(name: str, which: str, number: int, role: str, tag: str, **more: object) -> Version:
    fields = configuration(name, number, role, tag, **more)
    fields["arn"] = f"{fields['arn']}:{which}"
    return Version(**fields, number=which)  # type: ignore[arg-type] # as above


def role(name: str, path: str = "/") -> Role:
    return Role(
        account=ACCOUNT,
        name=name,
        path=path,
        arn=f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
        created_at=START - timedelta(days=90),
        trust='{"Statement":[{"Principal":{"Service":"lambda.amazonaws.com"}}]}',
    )


def repository(name: str) -> EcrRepository:
    return EcrRepository(
        account=ACCOUNT,
        region=REGION,
        name=name,
        arn=f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}",
        uri=f"{HOST}/{name}",
        mutability="MUTABLE",
        policy="",
        lifecycle="",
    )


DENIED = Gap(
    service="ecr",
    action="GetRepositoryPolicy",
    account=ACCOUNT,
    region=REGION,
    resource="shop/billing",
    reason="denied",
    detail="allow ecr:GetRepositoryPolicy",
    facts=("policy",),
)


def estate(*gaps: Gap) -> Inventory:
    """``checkout``: current, version 1 behind a weighted alias; ``billing``: its tag moved;
    ``report``: its image is gone; ``nightly``: a zip package."""
    return Inventory(
        taken_at=START + timedelta(days=2),
        scope=Scope(
            accounts=(ACCOUNT,),
            places=((ACCOUNT, REGION),),
            git=("shop",),
            engine="engine",
            enabled=((ACCOUNT, REGION),),
            coverage=asked((ACCOUNT, REGION)),
        ),
        gaps=gaps,
        git=(
            GitRepository(
                key="shop",
                path="/src/shop",
                remotes=(f"{SOURCE}.git",),
                head=SHAS[3],
                head_ref="refs/heads/main",
                refs=pairs(
                    {
                        "refs/heads/main": SHAS[3],
                        "refs/heads/side": SHAS[4],
                        "refs/tags/v1": SHAS[1],
                    }
                ),
            ),
        ),
        commits=(
            commit(1, (), "Start the shop"),
            commit(2, (1,), "Add checkout"),
            commit(3, (2,), "Add billing"),
            commit(4, (3,), "Charge in cents"),
            commit(5, (2,), "Try another basket"),
        ),
        local_images=(
            local(1, "shop/checkout:dev", 4, f"shop/checkout@{digest(1)}"),
            local(2, "", 2, f"shop/checkout@{digest(2)}"),
            local(3, "shop/billing:dev", 3, f"shop/billing@{digest(3)}"),
            local(4, "scratch:test", 5, ""),
        ),
        ecr_repositories=(repository("shop/checkout"), repository("shop/billing")),
        ecr_images=(
            image(1, "shop/checkout", ("v2", "prod")),
            image(2, "shop/checkout", ()),
            image(3, "shop/billing", ()),
            image(5, "shop/billing", ("latest",)),
        ),
        functions=(
            function("checkout", 1, "service/checkout-role", "shop/checkout:prod"),
            function("billing", 3, "billing-role", "shop/billing:latest"),
            function(
                "report", 9, "billing-role", "shop/billing:r1", state="Failed",
                state_reason="ImageDeleted",
            ),
            function(
                "nightly", 0, "gone-role", "", package_type="Zip", code_sha256="emlw",
                image_uri=None, resolved_image_uri=None, state="Inactive", state_reason="Idle",
            ),
        ),
        versions=(
            version("checkout", "1", 2, "service/checkout-role", "shop/checkout:prod"),
            version("checkout", "2", 1, "service/checkout-role", "shop/checkout:prod"),
        ),
        aliases=(
            Alias(
                account=ACCOUNT, region=REGION, function_name="checkout", name="live",
                version="2", weights=(("1", 0.1),),
            ),
        ),
        roles=(role("checkout-role", "/service/"), role("billing-role")),
    )  # fmt: skip
