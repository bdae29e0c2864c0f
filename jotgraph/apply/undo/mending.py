"""Restores missing parts of existing resources: policies of a role, state of a trigger, names of a
local image."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from jotgraph.apply import docker, iam
from jotgraph.apply.undo import ecr
from jotgraph.apply.undo.restorer import Restorer
from jotgraph.apply.undo.triggers import enable
from jotgraph.records import Kind, Role, Trigger, last_name_of


def role(restorer: Restorer) -> str:
    """Restore what was removed from a role according to the journal."""
    iam.restore(restorer.session, restorer.id)
    return "it has all its policies"


def trigger(restorer: Restorer) -> str:
    return enable(restorer.session, restorer.id)


def local_image(restorer: Restorer) -> str:
    names = docker.names_taken(restorer.session, restorer.id)
    return _named(docker.tag_again(restorer.session, restorer.id, names))


def _named(elsewhere: list[str]) -> str:
    left = [f"{name} now names another image and was not moved" for name in elsewhere]
    return "; ".join(["it exists, with its names", *left])


MENDERS: Mapping[Kind, Callable[[Restorer], str]] = {
    Kind.ROLE: role,
    Kind.TRIGGER: trigger,
    Kind.LOCAL_IMAGE: local_image,
    Kind.ECR_IMAGE: ecr.tag_again,
}
"""By kind, the function that restores missing parts of an existing resource: a deletion removed
some, or somebody pushed the image again without its tags."""


def role_by_copy(restorer: Restorer) -> str:
    """Restore every policy and profile in the copy that the role lacks."""
    role, copy, name = (
        restorer.session.read(restorer.id),
        restorer.answers,
        last_name_of(restorer.id),
    )
    assert isinstance(role, Role)
    added = []
    for arn in sorted(set(copy["attached"]) - set(role.attached)):
        restorer.ask("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
        added.append(arn)
    for policy in sorted(set(copy["inline"]) - set(dict(role.inline))):
        text = json.dumps(copy["inline"][policy])
        restorer.ask("iam", "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=text)
        added.append(policy)
    for profile in sorted(set(copy["profiles"]) - set(role.instance_profiles)):
        words = {"RoleName": name, "InstanceProfileName": profile}
        restorer.ask("iam", "AddRoleToInstanceProfile", **words)
        added.append(profile)
    return f"it exists; put back: {', '.join(added)}" if added else "it has all its policies"


def trigger_by_copy(restorer: Restorer) -> str:
    """Enable the trigger if it was enabled."""
    was = restorer.answers["GetEventSourceMapping"].get("State")
    trigger_now = restorer.session.read(restorer.id)
    if was in ("Enabled", "Enabling", "Creating") and isinstance(trigger_now, Trigger):
        return enable(restorer.session, restorer.id)
    return "it exists"


def local_image_by_copy(restorer: Restorer) -> str:
    names = restorer.answers["inspect"].get("RepoTags") or ()
    return _named(docker.tag_again(restorer.session, restorer.id, names))


BY_COPY: Mapping[Kind, Callable[[Restorer], str]] = {
    Kind.ROLE: role_by_copy,
    Kind.TRIGGER: trigger_by_copy,
    Kind.LOCAL_IMAGE: local_image_by_copy,
    Kind.ECR_IMAGE: ecr.tag_again,
}
"""The same by comparison with the copy, when the journal is not reliable."""
