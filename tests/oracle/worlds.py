"""Random estates that AWS, Docker and git would allow, drawn by hypothesis."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import msgspec

from jotgraph.records import (
    ContentVerdict,
    EcrImage,
    EcrRepository,
    ImageType,
    Inventory,
    Role,
    Workload,
    WorkloadState,
)
from jotgraph.records.kinds import CONSUMERS
from tests.factories import (
    ACCOUNT,
    HERE,
    LAMBDA_ONLY,
    LONG_AGO,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    alias,
    attestation_child,
    child,
    commit,
    container,
    content_match,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    git_repository,
    inventory,
    layer,
    local_image,
    registry,
    role,
    trigger,
    uri,
    version,
    workload,
)

PLACES = (HERE, (ACCOUNT, OTHER_REGION), (OTHER_ACCOUNT, REGION))
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
TAGS = ("v1", "v2", "latest", "prod-1", "edge", "x")
_ROLES = ("r", "s", "t", "u")
_OTHERS = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}}]}
)
_TASKS = _OTHERS.replace("ecs.", "ecs-tasks.")
_OLD = (200.0, 200.0, 200.0, 40.0, 20.0, 0.3)


def world(rng: Random, *, revoked: bool = False) -> Inventory:
    """One estate with its whole scope read: three places of two accounts, one engine, one git.

    ``revoked``: functions may run images of another account whose policy does not let theirs in
    any more."""
    records: list[object] = []
    for account, region in PLACES:
        for name in ("app", "hub/web"):
            if rng.random() < 0.8:
                records += _repository(rng, account, region, name)
    for account in (ACCOUNT, OTHER_ACCOUNT):
        records += [_role(rng, name, account) for name in _ROLES if rng.random() < 0.8]
    for account, region in PLACES:
        records += _lambdas(rng, account, region, records, revoked)
    records += _workloads(rng, records, revoked)
    apart = Random(f"{rng.getstate()[1][:4]}")  # of its own: what else is drawn stays as it was
    records = _inspected(apart, _assumable(records))
    records += _fleets(apart)
    records += _engine(rng, records)
    hub = (("hub/", f"{OTHER_ACCOUNT}/{REGION}"),)
    registries = tuple(
        registry(
            account,
            region,
            replication=(f"{ACCOUNT}/{OTHER_REGION}",) if rng.random() < 0.05 else (),
            replication_by_prefix=hub if rng.random() < 0.1 else (),
            pull_through=("hub",) if rng.random() < 0.1 else (),
        )
        for account, region in PLACES
    )
    return inventory(*records, places=PLACES, registries=registries)


def _repository(rng: Random, account: str, region: str, name: str) -> list[object]:
    admits = [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}}]
    stranger = [{"Effect": "Allow", "Principal": {"AWS": "999999999999"}}]
    policies = ["", "", "", json.dumps({"Statement": admits}), json.dumps({"Statement": stranger})]
    place: dict[str, Any] = {"account": account, "region": region}
    records: list[object] = [
        ecr_repository(
            name,
            policy=rng.choice(policies),
            created_at=days_ago(rng.choice(_OLD)),
            tags=rng.choice(((), (), (("aws:cloudformation:stack-name", "web"),))),
            **place,
        )
    ]
    if rng.random() < 0.3:
        return records
    free = list(TAGS)
    rng.shuffle(free)
    for n in range(1, 6):
        if rng.random() < 0.6:
            tags = tuple(sorted(free.pop() for _ in range(rng.choice((0, 0, 1, 1, 2))) if free))
            records.append(_image(rng, n, tags, name, place))
    return records + _groups(rng, records, name, place)


def _image(
    rng: Random, n: int, tags: tuple[str, ...], name: str, place: dict[str, Any]
) -> EcrImage:
    return ecr_image(
        n,
        *tags,
        repository=name,
        pushed_at=days_ago(rng.choice(_OLD)),
        pulled_at=rng.choice((None, None, days_ago(3), days_ago(30))),
        status=rng.choice(("ACTIVE", "ACTIVE", "ARCHIVED")),
        config_digest=digest(100 + n),
        layers=tuple(layer(500 + m, m) for m in range(n)),
        **place,
    )


def _groups(rng: Random, records: list[object], name: str, place: dict[str, Any]) -> list[object]:
    """Perhaps an index over some images, an attestation, a signature and a referrer."""
    plain = [record for record in records if isinstance(record, EcrImage)]
    attached: list[object] = []
    if plain and rng.random() < 0.5:
        members = rng.sample(plain, rng.randint(1, len(plain)))
        children = [child(member.digest) for member in members]
        if rng.random() < 0.5:
            children.append(attestation_child(30, members[0].digest))
            attached.append(ecr_image(30, repository=name, type=ImageType.ATTESTATION, **place))
        of_index: dict[str, Any] = {"type": ImageType.INDEX, "media_type": INDEX_TYPE}
        tags = rng.choice(((), ("multi",), ("stable",)))
        attached.append(
            ecr_image(20, *tags, repository=name, children=tuple(children), **of_index, **place)
        )
    if plain and rng.random() < 0.3:
        hexes = rng.choice(plain).digest[7:]
        sign: dict[str, Any] = {"type": ImageType.SIGNATURE, "repository": name}
        attached.append(ecr_image(31, f"sha256-{hexes}.sig", **sign, **place))
    if plain and rng.random() < 0.3:
        subject = rng.choice(plain).digest
        attached.append(
            ecr_image(32, repository=name, type=ImageType.SOCI, subject=subject, **place)
        )
    return attached


def _role(rng: Random, name: str, account: str) -> object:
    return role(
        name,
        account=account,
        trust=rng.choice((LAMBDA_ONLY, LAMBDA_ONLY, _TASKS, _OTHERS)),
        created_at=days_ago(rng.choice(_OLD)),
        instance_profiles=("p",) if rng.random() < 0.1 else (),
        **rng.choice(
            (
                {},
                {},
                {"last_used_at": days_ago(50), "last_used_region": REGION},
                {"last_used_at": days_ago(120), "last_used_region": REGION},
                {"last_used_at": days_ago(120), "last_used_region": "ap-south-1"},
            )
        ),
    )


def _lambdas(
    rng: Random, account: str, region: str, records: list[object], revoked: bool
) -> list[object]:
    lambdas: list[object] = []
    place: dict[str, Any] = {"account": account, "region": region}
    open_to = [
        record
        for record in records
        if isinstance(record, EcrRepository)
        and record.region == region
        and (revoked or record.account == account or account in (record.policy or ""))
    ]
    for name in ("f", "g"):
        if rng.random() < 0.7:
            made = _function(rng, name, place, open_to)
            lambdas += [msgspec.structs.replace(made, invocations=rng.choice((0, 0, 5)))]
            numbers = [n for n in range(1, 5) if rng.random() < 0.5]
            for n in numbers:
                lambdas.append(_version(rng, n, name, place, open_to))
            lambdas += _aliases(rng, numbers, name, place)
    for n in range(3):
        if rng.random() < 0.5:
            target = rng.choice(("f", "g", "gone", "f:live", "f:1", "g:2"))
            arn = f"arn:aws:lambda:{region}:{account}:function:{target}"
            when = days_ago(rng.choice(_OLD))
            lambdas.append(trigger(f"{n}", "", function_arn=arn, last_modified=when, **place))
    return lambdas


def _code(rng: Random, repositories: list[EcrRepository]) -> dict[str, Any]:
    """What is deployed: an image of one of the repositories, there or gone."""
    if not repositories or rng.random() < 0.2:
        return {"runs": None, "state": "Active"}
    home = rng.choice(repositories)
    text = uri(home.name, account=home.account, region=home.region)
    n = rng.choice((1, 2, 3, 4, 5, 9))
    deployed = rng.choice((f"{text}:{rng.choice(TAGS)}", f"{text}@{digest(n)}"))
    return {
        "code_sha256": f"{n:064x}",
        "image_uri": deployed,
        "resolved_image_uri": f"{text}@{digest(n)}",
        "state": "Active",
    }


def _function(rng: Random, name: str, place: dict[str, Any], open_to: list[EcrRepository]) -> Any:
    stack = (("aws:cloudformation:stack-name", "web"),)
    return function(
        name,
        role=rng.choice(_ROLES),
        urls=rng.choice(((), (), ("",))),
        policy=rng.choice(("", "", "{}")),
        provisioned=rng.choice((*((),) * 7, ("1",))),
        tags=rng.choice(((), (), stack)),
        last_modified=days_ago(rng.choice(_OLD)),
        last_update_status=Random(f"{rng.getstate()[1][:4]}").choice(
            (*("Successful",) * 9, "Failed")
        ),
        **place,
        **_code(rng, open_to),
    )


def _version(
    rng: Random, n: int, name: str, place: dict[str, Any], open_to: list[EcrRepository]
) -> Any:
    return version(
        n,
        name,
        role=rng.choice(_ROLES),
        invocations=rng.choice((0, 0, 0, 2)),
        last_modified=days_ago(rng.choice(_OLD)),
        **place,
        **_code(rng, open_to),
    )


def _aliases(rng: Random, numbers: list[int], name: str, place: dict[str, Any]) -> list[object]:
    if rng.random() < 0.4:
        return []
    main = rng.choice([*(str(n) for n in numbers), "$LATEST"])
    weights = tuple((str(n), 0.1) for n in numbers if rng.random() < 0.2 and str(n) != main)
    return [alias("live", main, name, weights=weights, **place)]


def _workloads(rng: Random, records: list[object], revoked: bool) -> list[object]:
    """Users of images in any region and account, by tag, by digest, or by both."""
    repositories = [record for record in records if isinstance(record, EcrRepository)]
    workloads: list[object] = []
    for n in range(4):
        if not repositories or rng.random() < 0.6:
            continue
        account, region = rng.choice(PLACES)
        home = rng.choice(repositories)
        if not (revoked or home.account == account or account in (home.policy or "")):
            continue
        text = uri(home.name, account=home.account, region=home.region)
        tag, pinned = f"{text}:{rng.choice(TAGS)}", digest(rng.choice((1, 2, 3, 4, 5, 9)))
        service = rng.choice([consumer for consumer in CONSUMERS if consumer != "eks"])
        state = rng.choice(tuple(WorkloadState))
        used = rng.choice((tag, f"{text}@{pinned}", (tag, pinned), "docker.io/library/nginx:1"))
        roles = (f"arn:aws:iam::{account}:role/{rng.choice(_ROLES)}",) * (rng.random() < 0.5)
        place: dict[str, Any] = {"account": account, "region": region, "service": service}
        workloads.append(workload(f"w{n}", used, state=state, roles=roles, **place))
    return workloads


def _assumable(records: list[object]) -> list[object]:
    """The same, in which no workload has a role that trusts Lambda alone and no other."""
    own = {
        record.arn for record in records if isinstance(record, Role) and record.trust == LAMBDA_ONLY
    }
    return [
        msgspec.structs.replace(record, roles=tuple(arn for arn in record.roles if arn not in own))
        if isinstance(record, Workload)
        else record
        for record in records
    ]


def _inspected(rng: Random, records: list[object]) -> list[object]:
    """The same with what Inspector says of some images: that they are used, or when they were."""
    inspected: list[object] = []
    for record in records:
        if isinstance(record, EcrImage) and rng.random() < 0.1:
            record = msgspec.structs.replace(record, last_in_use_at=days_ago(rng.choice((1, 50))))
        if isinstance(record, EcrImage) and rng.random() < 0.05:
            place = {"account": record.account, "region": record.region}
            home = uri(record.repository, **place)
            name = f"{record.repository}@{record.digest[-6:]}"
            used = f"{home}@{record.digest}"
            inspected.append(workload(name, used, service="inspector", type="image-use", **place))
        inspected.append(record)
    return inspected


def _fleets(rng: Random) -> list[object]:
    """Capacity providers of Lambda, each with its operator role."""
    return [
        workload(
            "fleet",
            service="lambda",
            type="capacity-provider",
            account=account,
            region=region,
            roles=(f"arn:aws:iam::{account}:role/{rng.choice(_ROLES)}",),
        )
        for account, region in PLACES
        if rng.random() < 0.1
    ]


def _engine(rng: Random, records: list[object]) -> list[object]:
    ecr = [record for record in records if isinstance(record, EcrImage) and record.config_digest]
    local: list[object] = []
    for n in range(1, 7):
        if rng.random() < 0.6:
            mine = digest(100 + n)
            pushed = [
                f"{uri(image.repository)}@{image.digest}"
                for image in ecr
                if image.digest == digest(n)
            ]
            local.append(
                local_image(
                    mine,
                    *rng.choice(((), ("app:v1",), ("app:latest",))),
                    config_digest=mine,
                    repo_digests=rng.choice(((), tuple(sorted(set(pushed))))),
                    created_at=days_ago(rng.choice(_OLD)),
                    parent=rng.choice((None, None, digest(100 + rng.randint(1, 6)))),
                    size=n,
                )
            )
            if rng.random() < 0.3:
                local.append(
                    content_match(
                        local_image(mine).id,
                        "a" * 40,
                        repository="git",
                        verdict=rng.choice((ContentVerdict.EXACT, ContentVerdict.NEAREST)),
                    )
                )
    for n in range(3):
        if rng.random() < 0.4:
            state = rng.choice(("running", "exited", "created", "dead"))
            target = digest(100 + rng.randint(1, 6))
            made = days_ago(rng.choice(_OLD))
            local.append(container(f"c{n}", target, state=state, created_at=made))
    tip = commit("a" * 40, committed_at=LONG_AGO, repositories=("git",))
    return [*local, git_repository("git", head=tip.sha), tip]


def deeper(rng: Random, whole: Inventory) -> Inventory:
    """The same estate with indexes of indexes, signatures of images that are kept elsewhere, and
    registries that fetch from one another by pull-through rules."""
    images: dict[str, EcrImage] = {image.id: image for image in whole.ecr_images}
    for image in whole.ecr_images:
        home: dict[str, Any] = {
            "account": image.account,
            "region": image.region,
            "repository": image.repository,
        }
        if image.type is ImageType.INDEX and rng.random() < 0.6:
            outer = ecr_image(
                21,
                *rng.choice(((), ("outer",), ("prod-9",))),
                type=ImageType.INDEX,
                media_type=INDEX_TYPE,
                children=(child(image.digest),),
                pushed_at=days_ago(rng.choice((200.0, 0.3))),
                **home,
            )
            images[outer.id] = outer
        if rng.random() < 0.1:
            apart = ecr_image(
                40, f"sha256-{777:064x}.sig", type=ImageType.SIGNATURE, subject=digest(777), **home
            )
            images[apart.id] = apart
    fetched = [registry.place for registry in whole.registries]
    registries = tuple(
        msgspec.structs.replace(
            registry,
            upstreams=((rng.choice(("", "hub", "app")), "/".join(rng.choice(fetched))),),
        )
        if rng.random() < 0.2
        else registry
        for registry in whole.registries
    )
    return msgspec.structs.replace(
        whole,
        ecr_images=tuple(images[resource] for resource in sorted(images)),
        registries=registries,
    )
