"""Random estates in which as much as possible leads from one account, region or unit to another.

Those of ``tests.oracle.worlds`` (cross-account policies, replication, workloads of other regions),
entangled: texts that name what is elsewhere, digests without a repository, copies with scans, roles
that several accounts and repositories name, and facts that were not read.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from msgspec.structs import replace

from jotgraph.analysis.usage import Options
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Function,
    ImageType,
    Inventory,
    Record,
    Role,
    Version,
    WorkloadState,
)
from tests.factories import (
    ACCOUNT,
    LONG_AGO,
    REGION,
    child,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    image_scan,
    local_image,
    log_group,
    role,
    uri,
    workload,
)
from tests.factories.names import function_arn, role_arn
from tests.oracle.reductions import ALL
from tests.oracle.worlds import PLACES, world

OPTIONS = (
    Options(),
    Options(keep_last=0, keep=(), young_days=0, role_young_days=0, idle_functions=True),
    Options(keep_images=2, keep_days=30, assume_no=("ecs", "lambda"), ignore=("pulled",)),
)


def estate(rng: Random) -> Inventory:
    """An entangled estate of which perhaps not everything was read."""
    whole = world(rng, revoked=rng.random() < 0.5)
    whole = _with(whole, [*_more(rng), *_bare_workloads(rng), *_clusters(rng)])
    for _ in range(rng.choice((0, 0, 1, 2))):
        whole = rng.choice(ALL)(rng, whole)
    return replace(
        whole,
        functions=tuple(_function(rng, function, whole) for function in whole.functions),
        versions=tuple(_unread(rng, version) for version in whole.versions),
        roles=tuple(_role(rng, role, whole) for role in whole.roles),
        ecr_repositories=tuple(_policy(rng, repository) for repository in whole.ecr_repositories),
        ecr_images=tuple(_image(rng, image) for image in whole.ecr_images),
    )


def _with(whole: Inventory, records: list[Record]) -> Inventory:
    """The same with more records, where nothing has their ids."""
    known = {record.id for record in whole.records()}
    fields: dict[str, Any] = {}
    for name in ("ecr_repositories", "ecr_images", "functions", "roles", "workloads", "log_groups"):
        added = [record for record in records if _FIELD[type(record).__name__] == name]
        new = {record.id: record for record in added if record.id not in known}
        fields[name] = (*getattr(whole, name), *new.values())
    images = tuple(local_image(n, created_at=LONG_AGO) for n in (2, 20) if digest(n) not in known)
    return replace(whole, **fields, local_images=(*whole.local_images, *images))


_FIELD = {
    "EcrRepository": "ecr_repositories",
    "EcrImage": "ecr_images",
    "Function": "functions",
    "Role": "roles",
    "Workload": "workloads",
    "LogGroup": "log_groups",
}


def _more(rng: Random) -> list[Record]:
    """More repositories of each place, with copies of what others hold, and who logs where."""
    records: list[Record] = []
    for account, region in PLACES:
        place: dict[str, Any] = {"account": account, "region": region}
        for name in ("copies", "quiet"):
            if rng.random() < 0.6:
                records.append(ecr_repository(name, **place))
                records += [
                    ecr_image(
                        n, *([f"v{n}"] if rng.random() < 0.5 else []), repository=name, **place
                    )
                    for n in range(1, 8)
                    if rng.random() < 0.4
                ]
        if rng.random() < 0.3:
            listed = tuple(child(digest(n)) for n in rng.sample(range(1, 12), 2))
            index: dict[str, Any] = {"type": ImageType.INDEX, "children": listed, **place}
            records.append(ecr_image(40, "multi", repository="copies", **index))
        for name in ("f", "g", "gone", "us-east-1.f"):
            if rng.random() < 0.4:
                tags = rng.choice((None, ()))
                records.append(log_group(f"/aws/lambda/{name}", tags=tags, **place))
        if rng.random() < 0.4:
            of = {"account": rng.choice((ACCOUNT, account)), "region": region}
            runs = rng.choice((1, 2, 9))
            records.append(function("h", runs, tag=None, role="shared", **place))
            home = uri(rng.choice(("app", "copies")), **of)
            records.append(function("i", runs, image_uri=f"{home}:v{runs}", tag=None, **place))
    records += [role("shared", account=account) for account in {place[0] for place in PLACES}]
    return records


def _bare_workloads(rng: Random) -> list[Record]:
    """Pods of which a node tells the digest alone, of a manifest or of a configuration, some with
    a second container that has a reference."""
    return [
        workload(
            f"pod{n}",
            digest(rng.choice((1, 2, 9, 20, 101, 103, 777, 778))),
            *rng.choice(((), (f"{uri(rng.choice(('app', 'quiet')))}:v1",))),
            service="kubernetes",
            type="pod",
            state=rng.choice(tuple(WorkloadState)),
            account=account,
            region=region,
        )
        for n, (account, region) in enumerate(PLACES)
        if rng.random() < 0.3
    ]


def _clusters(rng: Random) -> list[Record]:
    account, region = rng.choice(PLACES)
    cluster = workload("c", service="eks", type="cluster", account=account, region=region)
    return [cluster] if rng.random() < 0.2 else []


def _names(rng: Random, whole: Inventory) -> tuple[str, ...]:
    """What a text may name, of any place."""
    account, region = rng.choice(PLACES)
    place = {"account": account, "region": region}
    choices = (
        digest(rng.randint(1, 9)),
        f"{uri(rng.choice(('app', 'hub/web', 'copies')), **place)}:v1",
        f"{uri('app', **place)}@{digest(rng.randint(1, 9))}",
        role_arn(rng.choice(("r", "s", "shared")), account=account),
        function_arn(rng.choice(("f", "g", "f:1", "g:live", "h")), **place),
        f"/aws/lambda/{rng.choice(('f', 'gone'))}",
    )
    return tuple(rng.sample(choices, rng.randint(1, 2)))


def _function(rng: Random, configuration: Function, whole: Inventory) -> Function:
    named = _names(rng, whole) if rng.random() < 0.3 else ()
    configuration = replace(configuration, mentions=named) if rng.random() < 0.7 else configuration
    if rng.random() < 0.1:
        account, region = rng.choice(PLACES)
        called = function_arn("f:1", account=account, region=region)
        policy = {"Statement": [{"Effect": "Allow", "Resource": called}]}
        configuration = replace(configuration, policy=json.dumps(policy))
    unread: Function = _unread(rng, configuration)
    return unread


def _unread(rng: Random, configuration: Any) -> Any:
    """Perhaps without what GetFunction says, and seldom without what the list says."""
    dice = rng.random()
    if dice < 0.25:
        return replace(configuration, image_uri=None, resolved_image_uri=None, state=None)
    if dice < 0.32:
        return replace(configuration, image_uri=None)
    if dice < 0.35:
        return replace(configuration, image_uri=None, resolved_image_uri=None, code_sha256="")
    if dice < 0.38:
        return replace(configuration, role_arn="")
    if dice < 0.41:
        return (
            replace(configuration, region="us-east-1")
            if isinstance(configuration, Version)
            else configuration
        )
    return configuration


def _role(rng: Random, role: Role, whole: Inventory) -> Role:
    if rng.random() > 0.2:
        return role
    return replace(role, tags=tuple((f"t{n}", name) for n, name in enumerate(_names(rng, whole))))


def _policy(rng: Random, repository: EcrRepository) -> EcrRepository:
    """Perhaps a role, of whatever account, that may pull."""
    if rng.random() > 0.2:
        return repository
    account, _ = rng.choice(PLACES)
    arn = role_arn(rng.choice(("r", "shared", "nobody")), account=account)
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "ecr:BatchGetImage"}
    return replace(repository, policy=json.dumps({"Statement": [statement]}))


def _image(rng: Random, image: EcrImage) -> EcrImage:
    """Perhaps a scan, perhaps without a manifest."""
    if rng.random() < 0.2:
        counts = rng.choice((None, (), (("CRITICAL", rng.randint(0, 3)),)))
        at = days_ago(rng.choice((1, 2, 3)))
        status = rng.choice(("COMPLETE", "FAILED"))
        image = replace(image, scan=image_scan(status, completed_at=at, counts=counts))
    if rng.random() < 0.1:
        unread = {"manifest_read": False, "config_digest": None, "children": (), "layers": ()}
        image = replace(image, type=ImageType.UNKNOWN, media_type="", **unread)
    return image


__all__ = ["OPTIONS", "REGION", "estate"]
