"""Roles of IAM: every reading call, and the records made of the responses.

A scan calls ``GetAccountAuthorizationDetails(Filter=[Role])``, which alone returns trust, policies,
boundary, instance profiles, tags and RoleLastUsed; ListRoles lacks the last three (IAM API,
ListRoles). A single role is read by its own calls and put in the same shape.
"""

from __future__ import annotations

import hashlib
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import Gap, Kind, Role
from jotgraph.records.json_text import parsed
from jotgraph.records.mentions import names_in
from jotgraph.records.references import lambda_target
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.times import utc


@dataclass(frozen=True)
class RoleRead:
    """The roles of one account."""

    roles: tuple[Role, ...] = ()
    gaps: tuple[Gap, ...] = ()


def read_roles(place: RegionClient) -> RoleRead:
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


def read_role(place: RegionClient, name: str) -> Role:
    """Read one role, by its own calls. Raises CallFailedError."""
    detail = get_role(place, name)
    detail["AttachedManagedPolicies"] = attached_policies(place, name)
    detail["RolePolicyList"] = inline_policies(place, name)
    detail["InstanceProfileList"] = instance_profiles(place, name)
    return role_of(place.account, detail)


def get_role(place: RegionClient, name: str) -> dict[str, Any]:
    return dict(place.ask("iam", "GetRole", "Role", RoleName=name)["Role"])


def attached_policies(place: RegionClient, name: str) -> list[Any]:
    return _list(place, "ListAttachedRolePolicies", "AttachedPolicies", name)


def inline_policies(place: RegionClient, name: str) -> list[Any]:
    """Return every inline policy of a role: its name and document."""
    names = _list(place, "ListRolePolicies", "PolicyNames", name)
    return [get_inline_policy(place, name, policy) for policy in names]


def get_inline_policy(place: RegionClient, name: str, policy: str) -> Mapping[str, Any]:
    return place.ask("iam", "GetRolePolicy", "PolicyDocument", RoleName=name, PolicyName=policy)


def instance_profiles(place: RegionClient, name: str) -> list[Any]:
    return _list(place, "ListInstanceProfilesForRole", "InstanceProfiles", name)


def _list(place: RegionClient, action: str, members: str, name: str) -> list[Any]:
    return list(place.pages("iam", action, members, token="Marker", RoleName=name).whole())


def exact_trust(place: RegionClient, name: str) -> str:
    """Return the trust policy of a role byte for byte. botocore parses it and loses its whitespace
    (botocore/handlers.py, ``json_decode_policies``); the raw response has it, percent-encoded (IAM
    API, GetRole). Raises CallFailedError."""
    events = place.aws.client("iam", place.region).meta.events
    bodies: list[bytes] = []

    def note(response_dict: Mapping[str, Any], **_: object) -> None:
        bodies.append(response_dict["body"])

    events.register("before-parse.iam.GetRole", note)
    try:
        role = get_role(place, name)
    finally:
        events.unregister("before-parse.iam.GetRole", note)
    parsed = document(role.get("AssumeRolePolicyDocument"))
    for body in bodies[-1:]:
        for element in ElementTree.fromstring(body).iter():
            text = unquote(element.text or "")
            if element.tag.endswith("}AssumeRolePolicyDocument") and document(text) == parsed:
                return text
    raise CallFailedError(Failure("error", f"the trust policy of {name} cannot be read exactly"))


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
        invokes=_invoked(
            policy.get("PolicyDocument") for policy in detail.get("RolePolicyList") or ()
        ),
        boundary=(detail.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", ""),
        instance_profiles=tuple(
            sorted(p["InstanceProfileName"] for p in detail.get("InstanceProfileList") or ())
        ),
        tags=tuple(sorted((t["Key"], t["Value"]) for t in detail.get("Tags") or ())),
        last_used_at=utc(used.get("LastUsedDate")),
        last_used_region=used.get("Region", ""),
    )


def _invoked(policies: Iterable[Any]) -> tuple[str, ...]:
    """The ARNs of Lambda in the documents of policies. To call a version by its ARN leaves no other
    trace; a role that is passed shows its last use, and a log group its writers."""
    return tuple(
        sorted(
            {
                name
                for policy in policies
                for text in _TEXT.findall(document(policy))
                for name in names_in(text)
                if lambda_target(name) and _covers(text, name)
            }
        )
    )


_TEXT = re.compile(r'"([^"]*)"')
"""A string of a JSON document; no ARN has a quotation mark."""


def _covers(pattern: str, name: str) -> bool:
    """Whether an element of a policy means what its beginning names: ``pay-*`` does not mean
    ``pay``, while ``pay:*`` means the function's versions."""
    if "*" not in pattern and "?" not in pattern:
        return True
    return fnmatchcase(name, pattern) or pattern.startswith(f"{name}:")


def document(policy: Any) -> str:
    """Return a policy document as canonical JSON; botocore decodes IAM's into a dict."""
    if not policy:
        return ""
    try:
        statements = parsed(policy) if isinstance(policy, str) else policy
    except ValueError:
        return str(policy)
    return json.dumps(statements, sort_keys=True, separators=(",", ":"))


def document_hash(policy: Any) -> str:
    """sha256 of a policy document as canonical JSON."""
    return hashlib.sha256(document(policy).encode()).hexdigest()
