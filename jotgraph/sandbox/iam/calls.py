"""IAM: pages of GetAccountAuthorizationDetails, and conflicts that moto lets pass.

Corrections to moto 5.2: MaxItems and Marker; LocalManagedPolicy entries with names and ids; a
policy in use cannot be deleted; AWS's own policies can be attached without loading all of them.
What is asked of one role again and again is answered in ``roles``; policies, instance profiles and
their other calls are moto's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from jotgraph.sandbox.iam import roles
from jotgraph.sandbox.iam.entities import NAMESPACE, RENDER
from jotgraph.sandbox.wire import AwsError, Reply, Request, query_reply
from jotgraph.sandbox.world import Handler, World, iam_backend

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
        lists[kind].append(f"<member>{RENDER[kind](entity)}</member>")
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
    """Create AWS's managed policy in moto when it is first attached; moto then attaches it."""
    arn = request.text("PolicyArn")
    if arn.startswith(AWS_POLICY):
        aws_policy(request.account, arn)


def aws_policy(account: str, arn: str) -> Any:
    """moto's object for a policy that AWS manages, made up when it is first named."""
    from moto.iam.models import AWSManagedPolicy  # noqa: PLC0415 -- moto takes a second to import

    policies = iam_backend(account).managed_policies
    if arn not in policies:
        inside = arn.removeprefix(AWS_POLICY).rpartition("/")[0]
        data = {
            "Path": f"/{inside}/" if inside else "/",
            "CreateDate": "2015-02-06T18:40:58+00:00",
            "DefaultVersionId": "v1",
            "Document": {"Version": "2012-10-17", "Statement": []},
            "UpdateDate": "2015-02-06T18:40:58+00:00",
        }
        policies[arn] = AWSManagedPolicy.from_data(
            arn.rpartition("/")[2], account, "us-east-1", data
        )
    return policies[arn]


HANDLERS: Mapping[str, Handler] = {
    "AttachRolePolicy": know_aws_policy,
    "DeletePolicy": check_policy_unused,
    "GetAccountAuthorizationDetails": get_account_authorization_details,
    **roles.HANDLERS,
}
