"""IAM's roles of one account: one paged call in, Role records out.

``GetAccountAuthorizationDetails(Filter=[Role])`` alone gives trust, policies, boundary, instance
profiles, tags and RoleLastUsed; ListRoles lacks the last three (IAM API, ListRoles).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jotgraph.records import Gap, Kind, Role
from jotgraph.sources.aws.calls import Place
from jotgraph.sources.aws.times import utc


@dataclass(frozen=True)
class RoleRead:
    """The roles of one account."""

    roles: tuple[Role, ...] = ()
    gaps: tuple[Gap, ...] = ()


def read_roles(place: Place) -> RoleRead:
    """Read every role of the account that ``place`` is in."""
    listing = place.pages(
        "iam",
        "GetAccountAuthorizationDetails",
        "RoleDetailList",
        token="Marker",
        Filter=["Role"],
        MaxItems=1000,
    )
    roles = tuple(role_of(place.account, detail) for detail in listing.items)
    if listing.failure is None:
        return RoleRead(roles)
    gap = place.gap("iam", "GetAccountAuthorizationDetails", listing.failure, hides=(Kind.ROLE,))
    return RoleRead(roles, (gap,))


def role_of(account: str, detail: Mapping[str, Any]) -> Role:
    """Make a record of one RoleDetail."""
    used = detail.get("RoleLastUsed") or {}
    return Role(
        account=account,
        name=detail["RoleName"],
        path=detail.get("Path") or "/",
        arn=detail.get("Arn", ""),
        role_id=detail.get("RoleId", ""),
        created_at=utc(detail.get("CreateDate")),
        trust=document(detail.get("AssumeRolePolicyDocument")),
        attached=tuple(sorted(p["PolicyArn"] for p in detail.get("AttachedManagedPolicies") or ())),
        inline=tuple(
            sorted(
                (policy["PolicyName"], document_hash(policy.get("PolicyDocument")))
                for policy in detail.get("RolePolicyList") or ()
            )
        ),
        boundary=(detail.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", ""),
        instance_profiles=tuple(
            sorted(p["InstanceProfileName"] for p in detail.get("InstanceProfileList") or ())
        ),
        tags=tuple(sorted((t["Key"], t["Value"]) for t in detail.get("Tags") or ())),
        last_used_at=utc(used.get("LastUsedDate")),
        last_used_region=used.get("Region", ""),
    )


def document(policy: Any) -> str:
    """Return a policy document as canonical JSON; botocore decodes IAM's into a dict."""
    if not policy:
        return ""
    try:
        parsed = json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return str(policy)
    return json.dumps(parsed, sort_keys=True, separators=(",", ":"))


def document_hash(policy: Any) -> str:
    """sha256 of a policy document as canonical JSON."""
    return hashlib.sha256(document(policy).encode()).hexdigest()
