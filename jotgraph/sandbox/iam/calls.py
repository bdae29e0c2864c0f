"""IAM: pages of GetAccountAuthorizationDetails, and conflicts that moto lets pass.

Corrections to moto 5.2: MaxItems and Marker; LocalManagedPolicy entries with names and ids; a
policy in use cannot be deleted; AWS's own policies can be attached without loading all of them.
Roles, policies, instance profiles and their other calls are moto's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from jotgraph.sandbox.wire import AwsError, Reply, Request, query_reply
from jotgraph.sandbox.world import Handler, World, iam_backend

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
FILTERS = ("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy")
AWS_POLICY = "arn:aws:iam::aws:policy/"


def get_account_authorization_details(world: World, request: Request) -> Reply:
    """100 entities a page, or MaxItems up to 1000, of the kinds that Filter names, all kinds when
    none is named (API_GetAccountAuthorizationDetails). Documents are URL-encoded (RFC 3986)."""
    kinds = [value for key, value in request.params.items() if key.startswith("Filter.member.")]
    bad = [kind for kind in kinds if kind not in FILTERS]
    if bad:
        raise AwsError("ValidationError", f"Value '{bad[0]}' at 'filter' failed to satisfy enum")
    size = int(request.text("MaxItems", "100"))
    if not 1 <= size <= 1000:
        raise AwsError("ValidationError", f"Value '{size}' at 'maxItems' must be from 1 to 1000")
    page, marker = world.page(
        request,
        lambda: _entities(iam_backend(request.account), kinds or FILTERS),
        size,
        request.params.get("Marker"),
        "ValidationError",
    )
    lists: dict[str, list[str]] = {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
    }
    for kind, entity in page:
        lists[kind].append(f"<member>{_RENDER[kind](entity)}</member>")
    inner = "".join(f"<{kind}>{''.join(rows)}</{kind}>" for kind, rows in lists.items())
    inner += f"<IsTruncated>{'true' if marker else 'false'}</IsTruncated>"
    if marker:
        inner += f"<Marker>{marker}</Marker>"
    return query_reply(request.action, inner, NAMESPACE)


def _entities(backend: Any, kinds: Iterable[str]) -> list[tuple[str, Any]]:
    entities: list[tuple[str, Any]] = []
    if "User" in kinds:
        entities += [("UserDetailList", user) for user in backend.users.values()]
    if "Group" in kinds:
        entities += [("GroupDetailList", group) for group in backend.groups.values()]
    if "Role" in kinds:
        profiles: dict[str, list[Any]] = {}
        for profile in backend.instance_profiles.values():
            for role in profile.roles:
                profiles.setdefault(role.id, []).append(profile)
        roles = sorted(backend.roles.values(), key=lambda role: role.name)
        entities += [("RoleDetailList", (role, profiles.get(role.id, ()))) for role in roles]
    for policy in backend.managed_policies.values():
        kind = "AWSManagedPolicy" if policy.arn.startswith(AWS_POLICY) else "LocalManagedPolicy"
        if kind in kinds:
            entities.append(("Policies", policy))
    return entities


def _tag(name: str, value: Any) -> str:
    """One element; None is left out; times in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        value = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    elif isinstance(value, bool):
        value = "true" if value else "false"
    return f"<{name}>{escape(str(value))}</{name}>"


def _members(name: str, members: Iterable[str]) -> str:
    return f"<{name}>{''.join(f'<member>{member}</member>' for member in members)}</{name}>"


def _attached(entity: Any) -> str:
    return _members(
        "AttachedManagedPolicies",
        (
            _tag("PolicyName", arn.rpartition("/")[2]) + _tag("PolicyArn", arn)
            for arn in entity.managed_policies
        ),
    )


def _inline(name: str, entity: Any) -> str:
    policies = entity.policies
    if not isinstance(policies, dict):
        policies = {policy["policy_name"]: policy["policy_document"] for policy in policies}
    return _members(
        name,
        (
            _tag("PolicyName", key) + _tag("PolicyDocument", quote(document, safe=""))
            for key, document in policies.items()
        ),
    )


def _tags(tags: Any) -> str:
    rows = tags.values() if isinstance(tags, dict) else tags or ()
    return _members("Tags", (_tag("Key", t["Key"]) + _tag("Value", t["Value"]) for t in rows))


def _core(kind: str, entity: Any) -> str:
    return (
        _tag("Path", entity.path)
        + _tag(f"{kind}Name", entity.name)
        + _tag(f"{kind}Id", entity.id)
        + _tag("Arn", entity.arn)
        + _tag("CreateDate", entity.create_date)
    )


def _role_core(role: Any) -> str:
    trust = quote(role.assume_role_policy_document or "", safe="")
    return _core("Role", role) + _tag("AssumeRolePolicyDocument", trust)


def _role(entity: tuple[Any, Iterable[Any]]) -> str:
    role, profiles = entity
    shown = _role_core(role) + _inline("RolePolicyList", role) + _attached(role) + _tags(role.tags)
    shown += _members(
        "InstanceProfileList",
        (
            _core("InstanceProfile", profile) + _members("Roles", [_role_core(role)])
            for profile in profiles
        ),
    )
    if role.permissions_boundary_arn:
        shown += (
            "<PermissionsBoundary><PermissionsBoundaryType>PermissionsBoundaryPolicy"
            "</PermissionsBoundaryType>"
            + _tag("PermissionsBoundaryArn", role.permissions_boundary_arn)
            + "</PermissionsBoundary>"
        )
    used = _tag("LastUsedDate", role.last_used) + _tag("Region", role.last_used_region)
    return f"{shown}<RoleLastUsed>{used}</RoleLastUsed>"


def _holder(kind: str, holder: Any) -> str:
    """A UserDetail or GroupDetail, without a user's groups."""
    return _core(kind, holder) + _inline(f"{kind}PolicyList", holder) + _attached(holder)


def _policy(policy: Any) -> str:
    """A ManagedPolicyDetail: name, id, ARN, path, counts and every version."""
    versions = (
        _tag("Document", quote(version.document or "", safe=""))
        + _tag("VersionId", version.version_id)
        + _tag("IsDefaultVersion", version.is_default)
        + _tag("CreateDate", version.create_date)
        for version in policy.versions
    )
    return (
        _tag("PolicyName", policy.name)
        + _tag("PolicyId", policy.id)
        + _tag("Arn", policy.arn)
        + _tag("Path", policy.path)
        + _tag("DefaultVersionId", policy.default_version_id)
        + _tag("AttachmentCount", policy.attachment_count)
        + _tag("PermissionsBoundaryUsageCount", 0)
        + _tag("IsAttachable", True)
        + _tag("CreateDate", policy.create_date)
        + _tag("UpdateDate", policy.update_date)
        + _members("PolicyVersionList", versions)
    )


_RENDER: Mapping[str, Any] = {
    "UserDetailList": partial(_holder, "User"),
    "GroupDetailList": partial(_holder, "Group"),
    "RoleDetailList": _role,
    "Policies": _policy,
}


def check_policy_unused(world: World, request: Request) -> None:
    """ "Before you can delete a managed policy, you must first detach the policy from all users,
    groups, and roles that it is attached to", and delete all versions but the default
    (API_DeletePolicy). What remains is moto's."""
    policy = iam_backend(request.account).managed_policies.get(request.text("PolicyArn"))
    if policy is None:
        return
    if policy.attachment_count:
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    if len(policy.versions) > 1:
        raise AwsError(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy.",
            409,
        )


def note_use(request: Request) -> None:
    """Record a role's last use when its session calls anything: "The date and time … that the
    role was last used", and where (API_RoleLastUsed); moto notes it for its own calls only, and
    without the region."""
    key = iam_backend(request.account).access_keys.get(request.access_key)
    arn = getattr(key, "role_arn", None)
    for role in iam_backend(request.account).roles.values() if arn else ():
        if role.arn == arn:
            role.last_used, role.last_used_region = datetime.now(UTC), request.region


def know_aws_policy(world: World, request: Request) -> None:
    """Make AWS's managed policy known when it is first attached; moto then attaches it."""
    arn = request.text("PolicyArn")
    if arn.startswith(AWS_POLICY):
        aws_policy(request.account, arn)


def aws_policy(account: str, arn: str) -> Any:
    """moto's object for a policy that AWS manages, made up when it is first named."""
    from moto.iam.models import AWSManagedPolicy  # noqa: PLC0415 -- moto takes a second to import

    held = iam_backend(account).managed_policies
    if arn not in held:
        inside = arn.removeprefix(AWS_POLICY).rpartition("/")[0]
        data = {
            "Path": f"/{inside}/" if inside else "/",
            "CreateDate": "2015-02-06T18:40:58+00:00",
            "DefaultVersionId": "v1",
            "Document": {"Version": "2012-10-17", "Statement": []},
            "UpdateDate": "2015-02-06T18:40:58+00:00",
        }
        held[arn] = AWSManagedPolicy.from_data(arn.rpartition("/")[2], account, "us-east-1", data)
    return held[arn]


HANDLERS: Mapping[str, Handler] = {
    "AttachRolePolicy": know_aws_policy,
    "DeletePolicy": check_policy_unused,
    "GetAccountAuthorizationDetails": get_account_authorization_details,
}
