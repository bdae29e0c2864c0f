"""Restores a role of IAM, under another id."""

from __future__ import annotations

import json

from jotgraph.apply.undo.restorer import Restorer
from jotgraph.records import last_name_of
from jotgraph.sources.aws.roles import instance_profiles


def role(restorer: Restorer) -> str:
    """Create a role with its documents, boundary, tags, policies and profiles."""
    answers = restorer.answers
    copy, name = answers["GetRole"], last_name_of(restorer.id)
    boundary = (copy.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    optional = {
        "Description": copy.get("Description"),
        "MaxSessionDuration": copy.get("MaxSessionDuration"),
        "PermissionsBoundary": boundary,
        "Tags": restorer.tags(copy.get("Tags")),
    }
    restorer.ask(
        "iam",
        "CreateRole",
        once=True,
        RoleName=name,
        Path=copy["Path"],
        AssumeRolePolicyDocument=restorer.before.get("trust")
        or json.dumps(copy["AssumeRolePolicyDocument"]),
        **{name: value for name, value in optional.items() if value},
    )
    for arn in answers["attached"]:
        restorer.ask("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
    for policy, document in answers["inline"].items():
        text = json.dumps(document)
        restorer.ask("iam", "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=text)
    for profile in sorted(set(answers["profiles"]) - _profiles(restorer, name)):
        words = {"RoleName": name, "InstanceProfileName": profile}
        restorer.ask("iam", "AddRoleToInstanceProfile", **words)
    return (
        f"with another id than {copy['RoleId']}: grants and policies that named the old role do "
        "not apply to it, and functions that used it may fail to decrypt their environment"
    )


def _profiles(restorer: Restorer, name: str) -> set[str]:
    """Profiles that an interrupted undo already added it to: again would exceed the limit of one
    role in a profile (IAM quotas)."""
    if not restorer.resuming:
        return set()
    profiles = instance_profiles(restorer.client, name)
    return {str(profile["InstanceProfileName"]) for profile in profiles}
