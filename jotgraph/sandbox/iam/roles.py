"""What is asked of one role, answered from moto's objects: a fifth of all calls of a deletion.

Corrections to moto 5.2: pages of every listing, with a marker only where more follows; a role that
is not there has no instance profiles to list; times in whole seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from jotgraph.sandbox.iam.entities import (
    NAMESPACE,
    members,
    profile_with_roles,
    role_alone,
    tag,
)
from jotgraph.sandbox.wire import AwsError, Reply, Request, query_reply
from jotgraph.sandbox.world import Handler, World, iam_backend


def role_named(request: Request) -> Any:
    """Find the role that a call names. Raises AwsError(NoSuchEntity)."""
    name = request.text("RoleName")
    for role in iam_backend(request.account).roles.values():
        if role.name == name:
            return role
    raise AwsError("NoSuchEntity", f"Role {name} not found", 404)


def get_role(world: World, request: Request) -> Reply:
    """Return a role without its policies (API_GetRole)."""
    shown = f"<Role>{role_alone(role_named(request))}</Role>"
    return query_reply(request.action, shown, NAMESPACE)


def get_role_policy(world: World, request: Request) -> Reply:
    """An inline policy, its document URL-encoded (API_GetRolePolicy)."""
    role, name = role_named(request), request.text("PolicyName")
    if name not in role.policies:
        message = f"Policy Document {name} not attached to role {role.name}"
        raise AwsError("NoSuchEntity", message, 404)
    shown = tag("RoleName", role.name) + tag("PolicyName", name)
    shown += tag("PolicyDocument", quote(role.policies[name], safe=""))
    return query_reply(request.action, shown, NAMESPACE)


def list_role_policies(world: World, request: Request) -> Reply:
    """Names of inline policies (API_ListRolePolicies)."""
    role = role_named(request)
    return _listed(world, request, "PolicyNames", lambda: [*role.policies], escape)


def list_attached_role_policies(world: World, request: Request) -> Reply:
    """Managed policies by name, those below PathPrefix (API_ListAttachedRolePolicies)."""
    role, prefix = role_named(request), request.text("PathPrefix", "/")

    def policies() -> list[Any]:
        below = (
            policy for policy in role.managed_policies.values() if policy.path.startswith(prefix)
        )
        return sorted(below, key=lambda policy: policy.name)

    return _listed(
        world,
        request,
        "AttachedPolicies",
        policies,
        lambda policy: tag("PolicyName", policy.name) + tag("PolicyArn", policy.arn),
    )


def list_instance_profiles_for_role(world: World, request: Request) -> Reply:
    """Instance profiles that hold a role (API_ListInstanceProfilesForRole)."""
    role = role_named(request)
    profiles = iam_backend(request.account).instance_profiles.values()
    return _listed(
        world,
        request,
        "InstanceProfiles",
        lambda: [profile for profile in profiles if role.name in (r.name for r in profile.roles)],
        profile_with_roles,
    )


def _listed(
    world: World,
    request: Request,
    name: str,
    items: Callable[[], list[Any]],
    show: Callable[[Any], str],
) -> Reply:
    """A page of 100 items, or of MaxItems up to 1000."""
    size = int(request.text("MaxItems", "100"))
    if not 1 <= size <= 1000:
        raise AwsError("ValidationError", f"Value '{size}' at 'maxItems' must be from 1 to 1000")
    page: Iterable[Any]
    page, marker = world.page(request, items, size, request.params.get("Marker"), "ValidationError")
    shown = members(name, map(show, page)) + tag("IsTruncated", marker is not None)
    return query_reply(request.action, shown + tag("Marker", marker), NAMESPACE)


HANDLERS: Mapping[str, Handler] = {
    "GetRole": get_role,
    "GetRolePolicy": get_role_policy,
    "ListAttachedRolePolicies": list_attached_role_policies,
    "ListInstanceProfilesForRole": list_instance_profiles_for_role,
    "ListRolePolicies": list_role_policies,
}
