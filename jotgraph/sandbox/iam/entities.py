"""IAM's entities as XML, from moto's objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


def tag(name: str, value: Any) -> str:
    """One element; None is left out; times in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        value = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    elif isinstance(value, bool):
        value = "true" if value else "false"
    return f"<{name}>{escape(str(value))}</{name}>"


def members(name: str, members: Iterable[str]) -> str:
    return f"<{name}>{''.join(f'<member>{member}</member>' for member in members)}</{name}>"


def _attached(entity: Any) -> str:
    return members(
        "AttachedManagedPolicies",
        (
            tag("PolicyName", arn.rpartition("/")[2]) + tag("PolicyArn", arn)
            for arn in entity.managed_policies
        ),
    )


def _inline(name: str, entity: Any) -> str:
    policies = entity.policies
    if not isinstance(policies, dict):
        policies = {policy["policy_name"]: policy["policy_document"] for policy in policies}
    return members(
        name,
        (
            tag("PolicyName", key) + tag("PolicyDocument", quote(document, safe=""))
            for key, document in policies.items()
        ),
    )


def _tags(tags: Any) -> str:
    rows = tags.values() if isinstance(tags, dict) else tags or ()
    return members("Tags", (tag("Key", t["Key"]) + tag("Value", t["Value"]) for t in rows))


def core(kind: str, entity: Any) -> str:
    return (
        tag("Path", entity.path)
        + tag(f"{kind}Name", entity.name)
        + tag(f"{kind}Id", entity.id)
        + tag("Arn", entity.arn)
        + tag("CreateDate", entity.create_date)
    )


def _trusting(role: Any) -> str:
    trust = quote(role.assume_role_policy_document or "", safe="")
    return core("Role", role) + tag("AssumeRolePolicyDocument", trust)


def _limits_and_use(role: Any) -> str:
    """The permissions boundary, if there is one, and the last use."""
    shown = ""
    if role.permissions_boundary_arn:
        shown = (
            "<PermissionsBoundary><PermissionsBoundaryType>PermissionsBoundaryPolicy"
            "</PermissionsBoundaryType>"
            + tag("PermissionsBoundaryArn", role.permissions_boundary_arn)
            + "</PermissionsBoundary>"
        )
    used = tag("LastUsedDate", role.last_used) + tag("Region", role.last_used_region)
    return f"{shown}<RoleLastUsed>{used}</RoleLastUsed>"


def role_alone(role: Any) -> str:
    """Return a Role, as calls about one role show it."""
    return (
        _trusting(role)
        + tag("Description", role.description)
        + tag("MaxSessionDuration", role.max_session_duration)
        + (_tags(role.tags) if role.tags else "")
        + _limits_and_use(role)
    )


def profile_with_roles(profile: Any) -> str:
    """An InstanceProfile with the roles in it."""
    return (
        core("InstanceProfile", profile)
        + members("Roles", map(role_alone, profile.roles))
        + _tags(profile.tags)
    )


def _role(entity: tuple[Any, Iterable[Any]]) -> str:
    role, profiles = entity
    shown = _trusting(role) + _inline("RolePolicyList", role) + _attached(role) + _tags(role.tags)
    shown += members(
        "InstanceProfileList",
        (
            core("InstanceProfile", profile) + members("Roles", [_trusting(role)])
            for profile in profiles
        ),
    )
    return shown + _limits_and_use(role)


def _holder(kind: str, holder: Any) -> str:
    """A UserDetail or GroupDetail, without a user's groups."""
    return core(kind, holder) + _inline(f"{kind}PolicyList", holder) + _attached(holder)


def _policy(policy: Any) -> str:
    """A ManagedPolicyDetail: name, id, ARN, path, counts and every version."""
    versions = (
        tag("Document", quote(version.document or "", safe=""))
        + tag("VersionId", version.version_id)
        + tag("IsDefaultVersion", version.is_default)
        + tag("CreateDate", version.create_date)
        for version in policy.versions
    )
    return (
        tag("PolicyName", policy.name)
        + tag("PolicyId", policy.id)
        + tag("Arn", policy.arn)
        + tag("Path", policy.path)
        + tag("DefaultVersionId", policy.default_version_id)
        + tag("AttachmentCount", policy.attachment_count)
        + tag("PermissionsBoundaryUsageCount", 0)
        + tag("IsAttachable", True)
        + tag("CreateDate", policy.create_date)
        + tag("UpdateDate", policy.update_date)
        + members("PolicyVersionList", versions)
    )


RENDER: Mapping[str, Any] = {
    "UserDetailList": partial(_holder, "User"),
    "GroupDetailList": partial(_holder, "Group"),
    "RoleDetailList": _role,
    "Policies": _policy,
}
