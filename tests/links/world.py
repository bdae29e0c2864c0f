"""A small inventory in which every rule finds something, and one that shuffles it."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec

from jotgraph.records import (
    ContentVerdict,
    ImageType,
    Inventory,
    WorkloadState,
)
from tests.factories import (
    HOST,
    NOW,
    REVISION,
    alias,
    attestation_child,
    child,
    commit,
    container,
    content_match,
    digest,
    ecr_image,
    ecr_repository,
    file_fact,
    function,
    git_repository,
    inventory,
    local_image,
    log_group,
    role,
    role_arn,
    sha,
    statement,
    trigger,
    version,
    workload,
)

REMOTE = "https://github.com/acme/shop"
SOURCE = "org.opencontainers.image.source"
VERSION = "org.opencontainers.image.version"
BASE = "org.opencontainers.image.base.digest"
ROLE = role_arn("app", path="/service/")
ONE, TWO = (digest(100),), (digest(100), digest(101))


def world() -> Inventory:
    return inventory(
        git_repository(
            head=500,
            remote=REMOTE,
            tags={"v1.0.0": 1},
            heads={"prod": 500},
            trees=((f"{sha(500)}:fn", "e" * 40),),
        ),
        git_repository("base", head=600),
        commit(1),
        commit(500, 1, minutes=30),
        commit(600, repositories=("base",)),
        commit(0x700, minutes=31),
        commit(0x701, minutes=32),
        local_image(11, "shop:1.0.0", config_digest=digest(11), diff_ids=TWO),
        local_image(12, diff_ids=TWO, repo_digests=(f"{HOST}/app@{digest(2)}",)),
        local_image(
            5,
            os="linux",
            architecture="amd64",
            labels={REVISION: sha(500), "jotgraph.folder": "fn", "jotgraph.tree": "e" * 40},
        ),
        local_image("sha256:" + "ab" * 32),
        local_image(13, repo_digests=(f"{HOST}/app@{digest(44)}",)),
        *(
            content_match(
                local_image(11).id,
                500,
                1,
                repository=repository,
                verdict=verdict,
                unexplained_count=unexplained,
                facts=(
                    file_fact("app/.git/HEAD", "git", sha(500)),
                    file_fact("app/REVISION", "file", sha(500)),
                    file_fact("app/shop-1.0.0.dist-info/RECORD", "release", "1.0.0", package=True),
                ),
            )
            for repository, verdict, unexplained in (
                ("shop", ContentVerdict.EXACT, 0),
                ("fork", ContentVerdict.EXACT, 3),
                ("part", ContentVerdict.SUBSET, 0),
                ("base", ContentVerdict.WEAK, 0),
            )
        ),
        container(image=11),
        ecr_repository(),
        ecr_repository("copy"),
        ecr_image(
            1,
            "prod",
            "1.0.0",
            config_digest=digest(11),
            diff_ids=TWO,
            labels={REVISION: sha(500), SOURCE: REMOTE, BASE: digest(3)},
            env=(("GIT_SHA", sha(1)),),
            created_at=NOW + timedelta(minutes=30),
        ),
        ecr_image(
            2,
            sha(500),
            "a700",
            labels={REVISION: sha(600), SOURCE: REMOTE, VERSION: "1.0.0", "built": sha(1)},
        ),
        ecr_image(2, repository="copy"),
        ecr_image(46, repository="shop", pushed_at=NOW + timedelta(minutes=45)),
        ecr_image(3, sha(500)[:8], diff_ids=ONE, labels={"commit": sha(1)[:8]}),
        ecr_image(4, sha(0x700)[:7], labels={REVISION: "d" * 40}),
        ecr_image(
            5,
            f"v1.0.0-1-g{sha(500)[:8]}",
            f"v1.0.0-7-g{sha(500)[:8]}",
            type=ImageType.INDEX,
            children=(child(6), attestation_child(7, 6)),
        ),
        ecr_image(6, repository="other", created_at=NOW + timedelta(minutes=31)),
        ecr_image(
            7,
            type=ImageType.ATTESTATION,
            statements=(
                statement(6, source=REMOTE, revision=sha(500)),
                statement(6, predicate="https://slsa.dev/provenance/v1", revision=sha(1)),
            ),
        ),
        ecr_image(45, "pay-abababababab-python3.12-v1", repository="sam"),
        ecr_image(
            8,
            f"sha256-{1:064x}.sig",
            type=ImageType.SIGNATURE,
            subject=digest(1),
            statements=(
                statement(
                    1,
                    predicate="application/vnd.dev.cosign.simplesigning.v1+json",
                    revision=sha(1),
                    signed=True,
                ),
            ),
        ),
        ecr_image(9, type=ImageType.ARTIFACT, subject=digest(1)),
        function(
            tag="prod",
            role_arn=ROLE,
            tags=(("GIT_SHA", sha(1)),),
            description=f"release {sha(1)}",
            env=(("DD_VERSION", sha(1)[:10]),),
        ),
        function("half", last_update_status="Failed", role_arn=ROLE),
        version(1, role_arn=ROLE),
        version(2, runs=2, role_arn=ROLE),
        version(3, runs=99, role_arn=ROLE),
        version(4, runs=44, tag="v4", role_arn=ROLE),
        alias("live", 2, weights=(("1", 0.25),)),
        alias(sha(500)[:12], 1, description=f"of {sha(500)}"),
        trigger(function="pay:live"),
        workload("web", (f"{HOST}/app:prod", digest(2)), roles=(ROLE,)),
        workload(
            "web:1",
            f"{HOST}/app:1.0.0",
            type="task-definition",
            state=WorkloadState.ACTIVE,
            mentions=(ROLE, digest(3)),
        ),
        role("app", path="/service/"),
        role("outer", tags=(("assumes", ROLE),)),
        log_group(),
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
