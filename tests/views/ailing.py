"""Estates in which everything goes wrong that can be said of a resource."""

from __future__ import annotations

import json
from random import Random
from typing import Any, TypeVar

import msgspec

from jotgraph.records import (
    Alias,
    ContentVerdict,
    EcrImage,
    EcrRepository,
    Function,
    Inventory,
    Role,
    Version,
)
from jotgraph.records.quarantine import QUARANTINED
from tests.factories import (
    HERE,
    LONG_AGO,
    OTHER_ACCOUNT,
    REGION,
    alias,
    commit,
    content_match,
    days_ago,
    deployment,
    digest,
    ecr_image,
    ecr_repository,
    estate,
    function,
    gap,
    git_repository,
    image_scan,
    image_test,
    inventory,
    local_image,
    role,
    touched,
    uri,
    version,
    workload,
)
from tests.oracle.worlds import world

SHAS = ("a" * 40, "b" * 40, "c" * 40)
_STATES: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"state": "Failed"},
    {"state": "Failed", "state_reason": "ImageDeleted"},
    {"state_reason": "ImageAccessDenied"},
    {"state": "Inactive", "state_reason": "Idle"},
    {"last_update_status": "Failed"},
    {"state": None, "tags": None},
)
_LINE = tuple(
    commit(sha, *SHAS[n + 1 : n + 2], committed_at=LONG_AGO, repositories=("git",))
    for n, sha in enumerate(SHAS)
)
_GIT = git_repository(key="git", head=SHAS[0], remote="https://github.com/acme/shop")
_MARK = ((QUARANTINED, "run-7 2026-02-20T10:00:00Z"),)


def rules(days: int) -> str:
    """A lifecycle policy that expires what was pushed so many days ago."""
    chosen = {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days"}
    rule = {"rulePriority": 1, "selection": {**chosen, "countNumber": days}}
    return json.dumps({"rules": [{**rule, "action": {"type": "expire"}}]})


def ailing(rng: Random) -> Inventory:
    """A random estate, and what may be wrong with any part of it."""
    whole = world(rng, revoked=True)
    return msgspec.structs.replace(
        whole,
        git=(_GIT,),
        commits=_LINE,
        functions=tuple(_configuration(rng, function) for function in whole.functions),
        versions=tuple(_configuration(rng, version) for version in whole.versions),
        aliases=tuple(_calls(rng, alias) for alias in whole.aliases),
        roles=tuple(_role(rng, role) for role in whole.roles),
        ecr_images=tuple(_image(rng, image) for image in whole.ecr_images),
        ecr_repositories=tuple(
            _repository(rng, repository) for repository in whole.ecr_repositories
        ),
    )


Configured = TypeVar("Configured", Function, Version)


def _configuration(rng: Random, configuration: Configured) -> Configured:
    """What Lambda says of it, what it was deployed from, and whether it was called."""
    fields: dict[str, Any] = dict(rng.choice(_STATES))
    if rng.random() < 0.1 and type(configuration) is Function:
        fields["tags"] = _MARK
    if rng.random() < 0.1:
        fields["image_uri"] = None
    fields["invocations"] = rng.choice((0, 3, 3, None))
    return msgspec.structs.replace(configuration, **fields)


def _calls(rng: Random, alias: Alias) -> Alias:
    return msgspec.structs.replace(alias, invocations=rng.choice((0, 3, None)))


def _role(rng: Random, role: Role) -> Role:
    """Perhaps created again, or in quarantine."""
    fields: dict[str, Any] = rng.choice(({}, {}, {"created_at": days_ago(0.2)}, {"tags": _MARK}))
    return msgspec.structs.replace(role, **fields)


_SCANS = (
    None,
    image_scan("FAILED"),
    image_scan("ACTIVE", counts=()),
    image_scan(completed_at=LONG_AGO, counts=(("CRITICAL", 2), ("HIGH", 1))),
)


def _image(rng: Random, image: EcrImage) -> EcrImage:
    """Perhaps scanned, or being restored, and labelled with a commit that is read, dirty, or of
    nowhere."""
    said = rng.choice(("", *SHAS, f"{SHAS[0]}-dirty", "e" * 40))
    labels = (
        ("org.opencontainers.image.revision", said),
        ("org.opencontainers.image.source", "https://github.com/acme/shop"),
    )
    status = "ACTIVATING" if rng.random() < 0.1 else image.status
    return msgspec.structs.replace(
        image,
        status=status,
        config_read=True,
        labels=labels if said else (),
        scan=rng.choice(_SCANS),
    )


def _repository(rng: Random, repository: EcrRepository) -> EcrRepository:
    return msgspec.structs.replace(
        repository, lifecycle=rng.choice(("", "", None, rules(10), rules(210), rules(900)))
    )


def _theirs(policy: str) -> Inventory:
    """A function that runs an image of another account."""
    code: dict[str, Any] = {
        "image_uri": f"{uri('app')}:v1",
        "resolved_image_uri": f"{uri('app')}@{ecr_image(1).digest}",
    }
    runs = function(account=OTHER_ACCOUNT, invocations=5, **code)
    places = (HERE, (OTHER_ACCOUNT, REGION))
    return inventory(
        ecr_repository(policy=policy),
        ecr_image(1, "v1"),
        role(account=OTHER_ACCOUNT),
        runs,
        places=places,
    )


_WELL = (ecr_repository(), ecr_image(1, "v1"), role())
_BUSY: dict[str, Any] = {"invocations": 5}

LITERAL: dict[str, Inventory] = {
    "another account's policy no longer lets us in": _theirs(""),
    "the role is gone": inventory(ecr_repository(), ecr_image(1, "v1"), function(**_BUSY)),
    "state Failed": inventory(*deployment(**_BUSY, state="Failed")),
    "no calls in the window": inventory(*deployment(invocations=0)),
    "Active, last update Failed": inventory(*deployment(**_BUSY, last_update_status="Failed")),
    "Active, ImageAccessDenied": inventory(*deployment(**_BUSY, state_reason="ImageAccessDenied")),
    "the image has critical vulnerabilities": inventory(
        ecr_repository(),
        ecr_image(1, "v1", scan=_SCANS[-1]),
        role(),
        function(**_BUSY),
        workload("web", uri("app:v1")),
    ),
    "the image was tested": inventory(
        *_WELL, function(**_BUSY), version(1, **_BUSY), alias("live", 1), image_test(1, "a", "b")
    ),
    "a test of a local copy failed": inventory(
        ecr_repository(),
        ecr_image(1, "v1", config_digest=digest(101)),
        role(),
        function(**_BUSY),
        workload("web", uri("app:v1")),
        local_image(101, "app:dev", config_digest=digest(101)),
        image_test(101, config_digest=digest(101), passed=False),
    ),
    "whether the image was tested is not known": inventory(
        ecr_repository(),
        ecr_image(1, "v1", manifest_read=False),
        role(),
        function(**_BUSY),
        image_test(101, config_digest=digest(101)),
    ),
    "the image is archived": inventory(
        ecr_repository(), ecr_image(1, "v1", status="ARCHIVED"), role(), function(**_BUSY)
    ),
    "the image is being restored": inventory(
        ecr_repository(), ecr_image(1, "v1", status="ACTIVATING"), role(), function(**_BUSY)
    ),
    "the image is gone": inventory(
        ecr_repository(), role(), function(**_BUSY), version(1, tag="v1"), alias("live", 1)
    ),
    "the image is gone and nobody calls": inventory(
        ecr_repository(), role(), function(invocations=0)
    ),
    "the image's repository was not read": inventory(
        role(), function(**_BUSY), gap("ecr:DescribeImages")
    ),
    "files of the image differ from every commit": inventory(
        *_WELL,
        function(**_BUSY),
        *_LINE,
        _GIT,
        content_match(
            ecr_image(1).id,
            *SHAS[:1],
            repository="git",
            verdict=ContentVerdict.NEAREST,
            modified=("api.py",),
            modified_count=1,
        ),
    ),
    "a newer image is in the repository, and nothing runs it": inventory(
        ecr_repository(),
        ecr_image(1, "v1"),
        ecr_image(2, "v2", pushed_at=days_ago(2)),
        role(),
        function(**_BUSY),
    ),
    "a local image was built after the last push": inventory(
        *_WELL, function(**_BUSY), local_image("built", "app:dev", created_at=days_ago(1))
    ),
    "the source is gone": inventory(
        *_WELL,
        function(**_BUSY),
        *_LINE,
        _GIT,
        content_match(
            ecr_image(1).id,
            *SHAS[:1],
            repository="git",
            maps=(("srv", "old"),),
            touched=touched(gone=("old",)),
        ),
    ),
    "all is well": inventory(*deployment(**_BUSY)),
    "there is one of each kind, and nothing is missing": estate(),
}
"""Worlds in which views once disagreed, and those next to them."""
