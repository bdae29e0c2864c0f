"""The world of the sandbox: remembered and put back, and told by id."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from moto.core.model_instances import reset_model_data

from jotgraph.sandbox.ecs.common import DEFINITIONS, SERVICES
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Images, ecr_backend, iam_backend, logs_backend

ACCOUNT, REGION = "123456789012", "us-east-1"
State = dict[str, Any]
"""Everything there is, by id, in the sandbox's own words."""


def keep(aws: Sandbox) -> Callable[[], None]:
    """Remember the world; what is returned brings it back, without faults, policy or calls."""
    world = {key: value for key, value in aws.world.__dict__.items() if key != "endpoint"}
    repositories = ecr_backend(ACCOUNT, REGION).repositories
    replication = ecr_backend(ACCOUNT, REGION).replication_config
    tagger = ecr_backend(ACCOUNT, REGION).tagger
    identities = _identities(iam_backend(ACCOUNT))
    groups = dict(logs_backend(ACCOUNT, REGION).groups)
    held = copy.deepcopy((world, repositories, replication, tagger, identities))

    def restore() -> None:
        world, repositories, replication, tagger, identities = copy.deepcopy(held)
        aws.world.__dict__.update(world)
        ecr_backend(ACCOUNT, REGION).repositories = repositories
        ecr_backend(ACCOUNT, REGION).replication_config = replication
        ecr_backend(ACCOUNT, REGION).tagger = tagger
        iam_backend(ACCOUNT).__dict__.update(identities)
        logs_backend(ACCOUNT, REGION).groups = dict(groups)
        reset_model_data()  # moto refers to every copy that was ever made
        aws.app.allowed = None
        aws.calls.clear()
        aws.faults.clear()

    return restore


def _identities(iam: Any) -> dict[str, Any]:
    return {key: iam.__dict__[key] for key in ("roles", "instance_profiles", "managed_policies")}


def state(aws: Sandbox) -> State:
    """Everything in the sandbox's home account and region, but when images were last pulled."""
    found: State = {}
    for name, repository in ecr_backend(ACCOUNT, REGION).repositories.items():
        here = f"{ACCOUNT}/{REGION}/{name}"
        found[f"ecr-repo:{here}"] = (repository.policy, repository.lifecycle_policy)
        images = repository.images if isinstance(repository.images, Images) else Images()
        for digest, image in images.by_digest.items():
            found[f"ecr-image:{here}@{digest}"] = (image.manifest, sorted(image.tags))
    lambdas = aws.world.lambda_of(ACCOUNT, REGION)
    for name, function in lambdas.functions.items():
        here = f"{ACCOUNT}/{REGION}/{name}"
        whole = (function.policies, function.urls, function.tags, function.concurrency)
        found[f"function:{here}"] = copy.deepcopy((function.latest, *whole))
        for number, version in function.versions.items():
            found[f"version:{here}:{number}"] = dict(version)
        for alias, routed in function.aliases.items():
            found[f"alias:{here}:{alias}"] = dict(routed)
    for uuid, trigger in lambdas.triggers.items():
        steady = {k: v for k, v in trigger.items() if k not in _MOVING}
        found[f"trigger:{ACCOUNT}/{REGION}/{uuid}"] = steady
    return found | _roles() | _services(aws)


def _services(aws: Sandbox) -> State:
    """Services of ECS with what they are on, and the revisions that are active."""
    held = aws.world.kept
    found: State = {}
    for service in held.get((ACCOUNT, REGION, SERVICES), {}).values():
        name = service["serviceArn"].partition(":service/")[2]
        on = service["taskDefinition"].rpartition("/")[2]
        whole = (on, service["status"], service["desiredCount"])
        found[f"workload:{ACCOUNT}/{REGION}/ecs/service/{name}"] = whole
    for name, definition in held.get((ACCOUNT, REGION, DEFINITIONS), {}).items():
        if definition["status"] == "ACTIVE":
            found[f"task-definition:{ACCOUNT}/{REGION}/{name}"] = (
                [container["image"] for container in definition["containerDefinitions"]],
                definition.get("tags") or [],
            )
    return found


_MOVING = frozenset({"LastModified", "StateTransitionReason", "RevisionId"})


def _roles() -> State:
    iam = iam_backend(ACCOUNT)
    profiles: dict[str, list[str]] = {}
    for profile in iam.instance_profiles.values():
        for role in profile.roles:
            profiles.setdefault(role.name, []).append(profile.name)
    return {
        f"role:{ACCOUNT}{role.path}{role.name}": (
            role.id,
            role.assume_role_policy_document,
            sorted(role.managed_policies),
            dict(role.policies),
            role.permissions_boundary_arn,
            sorted(profiles.get(role.name, ())),
        )
        for role in iam.roles.values()
    }
