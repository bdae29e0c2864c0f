"""Make an organization of the sandbox, and the roles by which one account reads the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jotgraph.sandbox.seed.functions import role
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Member, Organization


def organization(
    aws: Sandbox,
    names: Mapping[str, str],
    *,
    suspended: Iterable[str] = (),
    closing: Iterable[str] = (),
    delegated: Iterable[str] = (),
) -> None:
    """Put accounts, by id with their names, into an organization that the sandbox's own account
    manages. ``delegated`` may list them, too."""
    states = {**dict.fromkeys(suspended, "SUSPENDED"), **dict.fromkeys(closing, "PENDING_CLOSURE")}
    members = {
        account: Member(name, states.get(account, "ACTIVE"))
        for account, name in {aws.account: "management", **names}.items()
    }
    aws.world.organization = Organization(aws.account, members, frozenset(delegated))


def member_role(
    aws: Sandbox, account: str, name: str = "jotgraph", external_id: str | None = None
) -> str:
    """Make the role by which the sandbox's own account reads another; returns its ARN."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
        "Action": "sts:AssumeRole",
    }
    if external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return role(aws, name, trust=trust, account=account)


def opted_in(aws: Sandbox, account: str, regions: Iterable[str]) -> None:
    """Set the regions that an account has enabled; its keys are not valid in others."""
    aws.world.regions_of[account] = frozenset(regions)
