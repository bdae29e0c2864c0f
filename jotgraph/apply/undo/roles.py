"""IAM: a role, with another id."""

from __future__ import annotations

import json

from jotgraph.apply.undo.restorer import Maker
from jotgraph.sources.aws.roles import instance_profiles


def role(make: Maker) -> str:
    """Documents, boundary, tags, policies and profiles as they were."""
    answers = make.answers
    found, name = answers["GetRole"], make.id.rpartition("/")[2]
    boundary = (found.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    optional = {
        "Description": found.get("Description"),
        "MaxSessionDuration": found.get("MaxSessionDuration"),
        "PermissionsBoundary": boundary,
        "Tags": make.tags(found.get("Tags")),
    }
    make.ask(
        "iam",
        "CreateRole",
        once=True,
        RoleName=name,
        Path=found["Path"],
        AssumeRolePolicyDocument=make.before.get("trust")
        or json.dumps(found["AssumeRolePolicyDocument"]),
        **{key: each for key, each in optional.items() if each},
    )
    for arn in answers["attached"]:
        make.ask("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
    for policy, document in answers["inline"].items():
        text = json.dumps(document)
        make.ask("iam", "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=text)
    for profile in sorted(set(answers["profiles"]) - _profiles(make, name)):
        words = {"RoleName": name, "InstanceProfileName": profile}
        make.ask("iam", "AddRoleToInstanceProfile", **words)
    return (
        f"with another id than {found['RoleId']}: grants and policies that named the old one do "
        "not know it, and functions that used it may fail to decrypt their environment"
    )


def _profiles(make: Maker, name: str) -> set[str]:
    """Profiles that an interrupted undo has put it into already: a second time would be above
    the limit of one role in a profile (IAM quotas)."""
    if not make.resuming:
        return set()
    held = instance_profiles(make.place(), name)
    return {str(profile["InstanceProfileName"]) for profile in held}
