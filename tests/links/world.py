"""A small inventory in which every rule finds something, and one that shuffles it."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec

from jotgraph.records import (
    Alias,
    Child,
    Container,
    ContentMatch,
    ContentVerdict,
    EcrRepository,
    FileFact,
    ImageType,
    Inventory,
    LocalImage,
    Role,
    Statement,
    Trigger,
    Version,
    WorkloadState,
)
from tests.links.build import (
    ACCOUNT,
    HOST,
    NOON,
    REGION,
    commit,
    digest,
    ecr,
    function,
    git,
    inventory,
    local,
    sha,
    workload,
)

REMOTE = "https://github.com/acme/shop"
REVISION = "org.opencontainers.image.revision"
SOURCE = "org.opencontainers.image.source"
VERSION = "org.opencontainers.image.version"
BASE = "org.opencontainers.image.base.digest"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/app"
ONE, TWO = (digest(100),), (digest(100), digest(101))


def _code(number: int) -> str:
    return digest(number).removeprefix("sha256:")


def _version(number: str, code: int) -> Version:
    return Version(
        account=ACCOUNT,
        region=REGION,
        name="pay",
        number=number,
        code_sha256=_code(code),
        role_arn=ROLE,
    )


def world() -> Inventory:
    return inventory(
        git=(
            git(head=500, remote=REMOTE, tags={"v1.0.0": 1}, heads={"prod": 500}),
            git("base", head=600),
        ),
        commits=(
            commit(1),
            commit(500, 1, minutes=30),
            commit(600, repository="base"),
            commit(0x700, minutes=31),
            commit(0x701, minutes=32),
        ),
        local_images=(
            local(11, "shop:1.0.0", config_digest=digest(11), diff_ids=TWO),
            local(12, diff_ids=TWO, repo_digests=(f"{HOST}/shop@{digest(2)}",)),
            local(5, os="linux", architecture="amd64"),
            LocalImage(image_id="sha256:" + "ab" * 32),
            local(13, repo_digests=(f"{HOST}/shop@{digest(44)}",)),
        ),
        content=tuple(
            ContentMatch(
                resource=local(11).id,
                repository=repository,
                verdict=verdict,
                commits=(sha(500), sha(1)),
                count=2,
                newest=sha(500),
                oldest=sha(1),
                unexplained_count=unexplained,
                facts=(
                    FileFact("app/.git/HEAD", "git", sha(500)),
                    FileFact("app/REVISION", "file", sha(500)),
                ),
            )
            for repository, verdict, unexplained in (
                ("shop", ContentVerdict.EXACT, 0),
                ("fork", ContentVerdict.EXACT, 3),
                ("part", ContentVerdict.SUBSET, 0),
                ("base", ContentVerdict.WEAK, 0),
            )
        ),
        containers=(Container(container_id="c", image_id=digest(11)),),
        ecr_repositories=(
            EcrRepository(account=ACCOUNT, region=REGION, name="shop"),
            EcrRepository(account=ACCOUNT, region=REGION, name="copy"),
        ),
        ecr_images=(
            ecr(
                1,
                "prod",
                "1.0.0",
                config_digest=digest(11),
                diff_ids=TWO,
                labels={REVISION: sha(500), SOURCE: REMOTE, BASE: digest(3)},
                env=(("GIT_SHA", sha(1)),),
                created_at=NOON + timedelta(minutes=30),
            ),
            ecr(
                2,
                sha(500),
                "a700",
                labels={REVISION: sha(600), SOURCE: REMOTE, VERSION: "1.0.0", "built": sha(1)},
            ),
            ecr(2, repository="copy"),
            ecr(3, sha(500)[:8], diff_ids=ONE, labels={"commit": sha(1)[:8]}),
            ecr(4, sha(0x700)[:7], labels={REVISION: "d" * 40}),
            ecr(
                5,
                f"v1.0.0-1-g{sha(500)[:8]}",
                f"v1.0.0-7-g{sha(500)[:8]}",
                type=ImageType.INDEX,
                children=(
                    Child(digest(6), "linux/amd64"),
                    Child(digest(7), "unknown/unknown", digest(6)),
                ),
            ),
            ecr(6, repository="other", created_at=NOON + timedelta(minutes=31)),
            ecr(
                7,
                type=ImageType.ATTESTATION,
                statements=(
                    Statement(
                        predicate="https://slsa.dev/provenance/v0.2",
                        subjects=(digest(6),),
                        source=REMOTE,
                        revision=sha(500),
                    ),
                    Statement(
                        predicate="https://slsa.dev/provenance/v1",
                        subjects=(digest(6),),
                        revision=sha(1),
                    ),
                ),
            ),
            ecr(45, "pay-abababababab-python3.12-v1", repository="sam"),
            ecr(
                8,
                f"sha256-{1:064x}.sig",
                type=ImageType.SIGNATURE,
                subject=digest(1),
                statements=(
                    Statement(
                        predicate="application/vnd.dev.cosign.simplesigning.v1+json",
                        subjects=(digest(1),),
                        revision=sha(1),
                        signed=True,
                    ),
                ),
            ),
            ecr(9, type=ImageType.ARTIFACT, subject=digest(1)),
        ),
        functions=(
            function(
                code_sha256=_code(1),
                role_arn=ROLE,
                image_uri=f"{HOST}/shop:prod",
                tags=(("GIT_SHA", sha(1)),),
                description=f"release {sha(1)}",
                env=(("DD_VERSION", sha(1)[:10]),),
                resolved_image_uri=f"{HOST}/shop@{digest(1)}",
            ),
        ),
        versions=(
            _version("1", 1),
            _version("2", 2),
            _version("3", 99),
            msgspec.structs.replace(
                _version("4", 44), resolved_image_uri=f"{HOST}/shop@{digest(44)}"
            ),
        ),
        aliases=(
            Alias(
                account=ACCOUNT,
                region=REGION,
                function_name="pay",
                name="live",
                version="2",
                weights=(("1", 0.25),),
            ),
            Alias(
                account=ACCOUNT,
                region=REGION,
                function_name="pay",
                name=sha(500)[:12],
                version="1",
                description=f"of {sha(500)}",
            ),
        ),
        triggers=(
            Trigger(
                account=ACCOUNT,
                region=REGION,
                uuid="u",
                function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay:live",
            ),
        ),
        workloads=(
            workload((f"{HOST}/shop:prod", digest(2)), roles=(ROLE,)),
            workload(
                f"{HOST}/shop:1.0.0",
                type="task-definition",
                name="web:1",
                state=WorkloadState.ACTIVE,
                mentions=(ROLE, digest(3)),
            ),
        ),
        roles=(
            Role(account=ACCOUNT, name="app", path="/service/", arn=ROLE),
            Role(account=ACCOUNT, name="outer", tags=(("assumes", ROLE),)),
        ),
    )


def shuffled(known: Inventory, seed: int) -> Inventory:
    """The same records in another order."""
    order = random.Random(seed)
    parts = {}
    for field in msgspec.structs.fields(Inventory):
        value = getattr(known, field.name)
        if isinstance(value, tuple):
            parts[field.name] = tuple(order.sample(value, len(value)))
    return msgspec.structs.replace(known, **parts)
